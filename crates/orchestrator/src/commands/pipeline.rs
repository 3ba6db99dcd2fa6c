//! `catwing run` and `catwing ingest`: the steps of a business day, for a tenant or for all of them.

mod gate;
mod steps;

pub(super) use gate::{Reading, checks, read};

use anyhow::{Result, bail};
use catwing_domain::{BusinessDay, TenantId};
use futures_util::{StreamExt, stream};
use serde::Serialize;

use crate::{
    Console, Session,
    cli::{DayArgs, RunArgs},
    console::table,
    exit_code,
    failure::{Halted, Usage, told},
    journal::{Run, Step, StepReport, Stop, finished_before_failure},
    registry,
};

/// Tenants that run side by side where nobody says how many.
const JOBS_MAX: usize = 4;

/// Which steps of which day, and whether finished ones are repeated.
#[derive(Clone, Copy)]
struct Order<'a> {
    day: BusinessDay,
    steps: &'a [Step],
    force: bool,
}

/// What a run came to, as `--json` shows it.
#[derive(Debug, Serialize)]
pub(super) struct RunReport {
    run_id: String,
    client: TenantId,
    date: BusinessDay,
    /// `done`, `failed`, or `halted` where the quality gate refused.
    state: &'static str,
    pub(super) steps: Vec<StepReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

pub(super) async fn ingest_only(
    session: &Session,
    args: &DayArgs,
    console: &Console,
) -> Result<u8> {
    let order = Order {
        day: args.date,
        steps: &[Step::Ingest],
        force: true,
    };
    one(session, args.client, order, console).await
}

pub(super) async fn run(session: &Session, args: &RunArgs, console: &Console) -> Result<u8> {
    let steps = steps_between(args.from.as_deref(), args.to.as_deref())?;
    let order = Order {
        day: args.date,
        steps: &steps,
        force: args.force,
    };
    match args.client {
        Some(client) => one(session, client, order, console).await,
        None => all(session, order, args.jobs, console).await,
    }
}

fn steps_between(from: Option<&str>, to: Option<&str>) -> Result<Vec<Step>> {
    let known = || {
        let known: Vec<_> = Step::ALL
            .iter()
            .map(|step| format!("{} {}", step.number(), step.name()))
            .collect();
        known.join(", ")
    };
    let step = |text: Option<&str>| match text {
        None => Ok(None),
        Some(text) => Step::named(text)
            .map(Some)
            .ok_or_else(|| Usage(format!("there is no step {text:?}: {}", known()))),
    };
    let (from, to) = (step(from)?, step(to)?);
    let wanted =
        |step: &Step| from.is_none_or(|from| *step >= from) && to.is_none_or(|to| *step <= to);
    let steps: Vec<_> = Step::ALL.iter().copied().filter(wanted).collect();
    if steps.is_empty() {
        bail!(Usage("--from is behind --to".to_owned()));
    }
    Ok(steps)
}

/// Runs the steps for one tenant.
async fn one(
    session: &Session,
    client: TenantId,
    order: Order<'_>,
    console: &Console,
) -> Result<u8> {
    let (report, failure) = run_steps(session, client, order, console).await?;
    console.result(&report, || shown(&report))?;
    match failure {
        Some(error) => Err(error),
        None => Ok(0),
    }
}

/// Runs the steps for every tenant: the shared one first, since the others read its rates, then the
/// others side by side. One that fails does not stop the rest; the worst exit code is the command's.
async fn all(
    session: &Session,
    order: Order<'_>,
    jobs: Option<u8>,
    console: &Console,
) -> Result<u8> {
    let clients = registry::list(session).await?.into_iter();
    let (shared, others): (Vec<_>, Vec<_>) = clients
        .map(|tenant| tenant.client)
        .partition(|client| *client == TenantId::GLOBAL);
    let jobs = jobs.map_or_else(
        || {
            std::thread::available_parallelism()
                .map_or(1, usize::from)
                .min(JOBS_MAX)
        },
        usize::from,
    );
    let attempt = |client: TenantId| async move {
        let console = console.of(client);
        let done = run_steps(session, client, order, &console).await;
        let (report, failure) = match done {
            Ok((report, failure)) => (Some(report), failure),
            Err(error) => (None, Some(error)),
        };
        if let Some(error) = &failure {
            console.failed(&told(error));
        }
        (client, report, failure.as_ref().map_or(0, exit_code))
    };
    let mut ended = Vec::new();
    for client in shared {
        ended.push(Box::pin(attempt(client)).await);
    }
    let mut running = stream::iter(others)
        .map(|client| Box::pin(attempt(client)))
        .buffer_unordered(jobs);
    while let Some(end) = running.next().await {
        ended.push(end);
    }
    ended.sort_by_key(|(client, ..)| *client);
    let worst = ended.iter().map(|(.., code)| *code).max().unwrap_or(0);
    let reports: Vec<_> = ended
        .iter()
        .filter_map(|(_, report, _)| report.as_ref())
        .collect();
    let state = if worst == 0 { "done" } else { "failed" };
    let whole = serde_json::json!({ "date": order.day, "state": state, "tenants": reports });
    console.result(&whole, || {
        let reports: Vec<_> = reports.iter().map(|report| shown(report)).collect();
        reports.join("\n\n")
    })?;
    Ok(worst)
}

/// Runs every step of a day for a tenant, which the error of a step ends.
pub(super) async fn whole_day(
    session: &Session,
    client: TenantId,
    day: BusinessDay,
    console: &Console,
) -> Result<(RunReport, Option<anyhow::Error>)> {
    let order = Order {
        day,
        steps: Step::ALL,
        force: false,
    };
    run_steps(session, client, order, console).await
}

/// Runs the steps, each recorded; an error of a step ends the run, and comes back beside its report.
async fn run_steps(
    session: &Session,
    client: TenantId,
    order: Order<'_>,
    console: &Console,
) -> Result<(RunReport, Option<anyhow::Error>)> {
    let Order { day, steps, force } = order;
    registry::get(session, client).await?;
    let finished = if force {
        Vec::new()
    } else {
        finished_before_failure(session, client, day).await?
    };
    let run = Run::begin(session, client, "run", (day, day)).await?;
    let run_id = run.id.clone();
    let mut reports = Vec::new();
    let mut failure = None;
    for step in steps {
        if finished.contains(&step.number()) || !steps::applies(*step, client) {
            run.skip_step(session, *step, day).await?;
            reports.push(report(*step, "skipped", 0.0, serde_json::json!({})));
            continue;
        }
        let row = run.begin_step(session, *step, day).await?;
        let started = std::time::Instant::now();
        let done = Box::pin(steps::perform(
            *step,
            session,
            (&run, row),
            (client, day),
            console,
        ))
        .await;
        let seconds = started.elapsed().as_secs_f64();
        match done {
            Ok(end) => {
                run.end_step(session, row, &end).await?;
                reports.push(report(*step, "done", seconds, end.counts));
            }
            Err(error) => {
                let stop = match error.is::<Halted>() {
                    true => Stop::Halted,
                    false => Stop::Failed,
                };
                reports.push(report(*step, stop.state(), seconds, serde_json::json!({})));
                failure = Some((row, stop, error));
                break;
            }
        }
    }
    let (state, failure) = match failure {
        None => {
            run.end(session, None).await?;
            ("done", None)
        }
        Some((row, stop, error)) => {
            run.stop(session, row, stop, &told(&error)).await;
            (stop.state(), Some(error))
        }
    };
    let report = RunReport {
        run_id,
        client,
        date: day,
        state,
        steps: reports,
        error: failure.as_ref().map(told),
    };
    Ok((report, failure))
}

fn report(step: Step, state: &str, seconds: f64, counts: serde_json::Value) -> StepReport {
    StepReport {
        name: step.name().to_owned(),
        state: state.to_owned(),
        seconds,
        counts,
    }
}

fn shown(report: &RunReport) -> String {
    let row = |step: &StepReport| {
        [
            step.name.clone(),
            step.state.clone(),
            format!("{:.2}", step.seconds),
        ]
    };
    let steps = table(["step", "state", "seconds"], report.steps.iter().map(row));
    format!(
        "{} {}: {}\n{steps}",
        report.client, report.date, report.state
    )
}
