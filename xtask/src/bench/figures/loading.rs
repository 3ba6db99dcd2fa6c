//! Loading against the yardstick R: of an empty tenant, of one that has data, of a day.

use std::cell::RefCell;

use anyhow::{Context, Result};

use super::{Bench, Turn};
use crate::bench::flat::{Part, SCHEMA};
use crate::bench::meter;
use crate::bench::taken::{Measure, Side, Taken, Unit, ratio};
use crate::bench::templates::Template;
use crate::bench::upsert;
use crate::bench::workload::TENANT;

/// Raw JSON of all days into an empty tenant.
pub fn backfill(bench: &Bench<'_>) -> Result<Vec<Taken>> {
    let goals = [(Measure::Cpu, Some(0.55)), (Measure::Wall, Some(0.50))];
    let taken = loaded(
        bench,
        ("backfill", "backfill of an empty tenant"),
        [Template::Empty, Template::FlatEmpty],
        Part::Whole,
        &goals,
    )?;
    let whole = taken.beside.iter().flat_map(|side| side.samples.clone());
    bench.first_times.replace(whole.collect());
    Ok(vec![taken])
}

/// The later half of the days into a tenant that has the earlier half.
pub fn later(bench: &Bench<'_>) -> Result<Vec<Taken>> {
    let goals = [(Measure::Cpu, Some(0.95)), (Measure::Wall, Some(0.75))];
    let taken = loaded(
        bench,
        ("later", "backfill into a tenant that has data"),
        [Template::Half, Template::FlatHalf],
        Part::Later,
        &goals,
    )?;
    Ok(vec![taken])
}

/// The last day into a tenant that has all others.
pub fn increment(bench: &Bench<'_>) -> Result<Vec<Taken>> {
    let goals = [(Measure::Cpu, Some(1.3)), (Measure::Wall, None)];
    let taken = loaded(
        bench,
        ("increment", "a day's increment"),
        [Template::AllButLast, Template::FlatAllButLast],
        Part::Last,
        &goals,
    )?;
    Ok(vec![taken])
}

fn loaded(
    bench: &Bench<'_>,
    (figure, what): (&str, &str),
    [ours, flat]: [Template; 2],
    part: Part,
    goals: &[(Measure, Option<f64>)],
) -> Result<Taken> {
    let files = bench.templates.flat()?;
    let whole = RefCell::new(Vec::new());
    let load = |database: &str| {
        let arguments = ["backfill", "--client", TENANT];
        let metered = bench.program.run(bench.server, database, &arguments)?;
        let seconds = statistics_seconds(bench, database)?;
        let sample = meter::up_to(&metered, seconds);
        whole.borrow_mut().push(metered.sample);
        Ok(sample)
    };
    let folder = bench.program.folder();
    let upsert = |database: &str| upsert::run(bench.server, database, &files, part, folder);
    let sides = bench.alternate([
        Turn {
            name: "catwing backfill",
            template: ours,
            run: &load,
        },
        Turn {
            name: "psql upsert (R)",
            template: flat,
            run: &upsert,
        },
    ])?;
    let raw_bytes = match part {
        Part::Later => bench.workload.later_raw_bytes,
        Part::Last => bench.workload.last_raw_bytes,
        _ => bench.workload.raw_bytes,
    };
    let whole = Side {
        name: "catwing backfill and statistics".to_owned(),
        samples: whole.into_inner(),
    };
    let taken = Taken::new(figure, what, sides, goals).of(files.rows(part), raw_bytes);
    let value = ratio(
        whole.median(Measure::Cpu),
        taken.yardstick.median(Measure::Cpu),
    );
    let mut taken = taken.with("CPU, statistics included", value, Unit::Ratio, None);
    taken.beside = vec![whole];
    Ok(taken)
}

/// How long the last run has refreshed statistics, which it does after all else: the yardstick has none.
fn statistics_seconds(bench: &Bench<'_>, database: &str) -> Result<f64> {
    let sql = format!(
        "select coalesce(extract(epoch from finished_at - started_at), 0) from {SCHEMA}.pipeline_step_runs \
         where step_name = 'aggregation' order by id desc limit 1"
    );
    let answer = bench.server.sql(database, &sql)?;
    answer.parse().with_context(|| {
        format!("the run of `catwing backfill` has no finished step `aggregation`: {answer:?}")
    })
}
