//! What the gate has found, read back from its journals.

use catwing_domain::{BusinessDay, TenantId};
use sea_orm::sqlx::{self, PgPool};
use serde::Serialize;
use serde_json::Value;

use crate::{QualityError, store::begin};

/// A run of the gate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FoundRun {
    /// The run's id in logs and in `catwing runs`.
    pub run_id: String,
    /// The business day.
    pub date: String,
    /// `passed`, `passed with warnings`, `halted`.
    pub decision: String,
    /// When it began, RFC 3339.
    pub started_at: String,
    /// What each check found: failed ones first, the gravest before the others.
    pub checks: Vec<FoundCheck>,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FoundCheck {
    /// Its name.
    pub check: String,
    /// Its kind's word.
    pub kind: String,
    /// How grave it is to fail it.
    pub severity: String,
    /// Whether it passed.
    pub is_passed: bool,
    /// What was measured.
    pub observed: Option<f64>,
    /// What was expected.
    pub expected: Option<f64>,
    /// Records or rows that the finding is about.
    pub affected_rows: i64,
    /// The delivery, a message and samples.
    pub details: Value,
}

/// A run's ordinal, id, day, decision and begin.
type RunRow = (i64, String, String, String, String);
/// A check's name, kind and severity, whether it passed, what was measured and expected, affected rows and
/// details.
type CheckRow = (
    String,
    String,
    String,
    bool,
    Option<f64>,
    Option<f64>,
    i64,
    String,
);

/// The newest run of the gate: that of a run, else that of a day, else of all. A run that only repeated
/// what a verdict says made no checks, and the one that made them is shown.
///
/// # Errors
/// [`QualityError::Begin`], [`QualityError::ReadFindings`].
pub async fn find(
    pool: &PgPool,
    tenant: TenantId,
    day: Option<BusinessDay>,
    run: Option<&str>,
) -> Result<Option<FoundRun>, QualityError> {
    let mut transaction = begin(pool, tenant).await?;
    let failed = |source| QualityError::ReadFindings { tenant, source };
    let query = "select checked.id, runs.run_key, checked.run_date::text as run_date, \
             decisions.name as decision, to_char(checked.started_at at time zone 'utc', \
             'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') as started_at \
         from data_quality_runs as checked \
         join pipeline_step_runs as steps on steps.id = checked.pipeline_step_run_id \
         join pipeline_runs as runs on runs.id = steps.pipeline_run_id \
         join data_quality_gate_decisions as decisions \
             on decisions.id = checked.data_quality_gate_decision_id \
         where ($1::text is null or checked.run_date = $1::text::date) \
             and ($2::text is null or runs.run_key = $2) \
         order by (checked.checks_total > 0) desc, checked.run_date desc, checked.id desc limit 1";
    let found: Option<RunRow> = sqlx::query_as(query)
        .bind(day.map(|day| day.to_string()))
        .bind(run)
        .fetch_optional(&mut *transaction)
        .await
        .map_err(failed)?;
    let Some((id, run_id, date, decision, started_at)) = found else {
        return Ok(None);
    };
    let query = "select checks.name, types.name as kind, \
             coalesce(reports.details ->> 'severity', severities.name) as severity, reports.is_passed, \
             reports.observed_value, reports.expected_value, reports.affected_rows, \
             coalesce(reports.details, '{}')::text as details \
         from data_quality_check_reports as reports \
         join data_quality_checks as checks on checks.id = reports.data_quality_check_id \
         join data_quality_check_types as types on types.id = checks.data_quality_check_type_id \
         join data_quality_severities as severities on severities.id = checks.data_quality_severity_id \
         where reports.data_quality_run_id = $1 \
         order by reports.is_passed, \
             array_position(array['critical', 'warning', 'info'], reports.details ->> 'severity'), checks.name";
    let rows: Vec<CheckRow> = sqlx::query_as(query)
        .bind(id)
        .fetch_all(&mut *transaction)
        .await
        .map_err(failed)?;
    let checks = rows.into_iter().map(|row| {
        let (check, kind, severity, is_passed, observed, expected, affected_rows, details) = row;
        FoundCheck {
            check,
            kind,
            severity,
            is_passed,
            observed,
            expected,
            affected_rows,
            details: serde_json::from_str(&details).unwrap_or_default(),
        }
    });
    Ok(Some(FoundRun {
        run_id,
        date,
        decision,
        started_at,
        checks: checks.collect(),
    }))
}
