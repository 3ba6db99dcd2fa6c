//! The steps themselves, for one tenant and business day.

use anyhow::Result;
use catwing_domain::{BusinessDay, TenantId};
use catwing_recovery::apply::Grouping;

use crate::{
    Console, Session,
    commands::{backfill, fetching::Intake},
    journal::{Run, Step, StepEnd},
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
        Step::MlFeatures => export(session, client, day, console).await,
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
