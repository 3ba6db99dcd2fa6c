//! A bulk load: a tenant's whole history into empty tables, at the price of its last versions.
//!
//! After [`Loader::begin_bulk`], loads of a [`Loader::bulk`] only stage, in unlogged tables that stay.
//! [`Loader::finish_bulk`] takes keys, indexes and foreign keys away from the tables of which rows are
//! staged, merges all that is staged at once, builds what was taken away, works out what follows from
//! the rows, and settles the books, each step in a transaction that also says that it is done: a process
//! that was killed goes on where it was. The result is that of loading delivery by delivery.

pub(crate) mod deliveries;
mod objects;
mod state;

use std::time::{Duration, Instant};

use catwing_domain::{
    Clock, Merge, TableId, TenantId,
    failpoint::{self, failpoint},
};
use futures_util::{StreamExt, TryStreamExt, stream};
use sea_orm::sqlx::{self, PgConnection, Postgres, Transaction};

use crate::{
    LoadError, LoadReport, Loader, PhaseSeconds, derive,
    derive::Replaced,
    load::settle,
    merge,
    merge::Written,
    presence,
    stage::{Keep, Stage, Staged},
    statement::{execute, fetch},
};
use objects::{Kind, Object};
use state::{ALIVE, advance, bare_tables, step_of};

/// Memory that the server may use to build one index.
const MAINTENANCE_MEM: &str = "256MB";
/// Indexes and keys that are built side by side, each by one process: helpers of one build would only
/// take turns with those of the other.
const BUILDS_IN_FLIGHT: usize = 2;

/// A step of finishing a bulk load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BulkStep {
    /// Winners are chosen of all staged rows.
    Merge,
    /// Keys and indexes are built.
    Index,
    /// What follows from rows, presence, accounts and the ledger.
    Settle,
    /// Foreign keys are added and checked.
    ForeignKeys,
    /// Staged rows are dropped.
    Clear,
}

impl BulkStep {
    const ALL: [Self; 5] = [
        Self::Merge,
        Self::Index,
        Self::Settle,
        Self::ForeignKeys,
        Self::Clear,
    ];

    /// The step's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Index => "index",
            Self::Settle => "settle",
            Self::ForeignKeys => "foreign keys",
            Self::Clear => "clear",
        }
    }

    /// The failpoint after the step.
    fn failpoint(self) -> &'static str {
        match self {
            Self::Merge => failpoint::BULK_AFTER_MERGE,
            Self::Index => failpoint::BULK_AFTER_INDEX,
            Self::Settle => failpoint::BULK_AFTER_SETTLE,
            Self::ForeignKeys => failpoint::BULK_AFTER_FOREIGN_KEYS,
            Self::Clear => failpoint::BULK_AFTER_CLEAR,
        }
    }
}

/// Told as steps go on.
#[derive(Clone, Copy, Debug)]
pub struct BulkProgress {
    /// The step under way.
    pub step: BulkStep,
    /// Parts of it that are done: indexes, keys.
    pub done: usize,
    /// Of so many.
    pub total: usize,
}

type Watch<'w> = &'w (dyn Fn(BulkProgress) + Send + Sync);

impl Loader {
    /// Makes a tenant's empty tables ready for a bulk load, or finds one that goes on. True where it
    /// goes on.
    ///
    /// # Errors
    /// [`LoadError::BulkLost`] where what was staged is gone: drop the schemas, migrate and begin
    /// anew; [`LoadError::Begin`], [`LoadError::Bulk`].
    pub async fn begin_bulk(&self, tenant: TenantId) -> Result<bool, LoadError> {
        let failed = |source| bulk_failed("begin", source);
        let mut transaction = self.own(tenant).await.map_err(failed)?;
        if step_of(&mut transaction).await.map_err(failed)?.is_some() {
            let alive: bool = sqlx::query_scalar(ALIVE)
                .persistent(false)
                .fetch_one(&mut *transaction)
                .await
                .map_err(failed)?;
            return if alive {
                Ok(true)
            } else {
                Err(LoadError::BulkLost { tenant })
            };
        }
        // Tables of the load itself go to the schema of what is not loaded yet, where all that the owner
        // makes is the loader's to fill.
        let schemas = tenant.schemas(self.site);
        let path = format!(
            "set local search_path to {}, {}",
            schemas.staging, schemas.main
        );
        for statement in [
            path.as_str(),
            objects::TABLES,
            deliveries::TABLES,
            state::TABLES,
        ] {
            execute(&mut transaction, statement.to_owned())
                .await
                .map_err(failed)?;
        }
        transaction.commit().await.map_err(failed)?;
        Ok(false)
    }

