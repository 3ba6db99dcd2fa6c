//! A tenant with an archive and a database of its own, on the real path: files are landed, and
//! deliveries applied, as the commands do it.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result, ensure};
use catwing_domain::{Clock, TableId, TenantId, manifest::Sha256Hash, tenant_file::TenantFile};
use catwing_ingest::{Datasets, DateRule, Destination, ImportReport, import, plan_import};
use catwing_load::Loader;
use catwing_migrations::{migrate_global, migrate_tenant};
use catwing_raw_store::{Author, Store, StoreSettings};
use catwing_recovery::{
    apply::{Applier, ApplyReport, Grouping, Pending},
    digest::{TenantDigest, digest},
};
use catwing_tests::servers::{TestBucket, TestDatabase};
use futures_util::TryStreamExt;
use jiff::Timestamp;
use sea_orm::sqlx::{self, AssertSqlSafe, PgPool, postgres::PgPoolOptions};

use crate::database::names_of;

/// An archive and a database for one tenant.
pub struct Warehouse {
    pub file: TenantFile,
    pub archive: Archive,
    pub pool: PgPool,
    loader: Loader,
    // Dropped after the pool.
    _database: TestDatabase,
}

/// A tenant's archive in a bucket of its own.
pub struct Archive {
    pub store: Store,
    pub mapping: Sha256Hash,
    bucket: TestBucket,
}

/// It is always the same instant.
pub struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        "2026-11-21T12:00:00Z".parse().expect("an instant")
    }
}

/// The author of all that tests land.
pub const AUTHOR: Author<'static> = Author {
    run_id: "test",
    clock: &Noon,
};

impl Archive {
    /// An empty archive that knows the tenant's file.
    pub async fn create(tenant: TenantId, toml: &str) -> Result<Self> {
        let bucket = TestBucket::create().await?;
        let variables: BTreeMap<_, _> = bucket.variables().into_iter().collect();
        let secret = variables["AWS_SECRET_ACCESS_KEY"].to_owned();
        let access_key = variables["AWS_ACCESS_KEY_ID"];
        let mut settings = StoreSettings::at(bucket.endpoint(), access_key, secret.into());
        bucket.name().clone_into(&mut settings.bucket);
        let store = Store::connect(settings).await?;
        let mapping = store.put_config(tenant, toml.to_owned()).await?;
        Ok(Self {
            store,
            mapping,
            bucket,
        })
    }

    /// Takes all deliveries away, which no archive but a test's would do: a new one takes longer.
    pub async fn empty(&self) -> Result<()> {
        let listed: Vec<_> = self.store.list("raw-data/", None).try_collect().await?;
        for object in listed {
            let delete = self.bucket.client().delete_object();
            let delete = delete.bucket(self.bucket.name()).key(object.key);
            delete.send().await?;
        }
        Ok(())
    }
}

impl Warehouse {
    /// Both empty, for the tenant that the TOML describes.
    pub async fn create(toml: &str) -> Result<Self> {
        let file = TenantFile::parse(toml)?;
        let database = TestDatabase::create().await?;
        let pool = PgPoolOptions::new()
            .max_connections(4)
            .connect(database.url())
            .await?;
        migrate_global(&pool).await?;
        migrate_tenant(&pool, &names_of(file.client)).await?;
        Ok(Self {
            archive: Archive::create(file.client, toml).await?,
            loader: Loader::new(pool.clone()),
            pool,
            file,
            _database: database,
        })
    }

    pub fn tenant(&self) -> TenantId {
        self.file.client
    }

    /// An archive of the same tenant beside this one's, and with it from now on.
    pub async fn new_archive(&mut self, toml: &str) -> Result<()> {
        self.archive = Archive::create(self.tenant(), toml).await?;
        Ok(())
    }

    /// Lands files, whose names hold the business day by this pattern.
    pub async fn import(&self, path: &Path, pattern: &str) -> Result<ImportReport> {
        self.import_by(path, DateRule::FromName(pattern.parse()?))
            .await
    }

    /// Lands files that are all of one business day.
    pub async fn import_day(&self, path: &Path, day: &str) -> Result<ImportReport> {
        self.import_by(path, DateRule::Day(day.parse()?)).await
    }

