//! What opens loads and reads ledgers.

use std::collections::BTreeMap;

use catwing_domain::{Site, TenantId, manifest::EntryNumber};
use sea_orm::sqlx::{self, AssertSqlSafe, PgPool, Postgres, Transaction};

use crate::{AppliedEntry, Load, LoadError, bulk::deliveries, ledger, ledger::Book, stage::Stage};

/// Memory that the server may use for one sort or hash of a load.
const WORK_MEM: &str = "64MB";

/// What a page read at random costs the planner, in pages read in a row: keys are hashes, so that rows of a
/// load are looked up all over a table, most of which is in memory. With the server's 4 a day's few thousand
/// rows would be joined by reading the whole history.
const RANDOM_PAGE_COST: &str = "1.1";

/// How soon the server notices, in the middle of a statement, that the process is gone: until then
/// the tenant is locked.
const GONE_AFTER: &str = "1s";

/// How closely `analyze` looks at staging tables: a tenth of what it does by itself tells the planner
/// how many rows and keys there are, which is all that a merge asks.
const STATISTICS_TARGET: u32 = 10;

/// Opens loads and reads ledgers.
#[derive(Clone, Debug)]
pub struct Loader {
    pub(crate) pool: PgPool,
    pub(crate) site: Site,
    pub(crate) way: Way,
}

/// What becomes of rows that are staged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// They are merged in the same transaction.
    Merge,
    /// They are kept until a whole history is staged, and then merged at once.
    Bulk,
}

impl Loader {
    /// A loader over a pool whose role may assume the loader roles of its tenants.
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
        Self::at(pool, Site::Live)
    }

    /// A loader to the tables at a site.
    #[must_use]
    pub fn at(pool: PgPool, site: Site) -> Self {
        let way = Way::Merge;
        Self { pool, site, way }
    }

    /// A loader that stages whole histories, for the tables at a site, between
    /// [`Loader::begin_bulk`] and [`Loader::finish_bulk`].
    #[must_use]
    pub fn bulk(pool: PgPool, site: Site) -> Self {
        let way = Way::Bulk;
        Self { pool, site, way }
    }

    /// The same for the live tables.
    pub(crate) fn live(&self) -> Self {
        Self::new(self.pool.clone())
    }

    /// Opens a transaction in the tenant's schema, as the tenant's loader, with the tenant's lock.
    ///
    /// # Errors
    /// [`LoadError::Locked`] where another process loads the tenant; [`LoadError::Begin`].
    pub async fn begin(&self, tenant: TenantId) -> Result<Load, LoadError> {
        let failed = |source| LoadError::Begin { tenant, source };
        let mut transaction = self.open(tenant).await.map_err(failed)?;
        let locked: bool = sqlx::query_scalar("select pg_try_advisory_xact_lock($1)")
            .bind(tenant.lock_at(self.site))
            .fetch_one(&mut *transaction)
            .await
            .map_err(failed)?;
        if !locked {
            transaction.rollback().await.map_err(failed)?;
            return Err(LoadError::Locked { tenant });
        }
        let (stage, group) = match self.way {
            Way::Merge => (Stage::default(), 0),
            Way::Bulk => {
                let stage = self.kept_stage(&mut transaction, tenant).await;
                let stage = stage.map_err(failed)?;
                let group = deliveries::next_group(&mut transaction, &stage).await;
                (stage, group.map_err(failed)?)
            }
        };
        Ok(Load::of(transaction, tenant, self.way, stage, group))
    }

    /// The entries that the tenant's database holds.
    ///
    /// # Errors
    /// [`LoadError::Begin`], [`LoadError::ReadLedger`], [`LoadError::LedgerRow`].
    pub async fn applied(
        &self,
        tenant: TenantId,
    ) -> Result<BTreeMap<EntryNumber, AppliedEntry>, LoadError> {
        let failed = |source| LoadError::Begin { tenant, source };
        let mut transaction = self.open(tenant).await.map_err(failed)?;
        let applied = ledger::read(&mut transaction, tenant, self.way.book()).await?;
        transaction.rollback().await.map_err(failed)?;
        Ok(applied)
    }

    /// A statement must see what the holder of the lock before has committed, so each has a snapshot
    /// of its own, whatever the server's default is.
    pub(crate) async fn open(
        &self,
        tenant: TenantId,
    ) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        let mut transaction = self
            .pool
            .begin_with("begin isolation level read committed read write")
            .await?;
        let schemas = tenant.schemas(self.site);
        let path = match self.way {
            Way::Merge => schemas.main.to_string(),
            Way::Bulk => format!("{}, {}", schemas.main, schemas.staging),
        };
        let settings = format!(
            "set local role {role}; set local search_path to {path}, pg_temp; \
             set local jit to off; set local work_mem to '{WORK_MEM}'; \
             set local random_page_cost to {RANDOM_PAGE_COST}; \
             set local client_connection_check_interval to '{GONE_AFTER}'; \
             set local catwing.settle_writes to 'on'; \
             set local default_statistics_target to {STATISTICS_TARGET}",
            role = tenant.loader_role(),
        );
        sqlx::raw_sql(AssertSqlSafe(settings))
            .execute(&mut *transaction)
            .await?;
        Ok(transaction)
    }
}

impl Way {
    pub(crate) fn book(self) -> Book {
        match self {
            Self::Merge => Book::Ledger,
            Self::Bulk => Book::Staged,
        }
    }
}
