//! The journals of the gate: what was checked, what was found, and what a delivery looked like.

use std::collections::BTreeMap;

use catwing_domain::{BusinessDay, Clock, Entity, RowKey, TableId, TenantId};
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection, PgPool, Postgres, Transaction};

use crate::{
    QualityError,
    check::{Check, file_kind, tables_of, word},
    gate::{Delivered, Finding, Sample},
};

/// Bytes that a key of a staged record may have.
const KEY_BYTES_MAX: usize = 256;
/// Characters that a reason of a staged record may have.
const REASON_CHARS_MAX: usize = 1_000;

/// What the gate decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nothing failed.
    Passed,
    /// Something failed, and nothing critical.
    PassedWithWarnings,
    /// A delivery is refused.
    Halted,
}

impl Decision {
    /// What findings come to.
    #[must_use]
    pub fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let mut decision = Self::Passed;
        for finding in findings {
            if finding.is_critical() {
                return Self::Halted;
            }
            if !finding.is_passed {
                decision = Self::PassedWithWarnings;
            }
        }
        decision
    }

    /// Its word in `data_quality_gate_decisions`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::PassedWithWarnings => "passed with warnings",
            Self::Halted => "halted",
        }
    }
}

/// A run of the gate, to be written down.
pub struct GateRun<'g> {
    /// The attempt's row in `pipeline_step_runs`.
    pub step_run: i64,
    /// The business day.
    pub day: BusinessDay,
    /// When it began, RFC 3339.
    pub started_at: String,
    /// What it decided.
    pub decision: Decision,
    /// Every check, as it was in force.
    pub checks: &'g [Check],
}

/// A delivery with what was found of it.
pub struct Judged<'g> {
    /// The delivery.
    pub delivered: Delivered<'g>,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// Opens a transaction in the tenant's schemas, as its loader.
pub(crate) async fn begin(
    pool: &PgPool,
    tenant: TenantId,
) -> Result<Transaction<'static, Postgres>, QualityError> {
    let failed = |source| QualityError::Begin { tenant, source };
    let mut transaction = pool.begin().await.map_err(failed)?;
    let settings = format!(
        "set local role {}; set local search_path to {}, {}, pg_temp",
        tenant.loader_role(),
        tenant.schema(),
        TableId::StagingBatches.schema(tenant),
    );
    sqlx::raw_sql(AssertSqlSafe(settings))
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    Ok(transaction)
}

/// Writes a run of the gate down: its checks, its findings, and the batch that it looked at. Of several
/// deliveries, a check's gravest finding stands for all.
///
/// # Errors
/// [`QualityError::Begin`], [`QualityError::Record`].
pub async fn record(
    pool: &PgPool,
    tenant: TenantId,
    run: &GateRun<'_>,
    judged: &[Judged<'_>],
    clock: &dyn Clock,
) -> Result<(), QualityError> {
    let mut transaction = begin(pool, tenant).await?;
    let failed = |source| QualityError::Record { tenant, source };
    write_checks(&mut transaction, run.checks)
        .await
        .map_err(failed)?;
    let gravest = gravest(judged.iter().flat_map(|one| &one.findings));
    let id = write_run(&mut transaction, tenant, run, &gravest, clock)
        .await
        .map_err(failed)?;
    write_reports(&mut transaction, id, &gravest)
        .await
        .map_err(failed)?;
    if !judged.is_empty() {
        let batch = write_batch(&mut transaction, tenant, run.day, id, clock);
        let batch = batch.await.map_err(failed)?;
        for one in judged {
            write_files(&mut transaction, batch, one)
                .await
                .map_err(failed)?;
        }
    }
    transaction.commit().await.map_err(failed)
}

/// Of each check the finding that failed, before the one that passed; of two, the first.
fn gravest<'f>(findings: impl Iterator<Item = &'f Finding>) -> Vec<&'f Finding> {
    let mut by_check = BTreeMap::<&str, &Finding>::new();
    for finding in findings {
        let kept = by_check.entry(&finding.check).or_insert(finding);
        if kept.is_passed && !finding.is_passed {
            *kept = finding;
        }
    }
    by_check.into_values().collect()
}

