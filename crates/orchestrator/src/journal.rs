//! Runs and their steps, as `pipeline_runs` and `pipeline_step_runs` record them, and the lock that
//! keeps a tenant to one run at a time.

use anyhow::{Result, bail};
use catwing_domain::{BusinessDay, Clock, TenantId};
use catwing_entity::{pipeline_runs, pipeline_step_runs};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, TransactionTrait,
    prelude::{DateTimeUtc, Expr},
    sqlx::{self, PgConnection},
};
use serde::Serialize;

use crate::{
    Session,
    failure::{Locked, told},
};

/// A step of the pipeline that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Brings in what the sources have.
    Ingest = 1,
    /// Judges what was brought in, before it is loaded.
    QualityGate = 2,
    /// Loads what the archive has.
    TransformLoad = 3,
    /// Looks at what is loaded, beside the days before.
    HealthMonitor = 4,
    /// Brings statistics up to date.
    Aggregation = 8,
    /// Exports facts as Parquet.
    MlFeatures = 9,
}

impl Step {
    /// Every step, in order.
    pub const ALL: &'static [Self] = &[
        Self::Ingest,
        Self::QualityGate,
        Self::TransformLoad,
        Self::HealthMonitor,
        Self::Aggregation,
        Self::MlFeatures,
    ];

    /// Its number among the 13.
    #[must_use]
    pub fn number(self) -> i32 {
        self as i32
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::QualityGate => "quality_gate",
            Self::TransformLoad => "transform_load",
            Self::HealthMonitor => "health_monitor",
            Self::Aggregation => "aggregation",
            Self::MlFeatures => "ml_features",
        }
    }

    /// The step with this number or name.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|step| step.name() == text || step.number().to_string() == text)
    }
}

/// How a run ends before its last step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// A step failed.
    Failed,
    /// The quality gate refused a delivery.
    Halted,
}

impl Stop {
    /// The state of the run and of its step.
    #[must_use]
    pub fn state(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Halted => "halted",
        }
    }
}

/// A tenant's run under way. Its lock dies with the process.
pub struct Run {
    client: TenantId,
    /// The run's id in logs, manifest entries and the ledger.
    pub id: String,
    row: i64,
    lock: PgConnection,
}

/// What a step ended with.
#[derive(Clone, Debug, Default)]
pub struct StepEnd {
    /// Records read.
    pub rows_in: Option<i64>,
    /// Rows written.
    pub rows_out: Option<i64>,
    /// Further counts.
    pub counts: serde_json::Value,
}

/// A step as reports show it.
#[derive(Clone, Debug, Serialize)]
pub struct StepReport {
    /// Its name.
    pub name: String,
    /// `done`, `failed`, `halted`, `skipped`.
    pub state: String,
    /// How long it took.
    pub seconds: f64,
    /// What it counted.
    pub counts: serde_json::Value,
}

impl Run {
    /// Begins a run. Runs of the tenant that never ended belong to processes that died: they are
    /// closed first.
    ///
    /// # Errors
    /// [`Locked`] where another run of the tenant is under way.
    pub async fn begin(
        session: &Session,
        client: TenantId,
        kind: &str,
        days: (BusinessDay, BusinessDay),
    ) -> Result<Self> {
        let mut lock = session.pool.acquire().await?.detach();
        let key = client.run_lock();
        let free: bool = sqlx::query_scalar("select pg_try_advisory_lock($1)")
            .bind(key)
            .fetch_one(&mut lock)
            .await?;
        if !free {
            bail!(Locked(format!(
                "another run of {client} is under way: wait for it, or see `catwing runs list --client {client}`"
            )));
        }
        let transaction = as_loader(session, client).await?;
        close_dead_runs(&transaction, session.clock.as_ref()).await?;
        let id = session.new_run_id(kind, client);
        let row = pipeline_runs::ActiveModel {
            run_key: Set(id.clone()),
            kind: Set(kind.to_owned()),
            from_day: Set(date(days.0)),
            thru_day: Set(date(days.1)),
            status: Set("running".to_owned()),
            started_at: Set(now(session.clock.as_ref())),
            ..Default::default()
        };
        let row = row.insert(&transaction).await?.id;
        transaction.commit().await?;
        tracing::info!(run = id, %client, kind, from = %days.0, thru = %days.1, "run began");
        Ok(Self {
            client,
            id,
            row,
            lock,
        })
    }

