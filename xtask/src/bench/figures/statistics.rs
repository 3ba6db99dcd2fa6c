//! Statistics: all of them against plain SQL, and those of a day against all.

use std::cell::Cell;

use anyhow::Result;

use super::{Bench, Turn};
use crate::bench::meter::Sample;
use crate::bench::statistics;
use crate::bench::taken::{Measure, Taken, Unit};
use crate::bench::templates::Template;
use crate::bench::workload::TENANT;

/// All statistics, then those that a day's increment touches.
pub fn take(bench: &Bench<'_>) -> Result<Vec<Taken>> {
    Ok(vec![full(bench)?, of_a_day(bench)?])
}

fn refresh(bench: &Bench<'_>, database: &str) -> Result<Sample> {
    let arguments = ["stats", "refresh", "--client", TENANT];
    Ok(bench
        .program
        .run(bench.server, database, &arguments)?
        .sample)
}

fn full(bench: &Bench<'_>) -> Result<Taken> {
    let rows = Cell::new(0);
    let plain = |database: &str| {
        let folder = bench.program.folder();
        let sample = statistics::run(bench.server, database, bench.workload, folder)?;
        rows.set(statistics::compare(bench.server, database)?);
        Ok(sample)
    };
    let sides = bench.alternate([
        Turn {
            name: "catwing stats refresh",
            template: Template::WithoutStatistics,
            run: &|database| refresh(bench, database),
        },
        Turn {
            name: "psql, plain SQL (S)",
            template: Template::PlainStatistics,
            run: &plain,
        },
    ])?;
    let goals = [(Measure::Cpu, Some(0.40)), (Measure::Wall, None)];
    Ok(Taken::new("statistics", "statistics, full", sides, &goals).of(rows.get(), 0))
}

fn of_a_day(bench: &Bench<'_>) -> Result<Taken> {
    let sides = bench.alternate([
        Turn {
            name: "catwing stats refresh of a day",
            template: Template::Touched,
            run: &|database| refresh(bench, database),
        },
        Turn {
            name: "catwing stats refresh of all",
            template: Template::WithoutStatistics,
            run: &|database| refresh(bench, database),
        },
    ])?;
    let goals = [(Measure::Cpu, Some(0.05)), (Measure::Wall, None)];
    let taken = Taken::new(
        "statistics",
        "statistics after a day's increment",
        sides,
        &goals,
    );
    let milliseconds = taken.ours.median(Measure::Cpu) * 1_000.0;
    Ok(taken.with(
        "CPU, to compare sizes",
        milliseconds,
        Unit::Milliseconds,
        None,
    ))
}