async fn write_checks(connection: &mut PgConnection, checks: &[Check]) -> Result<(), sqlx::Error> {
    let statement = "insert into data_quality_checks as held (name, data_quality_check_type_id, \
             data_quality_severity_id, staging_entity_type_id, threshold, parameters, is_active) \
         select * from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::float8[], \
             $6::text[]::jsonb[], $7::bool[]) \
         on conflict (name) do update set \
             data_quality_check_type_id = excluded.data_quality_check_type_id, \
             data_quality_severity_id = excluded.data_quality_severity_id, \
             staging_entity_type_id = excluded.staging_entity_type_id, \
             threshold = excluded.threshold, parameters = excluded.parameters, is_active = excluded.is_active \
         where (held.data_quality_check_type_id, held.data_quality_severity_id, held.staging_entity_type_id, \
                 held.threshold, held.parameters, held.is_active) \
             is distinct from (excluded.data_quality_check_type_id, excluded.data_quality_severity_id, \
                 excluded.staging_entity_type_id, excluded.threshold, excluded.parameters, excluded.is_active)";
    let each = |of: fn(&Check) -> i64| checks.iter().map(of).collect::<Vec<_>>();
    let names: Vec<_> = checks.iter().map(|check| check.name.clone()).collect();
    let parameters = checks.iter().map(|check| {
        serde_json::json!({ "kind": check.kind.name(), "entity": check.entity.name() }).to_string()
    });
    let thresholds: Vec<_> = checks.iter().map(|check| check.threshold).collect();
    let active: Vec<_> = checks.iter().map(|check| check.is_active).collect();
    sqlx::query(statement)
        .bind(names)
        .bind(each(|check| {
            word(TableId::DataQualityCheckTypes, check.kind.type_name())
        }))
        .bind(each(|check| {
            word(TableId::DataQualitySeverities, check.severity.name())
        }))
        .bind(each(|check| file_type(check.entity)))
        .bind(thresholds)
        .bind(parameters.collect::<Vec<_>>())
        .bind(active)
        .execute(connection)
        .await?;
    Ok(())
}

fn file_type(entity: Entity) -> i64 {
    word(TableId::StagingEntityTypes, file_kind(entity))
}

async fn write_run(
    connection: &mut PgConnection,
    tenant: TenantId,
    run: &GateRun<'_>,
    findings: &[&Finding],
    clock: &dyn Clock,
) -> Result<i64, sqlx::Error> {
    let failed = findings.iter().filter(|finding| !finding.is_passed).count();
    let statement = "insert into data_quality_runs (pipeline_step_run_id, run_date, raw_prefix, \
             data_quality_gate_decision_id, checks_total, checks_failed, started_at, finished_at) \
         values ($1, $2::date, $3, $4, $5, $6, $7::timestamptz, greatest($7::timestamptz, $8::timestamptz)) \
         returning id";
    sqlx::query_scalar(AssertSqlSafe(in_text(statement)))
        .bind(run.step_run)
        .bind(run.day.to_string())
        .bind(format!("raw-data/{tenant}/{}/", run.day))
        .bind(word(TableId::DataQualityGateDecisions, run.decision.name()))
        .bind(i32::try_from(findings.len()).unwrap_or(i32::MAX))
        .bind(i32::try_from(failed).unwrap_or(i32::MAX))
        .bind(run.started_at.clone())
        .bind(clock.now().to_string())
        .fetch_one(connection)
        .await
}

/// Dates and instants are handed over as text, which only a cast from text takes.
fn in_text(statement: &str) -> String {
    statement
        .replace("::date", "::text::date")
        .replace("::timestamptz", "::text::timestamptz")
}