    async fn import_by(&self, path: &Path, dates: DateRule) -> Result<ImportReport> {
        let datasets = Datasets {
            only: None,
            tenant: &self.file,
        };
        let plan = plan_import(path, &datasets, &dates)?;
        let destination = Destination {
            store: &self.archive.store,
            tenant: self.tenant(),
            mapping: self.archive.mapping,
            author: AUTHOR,
        };
        Ok(import(destination, &plan, &|_| {}).await?)
    }

    /// The deliveries that the database lacks, in the order of landing.
    pub async fn pending(&self) -> Result<Vec<Pending>> {
        Ok(self.applier(Grouping::default()).pending().await?)
    }

    pub async fn apply(&self, pending: &[Pending], grouping: Grouping) -> Result<ApplyReport> {
        Ok(self.applier(grouping).apply(pending, &|_| {}).await?)
    }

    pub fn applier(&self, grouping: Grouping) -> Applier<'_> {
        Applier {
            store: &self.archive.store,
            loader: &self.loader,
            tenant: self.tenant(),
            run_id: "test",
            clock: &Noon,
            grouping,
        }
    }

    /// What the database holds, after making sure that its books are balanced.
    pub async fn digest(&self) -> Result<TenantDigest> {
        self.check_books().await?;
        Ok(digest(&self.pool, self.tenant()).await?)
    }

    /// Empties every table of the tenant, the ledger included.
    pub async fn clear(&self) -> Result<()> {
        let names: Vec<_> = self.tables().collect();
        self.execute(format!("truncate {}", names.join(", "))).await
    }

    /// The same, quicker where there are few rows.
    pub async fn delete(&self) -> Result<()> {
        let statements = self.tables().map(|table| format!("delete from {table};"));
        self.execute(statements.collect()).await
    }

    /// Every table of the tenant, children first.
    fn tables(&self) -> impl Iterator<Item = String> {
        let tenant = self.tenant();
        let schema = tenant.schema();
        let children_first = TableId::ALL.iter().rev().filter(move |id| id.is_of(tenant));
        children_first.map(move |id| format!("{schema}.{}", id.name()))
    }

    async fn execute(&self, statement: String) -> Result<()> {
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The rows of a query in the tenant's schema, a row's columns as text with bars between them.
    pub async fn rows(&self, query: &str) -> Result<Vec<String>> {
        let mut transaction = self.pool.begin().await?;
        let path = format!("set local search_path to {}", self.tenant().schema());
        sqlx::raw_sql(AssertSqlSafe(path))
            .execute(&mut *transaction)
            .await?;
        // A row as text is quoted by rules of its own; its JSON values are not.
        let shown = format!(
            "select (select string_agg(coalesce(value, '-'), '|' order by ordinality) \
             from json_each_text(row_to_json(q)) with ordinality) from ({query}) as q"
        );
        let rows = sqlx::query_scalar(AssertSqlSafe(shown))
            .fetch_all(&mut *transaction)
            .await
            .with_context(|| query.to_owned())?;
        Ok(rows)
    }

    /// The one row of a query.
    pub async fn row(&self, query: &str) -> Result<String> {
        let mut rows = self.rows(query).await?;
        ensure!(rows.len() == 1, "{} rows of {query}", rows.len());
        Ok(rows.remove(0))
    }

    /// Conservation, computed from the tables themselves: every record that was read won, is
    /// superseded, repeated or in quarantine; and only what stands in a table has won.
    pub async fn check_books(&self) -> Result<()> {
        let unbalanced = self
            .rows(
                "select * from load_counts where records_read <> records_won + records_superseded \
                 + records_duplicate + records_quarantined",
            )
            .await?;
        ensure!(unbalanced.is_empty(), "unbalanced: {unbalanced:#?}");
        let orphans = self
            .rows(
                "select entry_number from load_counts except select entry_number from load_ledger",
            )
            .await?;
        ensure!(orphans.is_empty(), "counts without a ledger: {orphans:?}");
        let refused = self
            .row(
                "select coalesce(sum(records_quarantined), 0) as records, \
                 coalesce(sum(rows_quarantined), 0) as rows from load_counts",
            )
            .await?;
        let kept = self
            .row(
                "select count(*) as records, coalesce(sum(source_rows), 0) as rows from quarantine",
            )
            .await?;
        ensure!(
            refused == kept,
            "refused {refused}, but quarantine has {kept}"
        );
        Ok(())
    }
}
