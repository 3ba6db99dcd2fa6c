//! `catwing run` and `catwing ingest`: the steps of a business day.

use anyhow::{Result, bail};
use catwing_domain::{BusinessDay, TenantId};
use catwing_recovery::apply::Grouping;

use super::{backfill, fetching::Intake};
use crate::{
    Console, Session,
    cli::{DayArgs, RunArgs},
    console::table,
    failure::{FAILED, Usage, told},
    journal::{Run, Step, StepEnd, StepReport, finished_before_failure},
    registry,
};

pub(super) async fn ingest_only(
    session: &Session,
    args: &DayArgs,
    console: &Console,
) -> Result<u8> {
    run_steps(
        session,
        args.client,
        args.date,
        &[Step::Ingest],
        true,
        console,
    )
    .await
}

pub(super) async fn run(session: &Session, args: &RunArgs, console: &Console) -> Result<u8> {
    let step = |text: &Option<String>, default: Step| match text {
        None => Ok(default),
        Some(text) => Step::named(text).ok_or_else(|| {
            let known: Vec<_> = Step::ALL
                .iter()
                .map(|step| format!("{} {}", step.number(), step.name()))
                .collect();
            Usage(format!("there is no step {text:?}: {}", known.join(", ")))
        }),
    };
    let (from, to) = (
        step(&args.from, Step::Ingest)?,
        step(&args.to, Step::TransformLoad)?,
    );
    let steps: Vec<_> = Step::ALL
        .iter()
        .copied()
        .filter(|step| (from..=to).contains(step))
        .collect();
    if steps.is_empty() {
        bail!(Usage("--from is behind --to".to_owned()));
    }
    let clients = match args.client {
        Some(client) => vec![client],
        None => registry::list(session)
            .await?
            .into_iter()
            .map(|tenant| tenant.client)
            .collect(),
    };
    let mut worst = 0;
    for client in &clients {
        match run_steps(session, *client, args.date, &steps, args.force, console).await {
            Ok(code) => worst = worst.max(code),
            Err(error) if clients.len() == 1 => return Err(error),
            Err(error) => {
                console.failed(&format!("{client}: {}", told(&error)));
                worst = FAILED;
            }
        }
    }
    Ok(worst)
}

async fn run_steps(
    session: &Session,
    client: TenantId,
    day: BusinessDay,
    steps: &[Step],
    force: bool,
    console: &Console,
) -> Result<u8> {
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
        if finished.contains(&step.number()) {
            reports.push(report(*step, "skipped", 0.0, serde_json::json!({})));
            continue;
        }
        let row = run.begin_step(session, *step, day).await?;
        let started = std::time::Instant::now();
        let done = match step {
            Step::Ingest => ingest(session, &run, client, day, console).await,
            Step::TransformLoad => load(session, &run, client, day, console).await,
        };
        let seconds = started.elapsed().as_secs_f64();
        match done {
            Ok(end) => {
                run.end_step(session, row, Ok(&end)).await?;
                reports.push(report(*step, "done", seconds, end.counts));
            }
            Err(error) => {
                reports.push(report(*step, "failed", seconds, serde_json::json!({})));
                failure = Some((row, error));
                break;
            }
        }
    }
    let (state, failure) = match failure {
        None => {
            run.end(session, None).await?;
            ("done", None)
        }
        Some((row, error)) => {
            run.fail(session, row, &told(&error)).await;
            ("failed", Some(error))
        }
    };
    let whole = serde_json::json!({ "run_id": run_id, "client": client, "date": day, "state": state, "steps": reports });
    console.result(&whole, || {
        let row = |step: &StepReport| {
            [
                step.name.clone(),
                step.state.clone(),
                format!("{:.2}", step.seconds),
            ]
        };
        format!(
            "{client} {day}: {state}\n{}",
            table(["step", "state", "seconds"], reports.iter().map(row))
        )
    })?;
    match failure {
        Some(error) => Err(error),
        None => Ok(0),
    }
}

fn report(step: Step, state: &str, seconds: f64, counts: serde_json::Value) -> StepReport {
    StepReport {
        name: step.name().to_owned(),
        state: state.to_owned(),
        seconds,
        counts,
    }
}

/// Step 1: what the tenant's sources have of the day.
async fn ingest(
    session: &Session,
    run: &Run,
    client: TenantId,
    day: BusinessDay,
    console: &Console,
) -> Result<StepEnd> {
    let mut intake = Intake::open(session, client, &run.id, [day]).await?;
    intake.day(day, console).await
}

/// Step 3: the deliveries of the day that the database lacks.
async fn load(
    session: &Session,
    run: &Run,
    client: TenantId,
    day: BusinessDay,
    console: &Console,
) -> Result<StepEnd> {
    let loader = session.loader();
    let mut pending = backfill::applier(session, &loader, client, &run.id, Grouping::default())
        .pending()
        .await?;
    pending.retain(|one| one.day() == day);
    let report = backfill::apply(
        session,
        &loader,
        client,
        &run.id,
        &pending,
        Grouping::default(),
        console,
    )
    .await?;
    backfill::step_end(&report)
}