    /// Whether a bulk load of the tenant was begun here and is not finished.
    ///
    /// # Errors
    /// [`LoadError::Bulk`].
    pub async fn has_bulk(&self, tenant: TenantId) -> Result<bool, LoadError> {
        let failed = |source| bulk_failed("look for the state", source);
        let mut transaction = self.own(tenant).await.map_err(failed)?;
        let step = step_of(&mut transaction).await.map_err(failed)?;
        Ok(step.is_some())
    }

    /// Merges, builds and settles all that was staged. Where a process before was killed, goes on
    /// after the last step that was done; nothing is done where all are.
    ///
    /// # Errors
    /// Any; steps that were done stay done.
    pub async fn finish_bulk(
        &self,
        tenant: TenantId,
        clock: &dyn Clock,
        watch: Watch<'_>,
    ) -> Result<LoadReport, LoadError> {
        let mut report = LoadReport::default();
        let failed = |source| bulk_failed("look for the state", source);
        let mut transaction = self.own(tenant).await.map_err(failed)?;
        let done = step_of(&mut transaction).await.map_err(failed)?;
        transaction.rollback().await.map_err(failed)?;
        let Some(done) = done else {
            return Ok(report);
        };
        let rest = BulkStep::ALL
            .into_iter()
            .skip_while(|step| done != "stage" && step.name() != done)
            .skip(usize::from(done != "stage"));
        for step in rest {
            let progress = BulkProgress {
                step,
                done: 0,
                total: 1,
            };
            watch(progress);
            let started = Instant::now();
            match step {
                BulkStep::Merge => self.merge_all(tenant, &mut report).await?,
                BulkStep::Index => {
                    self.build(tenant, &[Kind::Key, Kind::Index], step, watch)
                        .await?
                }
                BulkStep::Settle => self.settle_all(tenant, clock, &mut report).await?,
                BulkStep::ForeignKeys => {
                    self.build(tenant, &[Kind::Foreign], step, watch).await?;
                    self.build(tenant, &[Kind::Shared], step, watch).await?;
                }
                BulkStep::Clear => self.clear(tenant).await?,
            }
            count_seconds(&mut report.phases, step, started.elapsed());
            failpoint(step.failpoint());
        }
        Ok(report)
    }

    /// The staging tables that a bulk load has filled.
    pub(crate) async fn kept_stage(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
    ) -> Result<Stage, sqlx::Error> {
        let keep = Keep {
            schema: tenant.schemas(self.site).staging,
            owner: tenant.owner_role(),
            loader: tenant.loader_role(),
        };
        Stage::kept(connection, keep).await
    }

    /// Takes keys, indexes and foreign keys away from the empty tables of which rows are staged, in a
    /// transaction of its own: it locks what all tenants share for a moment.
    async fn lay_bare(&self, tenant: TenantId) -> Result<(), sqlx::Error> {
        let mut transaction = self.own(tenant).await?;
        if !bare_tables(&mut transaction).await?.is_empty() {
            return transaction.rollback().await;
        }
        let stage = self.kept_stage(&mut transaction, tenant).await?;
        let filled = TableId::ALL
            .iter()
            .filter(|id| is_filled(**id) && stage.has(Staged::Rows(**id)));
        for id in filled {
            let rows = format!("select from {} limit 1", id.name());
            if fetch(&mut transaction, rows).await?.is_empty() {
                let note = format!("insert into bulk_tables values ('{}')", id.name());
                execute(&mut transaction, note).await?;
            }
        }
        objects::take_away(&mut transaction, &tenant.schemas(self.site)).await?;
        transaction.commit().await
    }

