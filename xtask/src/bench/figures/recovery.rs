//! A full rebuild from the archive against pg_restore of the same data.

use anyhow::Result;

use super::{Bench, Turn};
use crate::bench::meter::{self, Output};
use crate::bench::taken::{Measure, Taken};
use crate::bench::templates::{SCHEMAS, Template};
use crate::bench::workload::TENANT;
use crate::workspace::execute;

/// Statistics and digests are part of a rebuild.
pub fn rebuild(bench: &Bench<'_>) -> Result<Vec<Taken>> {
    let dump = bench.program.folder().join("whole.dump");
    bench.templates.ensure(Template::Whole)?;
    let mut pg_dump = bench.server.client("pg_dump", Template::Whole.database());
    pg_dump.args(["-Fc", "-f"]).arg(&dump);
    for schema in SCHEMAS {
        pg_dump.args(["-n", schema]);
    }
    execute(&mut pg_dump)?;
    let rebuild = |database: &str| {
        let arguments = ["recovery", "rebuild", "--client", TENANT, "--yes"];
        Ok(bench
            .program
            .run(bench.server, database, &arguments)?
            .sample)
    };
    let restore = |database: &str| {
        let mut command = bench.server.client("pg_restore", database);
        command
            .args(["-j2", "--exit-on-error", "-d", database])
            .arg(&dump);
        Ok(meter::run(bench.server, &mut command, Output::Thrown)?.sample)
    };
    let sides = bench.alternate([
        Turn {
            name: "catwing recovery rebuild",
            template: Template::Whole,
            run: &rebuild,
        },
        Turn {
            name: "pg_restore -j2 (P)",
            template: Template::Unrestored,
            run: &restore,
        },
    ])?;
    let goals = [(Measure::Wall, Some(1.6)), (Measure::Cpu, None)];
    Ok(vec![
        Taken::new("rebuild", "full rebuild", sides, &goals).of(0, bench.workload.raw_bytes),
    ])
}
