//! The most memory that commands have at once: those of other figures, and all of these.

use std::process::Command;

use anyhow::Result;

use super::Bench;
use crate::bench::templates::Template;
use crate::bench::workload::TENANT;
use crate::workspace::execute;

/// Runs each command once that no figure has run. What they write goes to a copy of the home.
pub fn take(bench: &Bench<'_>) -> Result<()> {
    let (program, last) = (bench.program, bench.workload.last());
    let commands: [(Template, &[&str]); 9] = [
        (Template::Empty, &["backfill", "--client", TENANT]),
        (
            Template::WithoutStatistics,
            &["stats", "refresh", "--client", TENANT],
        ),
        (Template::Whole, &["stats", "rebuild", "--client", TENANT]),
        (
            Template::Whole,
            &["export", "--client", TENANT, "--date", last],
        ),
        (
            Template::Whole,
            &["recovery", "rebuild", "--client", TENANT, "--yes"],
        ),
        (Template::Whole, &["digest", "--client", TENANT]),
        (
            Template::Whole,
            &["raw", "verify", "--client", TENANT, "--deep"],
        ),
        (Template::Whole, &["backup"]),
        (Template::Whole, &["status"]),
    ];
    let home = program.folder().join("home-memory");
    if home.exists() {
        std::fs::remove_dir_all(&home)?;
    }
    execute(Command::new("cp").arg("-a").arg(program.home()).arg(&home))?;
    let database = "bench_run";
    for (template, arguments) in commands {
        if program.has_peak(arguments) {
            continue;
        }
        bench.templates.copy(template, database)?;
        program.run_at(&home, bench.server, database, arguments)?;
    }
    bench.server.drop(database)?;
    std::fs::remove_dir_all(&home)?;
    Ok(())
}