    /// Winners of all that is staged, in the order of their keys.
    async fn merge_all(&self, tenant: TenantId, report: &mut LoadReport) -> Result<(), LoadError> {
        let failed = |source| bulk_failed("merge what was staged", source);
        self.lay_bare(tenant).await.map_err(failed)?;
        let mut transaction = self.own(tenant).await.map_err(failed)?;
        let connection = &mut *transaction;
        let stage = self.kept_stage(connection, tenant).await.map_err(failed)?;
        let bare = bare_tables(connection).await.map_err(failed)?;
        stage.analyze(connection).await?;
        // A table that is emptied in the transaction that fills it needs no log of its rows where
        // the server keeps none for replicas.
        for table in &bare {
            let empty = format!(
                "do $$ begin if not exists (select from pg_trigger where tgrelid = '{name}'::regclass \
                 and not tgisinternal and tgtype & 32 <> 0) then truncate {name}; end if; end $$",
                name = table.name()
            );
            execute(connection, empty).await.map_err(failed)?;
        }
        become_loader(connection, tenant).await.map_err(failed)?;
        report.rows_written = merge::merge_bulk(connection, &stage, &bare).await?;
        advance(&mut transaction, tenant, BulkStep::Merge)
            .await
            .map_err(failed)?;
        transaction.commit().await.map_err(failed)
    }

    /// What follows from the merged rows, and the books.
    async fn settle_all(
        &self,
        tenant: TenantId,
        clock: &dyn Clock,
        report: &mut LoadReport,
    ) -> Result<(), LoadError> {
        let failed = |source| bulk_failed("settle what was merged", source);
        let mut transaction = self.own(tenant).await.map_err(failed)?;
        let connection = &mut *transaction;
        let bare = bare_tables(connection).await.map_err(failed)?;
        let names: Vec<_> = bare.iter().map(|table| table.name()).collect();
        if !names.is_empty() {
            let analyze = format!("analyze {}", names.join(", "));
            execute(connection, analyze).await.map_err(failed)?;
        }
        become_loader(connection, tenant).await.map_err(failed)?;
        let stage = self.kept_stage(connection, tenant).await.map_err(failed)?;
        let deliveries = deliveries::read(connection).await.map_err(failed)?;
        let scopes = deliveries::scopes(connection, &stage)
            .await
            .map_err(failed)?;
        let mut written = Written::new();
        let shared = tenant == TenantId::GLOBAL;
        if !shared {
            derive::prepare(connection, &stage).await?;
        }
        derive::stock(connection, &stage, &mut written).await?;
        presence::update(connection, &stage, &scopes, &mut written).await?;
        if !shared {
            let replaced = Replaced::Nothing;
            derive::derive(
                connection,
                &stage,
                &scopes,
                &deliveries,
                replaced,
                &mut written,
            )
            .await?;
        }
        report.deliveries = settle(connection, &stage, &deliveries, &mut written, clock).await?;
        for (table, rows) in written {
            *report.rows_written.entry(table).or_default() += rows;
        }
        advance(&mut transaction, tenant, BulkStep::Settle)
            .await
            .map_err(failed)?;
        transaction.commit().await.map_err(failed)
    }

    /// Builds objects of some kinds, a few side by side.
    async fn build(
        &self,
        tenant: TenantId,
        kinds: &[Kind],
        step: BulkStep,
        watch: Watch<'_>,
    ) -> Result<(), LoadError> {
        let failed = |source| bulk_failed("look for what is to build", source);
        let mut transaction = self.own(tenant).await.map_err(failed)?;
        let mut rest = objects::all(&mut transaction).await.map_err(failed)?;
        transaction.rollback().await.map_err(failed)?;
        rest.retain(|object| kinds.contains(&object.kind));
        let total = rest.len();
        let mut done = 0;
        let mut building = stream::iter(rest)
            .map(|object| async move { self.build_one(tenant, &object).await })
            .buffer_unordered(BUILDS_IN_FLIGHT);
        while building.try_next().await?.is_some() {
            done += 1;
            watch(BulkProgress { step, done, total });
        }
        let mut transaction = self.own(tenant).await.map_err(failed)?;
        advance(&mut transaction, tenant, step)
            .await
            .map_err(failed)?;
        transaction.commit().await.map_err(failed)
    }