    /// Records the start of a step.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn begin_step(&self, session: &Session, step: Step, day: BusinessDay) -> Result<i64> {
        let transaction = as_loader(session, self.client).await?;
        let attempts = pipeline_step_runs::Entity::find()
            .filter(pipeline_step_runs::Column::RunDate.eq(date(day)))
            .filter(pipeline_step_runs::Column::StepNumber.eq(step.number()))
            .count(&transaction)
            .await?;
        let row = pipeline_step_runs::ActiveModel {
            pipeline_run_id: Set(self.row),
            run_date: Set(date(day)),
            step_number: Set(step.number()),
            step_name: Set(step.name().to_owned()),
            attempt: Set(i32::try_from(attempts)?.saturating_add(1)),
            status: Set("running".to_owned()),
            started_at: Set(now(session.clock.as_ref())),
            ..Default::default()
        };
        let id = row.insert(&transaction).await?.id;
        transaction.commit().await?;
        Ok(id)
    }

    /// Records a step that has nothing to do, or that an earlier attempt has done, so that a later
    /// attempt does not repeat it either.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn skip_step(&self, session: &Session, step: Step, day: BusinessDay) -> Result<()> {
        let row = self.begin_step(session, step, day).await?;
        let transaction = as_loader(session, self.client).await?;
        let update = pipeline_step_runs::ActiveModel {
            id: Set(row),
            finished_at: Set(Some(now(session.clock.as_ref()))),
            status: Set("skipped".to_owned()),
            ..Default::default()
        };
        update.update(&transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Records that a step was done.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn end_step(&self, session: &Session, row: i64, end: &StepEnd) -> Result<()> {
        let update = pipeline_step_runs::ActiveModel {
            status: Set("done".to_owned()),
            rows_in: Set(end.rows_in),
            rows_out: Set(end.rows_out),
            counts: Set(end.counts.is_object().then(|| end.counts.clone())),
            ..Default::default()
        };
        self.close_step(session, row, update).await
    }

    /// Records that a step failed, and with it the run: [`Self::stop`].
    pub async fn fail(self, session: &Session, row: i64, message: &str) {
        self.stop(session, row, Stop::Failed, message).await;
    }

    /// Records that a step ended the run before its last one. A database that is gone can't be told: what
    /// broke the step is what matters, and the next run closes this one.
    pub async fn stop(self, session: &Session, row: i64, stop: Stop, message: &str) {
        let id = self.id.clone();
        let update = pipeline_step_runs::ActiveModel {
            status: Set(stop.state().to_owned()),
            error_message: Set(Some(message.to_owned())),
            ..Default::default()
        };
        let recorded = match self.close_step(session, row, update).await {
            Ok(()) => self.end(session, Some((stop, message))).await,
            Err(error) => Err(error),
        };
        if let Err(error) = recorded {
            tracing::warn!(run = id, error = %told(&error), "the failure is not recorded");
        }
    }

    async fn close_step(
        &self,
        session: &Session,
        row: i64,
        update: pipeline_step_runs::ActiveModel,
    ) -> Result<()> {
        let transaction = as_loader(session, self.client).await?;
        let update = pipeline_step_runs::ActiveModel {
            id: Set(row),
            finished_at: Set(Some(now(session.clock.as_ref()))),
            ..update
        };
        update.update(&transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Records how the run ended, and lets the tenant go.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn end(mut self, session: &Session, stopped: Option<(Stop, &str)>) -> Result<()> {
        let transaction = as_loader(session, self.client).await?;
        let state = stopped.map_or("done", |(stop, _)| stop.state());
        let message = stopped.map(|(_, message)| message);
        let update = pipeline_runs::ActiveModel {
            id: Set(self.row),
            status: Set(state.to_owned()),
            error_message: Set(message.map(str::to_owned)),
            finished_at: Set(Some(now(session.clock.as_ref()))),
            ..Default::default()
        };
        update.update(&transaction).await?;
        transaction.commit().await?;
        // The server would notice a closed connection too, but not before the next run may begin.
        sqlx::query("select pg_advisory_unlock($1)")
            .bind(self.client.run_lock())
            .execute(&mut self.lock)
            .await?;
        tracing::info!(run = self.id, client = %self.client, state, message, "run ended");
        Ok(())
    }
}

/// Whether a run of the tenant is under way: one that died holds no lock.
///
/// # Errors
/// A database that does not answer.
pub async fn is_under_way(session: &Session, client: TenantId) -> Result<bool> {
    let query = "select exists (
        select from pg_locks
        where locktype = 'advisory' and granted and objsubid = 1
            and (classid::bigint << 32) | objid::bigint = $1
            and database = (select oid from pg_database where datname = current_database()))";
    Ok(sqlx::query_scalar(query)
        .bind(client.run_lock())
        .fetch_one(&session.pool)
        .await?)
}

/// The newest runs of a tenant.
///
/// # Errors
/// A database that does not answer.
pub async fn newest(
    session: &Session,
    client: TenantId,
    limit: u64,
) -> Result<Vec<pipeline_runs::Model>> {
    let transaction = as_loader(session, client).await?;
    let query = pipeline_runs::Entity::find()
        .order_by_desc(pipeline_runs::Column::Id)
        .limit(limit);
    Ok(query.all(&transaction).await?)
}

/// A run with its steps.
///
/// # Errors
/// A database that does not answer.
pub async fn find(
    session: &Session,
    client: TenantId,
    run: &str,
) -> Result<Option<(pipeline_runs::Model, Vec<pipeline_step_runs::Model>)>> {
    let transaction = as_loader(session, client).await?;
    let query = pipeline_runs::Entity::find().filter(pipeline_runs::Column::RunKey.eq(run));
    let Some(found) = query.one(&transaction).await? else {
        return Ok(None);
    };
    let steps = steps_of(&transaction, found.id).await?;
    Ok(Some((found, steps)))
}

/// The steps that the newest run of a day finished, if that run failed: a second one goes on behind them.
///
/// # Errors
/// A database that does not answer.
pub async fn finished_before_failure(
    session: &Session,
    client: TenantId,
    day: BusinessDay,
) -> Result<Vec<i32>> {
    let transaction = as_loader(session, client).await?;
    let newest = pipeline_runs::Entity::find()
        .filter(pipeline_runs::Column::Kind.eq("run"))
        .filter(pipeline_runs::Column::FromDay.eq(date(day)))
        .order_by_desc(pipeline_runs::Column::Id)
        .one(&transaction)
        .await?;
    let Some(run) = newest.filter(|run| run.status != "done") else {
        return Ok(Vec::new());
    };
    let steps = steps_of(&transaction, run.id).await?;
    let finished = steps
        .into_iter()
        .filter(|step| matches!(step.status.as_str(), "done" | "skipped"));
    Ok(finished.map(|step| step.step_number).collect())
}

/// A transaction in the tenant's schema, as the tenant's loader.
///
/// # Errors
/// A tenant that is not migrated, missing rights.
pub async fn as_loader(session: &Session, client: TenantId) -> Result<DatabaseTransaction> {
    let transaction = session.orm().begin().await?;
    let settings = format!(
        "set local role {}; set local search_path to {}, pg_temp",
        client.loader_role(),
        client.schema()
    );
    transaction.execute_unprepared(&settings).await?;
    Ok(transaction)
}

/// A calendar date as the database's entities have it.
#[must_use]
pub fn date(day: BusinessDay) -> sea_orm::prelude::Date {
    // 1970-01-01 is day 719,163 of the common era; a day's number has 16 bits, so it always fits.
    sea_orm::prelude::Date::from_num_days_from_ce_opt(719_163 + i32::from(day.number()))
        .unwrap_or_default()
}

async fn steps_of(
    transaction: &DatabaseTransaction,
    run: i64,
) -> Result<Vec<pipeline_step_runs::Model>> {
    let query = pipeline_step_runs::Entity::find()
        .filter(pipeline_step_runs::Column::PipelineRunId.eq(run))
        .order_by_asc(pipeline_step_runs::Column::Id);
    Ok(query.all(transaction).await?)
}

async fn close_dead_runs(transaction: &DatabaseTransaction, clock: &dyn Clock) -> Result<()> {
    const WHY: &str = "the process died; what it had committed is whole";
    let at = now(clock);
    pipeline_step_runs::Entity::update_many()
        .col_expr(pipeline_step_runs::Column::Status, Expr::value("failed"))
        .col_expr(pipeline_step_runs::Column::ErrorMessage, Expr::value(WHY))
        .col_expr(pipeline_step_runs::Column::FinishedAt, Expr::value(at))
        .filter(pipeline_step_runs::Column::Status.eq("running"))
        .exec(transaction)
        .await?;
    pipeline_runs::Entity::update_many()
        .col_expr(pipeline_runs::Column::Status, Expr::value("failed"))
        .col_expr(pipeline_runs::Column::ErrorMessage, Expr::value(WHY))
        .col_expr(pipeline_runs::Column::FinishedAt, Expr::value(at))
        .filter(pipeline_runs::Column::Status.eq("running"))
        .exec(transaction)
        .await?;
    Ok(())
}

fn now(clock: &dyn Clock) -> DateTimeUtc {
    let micros = clock.now().as_microsecond();
    DateTimeUtc::from_timestamp_micros(micros).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Step, date};

    #[test]
    fn days_are_the_same_dates_in_the_database() {
        for text in ["1970-01-01", "2010-12-01", "2024-02-29", "2149-06-06"] {
            assert_eq!(date(text.parse().unwrap()).to_string(), text);
        }
    }

    #[test]
    fn steps_go_by_number_or_name() {
        assert_eq!(Step::named("3"), Some(Step::TransformLoad));
        assert_eq!(Step::named("ingest"), Some(Step::Ingest));
        assert_eq!(Step::named("2"), Some(Step::QualityGate));
        assert_eq!(Step::named("health_monitor"), Some(Step::HealthMonitor));
        assert_eq!(Step::named("5"), None);
    }
}
