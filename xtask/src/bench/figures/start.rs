//! How soon a command is at work: `catwing status` of a warm home.

use anyhow::Result;

use super::Bench;
use crate::bench::meter::{self, Output};
use crate::bench::taken::{Measure, Side, Taken, Unit};
use crate::bench::templates::Template;

/// Calls of each side.
const CALLS: usize = 20;

/// Beside it psql, which asks the server one question.
pub fn take(bench: &Bench<'_>) -> Result<Vec<Taken>> {
    let database = "bench_run";
    bench.templates.copy(Template::Whole, database)?;
    let mut status = Side {
        name: "catwing status".to_owned(),
        samples: Vec::new(),
    };
    let mut psql = Side {
        name: "psql -c 'select 1'".to_owned(),
        samples: Vec::new(),
    };
    // The first of each warms what it reads.
    for call in 0..=CALLS {
        let ours = bench
            .program
            .run(bench.server, database, &["status"])?
            .sample;
        let mut question = bench.server.psql(database);
        question.args(["-c", "select 1"]);
        let theirs = meter::run(bench.server, &mut question, Output::Thrown)?.sample;
        if call > 0 {
            status.samples.push(ours);
            psql.samples.push(theirs);
        }
    }
    bench.server.drop(database)?;
    let milliseconds = status.median(Measure::Wall) * 1_000.0;
    let taken = Taken::new("start", "start to first work", [status, psql], &[]);
    Ok(vec![taken.with(
        "wall",
        milliseconds,
        Unit::Milliseconds,
        Some(50.0),
    )])
}