    async fn build_one(&self, tenant: TenantId, object: &Object) -> Result<(), LoadError> {
        let failed = |source| bulk_failed(&format!("build {}", object.name), source);
        let statements = object.statements();
        let last = statements.len().saturating_sub(1);
        for (number, statement) in statements.into_iter().enumerate() {
            let mut transaction = self.own(tenant).await.map_err(failed)?;
            if number < last && object.stands(&mut transaction).await.map_err(failed)? {
                continue;
            }
            execute(&mut transaction, "savepoint before".to_owned())
                .await
                .map_err(failed)?;
            if let Err(source) = execute(&mut transaction, statement).await {
                return Err(explain(&mut transaction, object, source).await);
            }
            if number == last {
                let done = format!(
                    "update bulk_objects set done = true where seq = {}",
                    object.seq
                );
                execute(&mut transaction, done).await.map_err(failed)?;
            }
            transaction.commit().await.map_err(failed)?;
            failpoint(failpoint::BULK_AFTER_BUILD);
        }
        Ok(())
    }

    /// Drops staged rows and all tables of the bulk load.
    async fn clear(&self, tenant: TenantId) -> Result<(), LoadError> {
        let failed = |source| bulk_failed("drop staged rows", source);
        let mut transaction = self.own(tenant).await.map_err(failed)?;
        let stage = self
            .kept_stage(&mut transaction, tenant)
            .await
            .map_err(failed)?;
        let mut names = stage.names();
        names.extend(
            [
                "state",
                "alive",
                "tables",
                "objects",
                "deliveries",
                "counts",
            ]
            .map(|name| format!("bulk_{name}")),
        );
        let schema = tenant.schemas(self.site).staging;
        let names: Vec<_> = names
            .iter()
            .map(|name| format!("{schema}.{name}"))
            .collect();
        execute(&mut transaction, format!("drop table {}", names.join(", ")))
            .await
            .map_err(failed)?;
        transaction.commit().await.map_err(failed)
    }

    /// A transaction as the owner of the tenant's schemas.
    async fn own(&self, tenant: TenantId) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        let mut transaction = self.open(tenant).await?;
        let settings = format!(
            "set local role {}; set local maintenance_work_mem to '{MAINTENANCE_MEM}'; \
             set local max_parallel_maintenance_workers to 0",
            tenant.owner_role()
        );
        execute(&mut transaction, settings).await?;
        Ok(transaction)
    }
}

/// Whether a bulk load fills the table itself, and not by what follows from others.
fn is_filled(id: TableId) -> bool {
    !matches!(id.table().merge, Merge::Register | Merge::Seeded)
}

async fn become_loader(connection: &mut PgConnection, tenant: TenantId) -> Result<(), sqlx::Error> {
    execute(
        connection,
        format!("set local role {}", tenant.loader_role()),
    )
    .await?;
    Ok(())
}

/// A primary key that can't be made is a collision, which is told by name.
async fn explain(connection: &mut PgConnection, object: &Object, source: sqlx::Error) -> LoadError {
    let table = object
        .primary_key_of()
        .and_then(|name| TableId::ALL.iter().find(|id| id.name() == name));
    if let Some(table) = table {
        let back = execute(connection, "rollback to savepoint before".to_owned()).await;
        if back.is_ok()
            && let Ok(Some(collision)) = merge::collision_in(connection, table.table()).await
        {
            return collision;
        }
    }
    bulk_failed(&format!("build {}", object.name), source)
}

fn bulk_failed(step: &str, source: sqlx::Error) -> LoadError {
    let step = step.to_owned();
    LoadError::Bulk { step, source }
}

fn count_seconds(phases: &mut PhaseSeconds, step: BulkStep, took: Duration) {
    let seconds = took.as_secs_f64();
    match step {
        BulkStep::Merge => phases.merge += seconds,
        BulkStep::Index | BulkStep::ForeignKeys => phases.index += seconds,
        BulkStep::Settle => phases.account += seconds,
        BulkStep::Clear => phases.commit += seconds,
    }
}
