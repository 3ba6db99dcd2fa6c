//! The steps themselves, for one tenant and business day.

use anyhow::Result;
use catwing_domain::{BusinessDay, TenantId};
use catwing_ml_export::Window;
use catwing_quality::HealthSeverity;
use catwing_recovery::apply::Grouping;

use super::gate;
use crate::{
    Console, Session,
    commands::{backfill, fetching::Intake},
    journal::{Run, Step, StepEnd},
};

/// Whether a tenant has the step at all: shared data are not judged, and nothing is
/// planned of them.
pub(super) fn applies(step: Step, client: TenantId) -> bool {
    matches!(step, Step::Ingest | Step::TransformLoad) || backfill::aggregates(client)
}

/// Does a step.
pub(super) async fn perform(
    step: Step,
    session: &Session,
    (run, row): (&Run, i64),
    (client, day): (TenantId, BusinessDay),
    console: &Console,
) -> Result<StepEnd> {
    match step {
        Step::Ingest => ingest(session, run, client, day, console).await,
        Step::QualityGate => gate::judge(session, (run, row), (client, day), console).await,
        Step::TransformLoad => load(session, run, client, day, console).await,
        Step::HealthMonitor => health(session, row, client, day, console).await,
        Step::Aggregation => backfill::aggregate(session, client, console).await,
        Step::MlFeatures => export(session, client, day).await,
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
    let plan = backfill::applier(session, &loader, client, &run.id, Grouping::default())
        .plan()
        .await?;
    let mut pending = plan.pending;
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
    backfill::say_rebuild_due(client, &plan.rebuild_due, console);
    backfill::step_end(&report)
}

/// Step 4: what the loaded tables do, beside the days before. Whatever it finds, the run goes on.
async fn health(
    session: &Session,
    row: i64,
    client: TenantId,
    day: BusinessDay,
    console: &Console,
) -> Result<StepEnd> {
    let reports = catwing_quality::measure(&session.pool, client, row, day).await?;
    let shifts = reports
        .iter()
        .filter(|report| report.severity > HealthSeverity::Info);
    let shifts: Vec<_> = shifts.collect();
    for shift in &shifts {
        console.say(&format!("{}: {}", shift.severity.name(), shift.message));
    }
    Ok(StepEnd {
        rows_in: None,
        rows_out: Some(i64::try_from(reports.len())?),
        counts: serde_json::json!({ "measured": reports.len(), "shifts": shifts }),
    })
}

/// Step 9: the facts up to the day, as Parquet.
async fn export(session: &Session, client: TenantId, run_date: BusinessDay) -> Result<StepEnd> {
    let window = Window {
        from: None,
        run_date,
    };
    let (pool, store) = (&session.pool, &session.store);
    let report = Box::pin(catwing_ml_export::export(pool, store, client, window)).await?;
    let rows: u64 = report.files.iter().map(|file| file.rows).sum();
    Ok(StepEnd {
        rows_in: None,
        rows_out: Some(i64::try_from(rows)?),
        counts: serde_json::to_value(&report)?,
    })
}
