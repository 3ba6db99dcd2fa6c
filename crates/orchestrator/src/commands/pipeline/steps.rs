//! The steps themselves, for one tenant and business day.

use anyhow::Result;
use catwing_domain::{BusinessDay, TenantId};
use catwing_recovery::apply::Grouping;

use crate::{
    Console, Session,
    commands::{backfill, fetching::Intake},
    journal::{Run, Step, StepEnd},
    registry::count_of,
};

/// Whether a tenant has the step at all: of shared data nothing is planned.
pub(super) fn applies(step: Step, client: TenantId) -> bool {
    client != TenantId::GLOBAL || step <= Step::TransformLoad
}

/// Does a step.
pub(super) async fn perform(
    step: Step,
    session: &Session,
    run: &Run,
    (client, day): (TenantId, BusinessDay),
    console: &Console,
) -> Result<StepEnd> {
    match step {
        Step::Ingest => ingest(session, run, client, day, console).await,
        Step::TransformLoad => load(session, run, client, day, console).await,
        Step::Aggregation => aggregate(session, client, console).await,
        Step::MlFeatures => Ok(StepEnd::default()),
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

/// Step 8: statistics of what has changed since they were refreshed last.
async fn aggregate(session: &Session, client: TenantId, console: &Console) -> Result<StepEnd> {
    let report = catwing_stats::refresh(&session.pool, client).await?;
    if report.without_cost > 0 {
        console.say(&format!(
            "{} of stock have no known cost on their day: they count in quantities, not in values",
            count_of(report.without_cost as usize, "row")
        ));
    }
    Ok(StepEnd {
        rows_in: None,
        rows_out: Some(i64::try_from(report.rows_changed())?),
        counts: serde_json::to_value(&report)?,
    })
}