async fn write_reports(
    connection: &mut PgConnection,
    run: i64,
    findings: &[&Finding],
) -> Result<(), sqlx::Error> {
    let statement = "insert into data_quality_check_reports (data_quality_run_id, data_quality_check_id, \
             is_passed, observed_value, expected_value, affected_rows, details) \
         select $1, checks.id, told.is_passed, told.observed, told.expected, told.affected, told.details \
         from unnest($2::text[], $3::bool[], $4::float8[], $5::float8[], $6::bigint[], $7::text[]::jsonb[]) \
             as told (name, is_passed, observed, expected, affected, details) \
         join data_quality_checks as checks on checks.name = told.name";
    let names: Vec<_> = findings.iter().map(|one| one.check.clone()).collect();
    let passed: Vec<_> = findings.iter().map(|one| one.is_passed).collect();
    let observed: Vec<_> = findings.iter().map(|one| one.observed).collect();
    let expected: Vec<_> = findings.iter().map(|one| one.expected).collect();
    let affected = findings
        .iter()
        .map(|one| i64::try_from(one.affected_rows).unwrap_or(i64::MAX));
    let details = findings.iter().map(|one| {
        serde_json::json!({
            "entry": one.entry, "severity": one.severity, "message": one.message,
            "measures": one.measures, "samples": one.samples,
        })
        .to_string()
    });
    sqlx::query(statement)
        .bind(run)
        .bind(names)
        .bind(passed)
        .bind(observed)
        .bind(expected)
        .bind(affected.collect::<Vec<_>>())
        .bind(details.collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

async fn write_batch(
    connection: &mut PgConnection,
    tenant: TenantId,
    day: BusinessDay,
    run: i64,
    clock: &dyn Clock,
) -> Result<i64, sqlx::Error> {
    let client = RowKey::of_shared("client_config", &[Some(&tenant.to_string())]);
    let statement = "insert into staging_batches (client_config_id, batch_date, data_quality_run_id, received_at) \
         values ($1, $2::date, $3, $4::timestamptz) \
         on conflict (client_config_id, batch_date) \
             do update set data_quality_run_id = excluded.data_quality_run_id \
         returning id";
    sqlx::query_scalar(AssertSqlSafe(in_text(statement)))
        .bind(client.map_or(0, RowKey::bits))
        .bind(day.to_string())
        .bind(run)
        .bind(clock.now().to_string())
        .fetch_one(connection)
        .await
}

/// Writes what a delivery looked like; what an earlier judgement wrote of it goes.
async fn write_files(
    connection: &mut PgConnection,
    batch: i64,
    judged: &Judged<'_>,
) -> Result<(), sqlx::Error> {
    let delivered = &judged.delivered;
    let mut ids = Vec::new();
    for (index, object) in delivered.objects.iter().enumerate() {
        let mut of_object = delivered.counts.range((index, Entity::Products)..);
        let of_object = of_object.by_ref().take_while(|((at, _), _)| *at == index);
        let of_object: Vec<_> = of_object.collect();
        let rows: u64 = of_object
            .iter()
            .map(|(_, counts)| counts.records_read)
            .sum();
        let entity = of_object.first().map(|((_, entity), _)| *entity);
        let statement = "insert into staging_files (staging_batch_id, staging_entity_type_id, s3_key, checksum, \
                 size_bytes, row_count) values ($1, $2, $3, $4, $5, $6) \
             on conflict (s3_key) do update set staging_batch_id = excluded.staging_batch_id, \
                 row_count = excluded.row_count \
             returning id";
        let id: i64 = sqlx::query_scalar(statement)
            .bind(batch)
            .bind(entity.map(file_type))
            .bind(&object.key)
            .bind(object.sha256.to_string())
            .bind(i64::try_from(object.size_bytes).unwrap_or(i64::MAX))
            .bind(i64::try_from(rows).unwrap_or(i64::MAX))
            .fetch_one(&mut *connection)
            .await?;
        ids.push(id);
    }
    for table in ["staging_column_profiles", "staging_records"] {
        let statement = format!("delete from {table} where staging_file_id = any($1)");
        sqlx::query(AssertSqlSafe(statement))
            .bind(&ids)
            .execute(&mut *connection)
            .await?;
    }
    write_profiles(connection, &ids, delivered).await?;
    write_samples(connection, &ids, judged).await
}

async fn write_profiles(
    connection: &mut PgConnection,
    ids: &[i64],
    delivered: &Delivered<'_>,
) -> Result<(), sqlx::Error> {
    let profile = delivered.profile;
    let (mut files, mut names) = (Vec::new(), Vec::new());
    let (mut nulls, mut distinct) = (Vec::new(), Vec::new());
    let (mut means, mut deviations) = (Vec::new(), Vec::new());
    for entity in crate::check::entities() {
        let object = profile.first_object(entity.table());
        let Some(file) = object.and_then(|object| ids.get(object)) else {
            continue;
        };
        for table in tables_of(entity) {
            let Some(rows) = profile.tables.get(&table) else {
                continue;
            };
            for (column, counted) in &rows.columns {
                files.push(*file);
                names.push(format!("{}.{}", table.name(), column.name));
                nulls.push(i64::try_from(counted.nulls).unwrap_or(i64::MAX));
                distinct.push(i64::try_from(counted.distinct()).unwrap_or(i64::MAX));
                means.push(counted.numbers.mean());
                deviations.push(counted.numbers.stddev());
            }
        }
    }
    let statement = "insert into staging_column_profiles (staging_file_id, column_name, null_count, \
             distinct_count, mean_value, stddev_value) \
         select * from unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::float8[], $6::float8[])";
    sqlx::query(statement)
        .bind(files)
        .bind(names)
        .bind(nulls)
        .bind(distinct)
        .bind(means)
        .bind(deviations)
        .execute(connection)
        .await?;
    Ok(())
}

/// Keeps the records that failed checks point to.
async fn write_samples(
    connection: &mut PgConnection,
    ids: &[i64],
    judged: &Judged<'_>,
) -> Result<(), sqlx::Error> {
    let failed = judged.findings.iter().filter(|finding| !finding.is_passed);
    let mut samples = BTreeMap::<(i64, u64), &Sample>::new();
    for sample in failed.flat_map(|finding| &finding.samples) {
        let mut objects = judged.delivered.objects.iter();
        let object = objects.position(|object| object.key == sample.object);
        if let Some(file) = object.and_then(|object| ids.get(object)) {
            samples.entry((*file, sample.ordinal)).or_insert(sample);
        }
    }
    let statement = "insert into staging_records (staging_file_id, record_number, external_id, payload, \
             is_valid, error_message) \
         select file, record, key, payload::jsonb, reason is null, reason \
         from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[]) \
             as told (file, record, key, payload, reason)";
    let keys = samples.values().map(|sample| {
        let key = sample.key.clone();
        key.filter(|key| !key.is_empty() && key.len() <= KEY_BYTES_MAX)
    });
    let payloads = samples.values().map(|sample| {
        serde_json::json!({ "field": sample.field, "value": sample.value, "record": sample.record })
            .to_string()
    });
    let reasons = samples.values().map(|sample| {
        let reason = sample.message.as_ref();
        reason.map(|reason| reason.chars().take(REASON_CHARS_MAX).collect::<String>())
    });
    let ordinals = samples
        .keys()
        .map(|(_, ordinal)| i64::try_from(*ordinal).unwrap_or(i64::MAX));
    sqlx::query(statement)
        .bind(samples.keys().map(|(file, _)| *file).collect::<Vec<_>>())
        .bind(ordinals.collect::<Vec<_>>())
        .bind(keys.collect::<Vec<_>>())
        .bind(payloads.collect::<Vec<_>>())
        .bind(reasons.collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}
