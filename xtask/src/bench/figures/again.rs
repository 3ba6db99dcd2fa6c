//! What was loaded before: the same files offered to the database again, and landed again.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::{Bench, Turn};
use crate::bench::meter::Sample;
use crate::bench::taken::{Measure, Taken};
use crate::bench::templates::Template;
use crate::bench::workload::{Erp, TENANT};
use crate::workspace::execute;

/// A backfill with nothing to do, and one after all days were fetched again.
pub fn take(bench: &Bench<'_>) -> Result<Vec<Taken>> {
    let load = |database: &str| backfill(bench, bench.program.home(), database);
    let again = bench.beside_first_time(Turn {
        name: "catwing backfill, all loaded",
        template: Template::Whole,
        run: &load,
    })?;
    let home = bench.program.folder().join("home-again");
    landed_again(bench, &home)?;
    let load = |database: &str| backfill(bench, &home, database);
    let landed = bench.beside_first_time(Turn {
        name: "catwing backfill, all landed again",
        template: Template::Whole,
        run: &load,
    })?;
    std::fs::remove_dir_all(&home)?;
    let goals = [(Measure::Cpu, Some(0.02)), (Measure::Wall, None)];
    Ok(vec![
        Taken::new("again", "the same files again", again, &goals),
        Taken::new("again", "the same files, landed again", landed, &goals),
    ])
}

fn backfill(bench: &Bench<'_>, home: &Path, database: &str) -> Result<Sample> {
    let arguments = ["backfill", "--client", TENANT];
    Ok(bench
        .program
        .run_at(home, bench.server, database, &arguments)?
        .sample)
}

/// Fetches every day once more, into a copy of the home: the archive finds that it has the same bytes.
fn landed_again(bench: &Bench<'_>, home: &Path) -> Result<()> {
    let program = bench.program;
    if home.exists() {
        std::fs::remove_dir_all(home)?;
    }
    execute(Command::new("cp").arg("-a").arg(program.home()).arg(home))?;
    let file = program.folder().join("tenant-again.toml");
    let erp = Erp::start(
        program,
        bench.server,
        bench.workload.size.shape(),
        TENANT,
        &file,
    )?;
    let database = "bench_run";
    bench.templates.copy(Template::Whole, database)?;
    for day in &bench.workload.days {
        erp.set_clock(day, "2")?;
        let arguments = ["ingest", "--client", TENANT, "--date", day];
        let command = program.command_at(home, bench.server, database, &arguments);
        program.measure(bench.server, erp.show_to(command), &arguments)?;
    }
    Ok(())
}
