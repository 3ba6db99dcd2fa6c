//! A tenant with an archive and a database of its own, on the real path: files are landed, and
//! deliveries applied, as the commands do it.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result, ensure};
use catwing_domain::{
    Clock, Merge, RowKey, Site, TableId, TenantId, manifest::Sha256Hash, tenant_file::TenantFile,
};
use catwing_ingest::{Datasets, DateRule, Destination, ImportReport, import, plan_import};
use catwing_load::Loader;
use catwing_migrations::{migrate_global, migrate_tenant};
use catwing_raw_store::{Author, Store, StoreSettings};
use catwing_recovery::{
    apply::{Applier, ApplyReport, Grouping, Pending},
    digest::{TenantDigest, digest},
    gaps::Gaps,
    rebuild::{Extent, Rebuild, Rebuilt},
    site::drop_site,
};
use catwing_stats::StatsReport;
use catwing_tests::servers::{TestBucket, TestDatabase};
use futures_util::TryStreamExt;
use jiff::Timestamp;
use sea_orm::sqlx::{self, AssertSqlSafe, PgPool, postgres::PgPoolOptions};

use crate::{
    database::names_of,
    guards::{Guarded, unguarded},
};

/// An archive and a database for one tenant.
pub struct Warehouse {
    pub file: TenantFile,
    pub archive: Archive,
    pub pool: PgPool,
    loader: Loader,
    // Dropped after the pool.
    database: TestDatabase,
}

/// A tenant's archive in a bucket of its own.
pub struct Archive {
    pub store: Store,
    pub mapping: Sha256Hash,
    pub bucket: TestBucket,
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

/// Enters the tenant in the shared list, from which statistics have its currency.
async fn register(pool: &PgPool, file: &TenantFile) -> Result<()> {
    let (client, code) = (file.client, &file.base_currency);
    let currency = currency_key(code)?;
    let statement = format!(
        "select cw_global.infer_currencies(array[{currency}], array['{code}']); \
         insert into cw_global.client_config (id, client_id, client_name, base_currency_id, config) \
         values (1, '{client}', 'Of a test', {currency}, '{{}}')"
    );
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(pool)
        .await?;
    Ok(())
}

fn currency_key(code: &str) -> Result<i64> {
    Ok(RowKey::of_shared("currencies", &[Some(code)])?.bits())
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
        register(&pool, &file).await?;
        Ok(Self {
            archive: Archive::create(file.client, toml).await?,
            loader: Loader::new(pool.clone()),
            pool,
            file,
            database,
        })
    }

    /// Where the database is, for PostgreSQL's own programs.
    pub fn url(&self) -> &str {
        self.database.url()
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
            lost_entries: std::collections::BTreeSet::new(),
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
        let truncate = format!("truncate {}", names.join(", "));
        self.execute(unguarded(self.tenant(), Guarded::All, &truncate))
            .await
    }

    /// The same, quicker where there are few rows.
    pub async fn delete(&self) -> Result<()> {
        let statements = self.tables().map(|table| format!("delete from {table};"));
        let statements: String = statements.collect();
        self.execute(unguarded(self.tenant(), Guarded::WithRows, &statements))
            .await
    }

    /// Every table of the tenant, children first, and its statistics.
    fn tables(&self) -> impl Iterator<Item = String> {
        let tenant = self.tenant();
        let every = TableId::STAGING
            .iter()
            .rev()
            .chain(TableId::ALL.iter().rev());
        let children_first =
            every.filter(move |id| id.is_of(tenant) && id.table().merge != Merge::Seeded);
        let tables = children_first.chain(TableId::STATISTICS);
        tables.map(move |id| format!("{}.{}", id.schema(tenant), id.name()))
    }

    /// Brings statistics up to date.
    pub async fn refresh_statistics(&self) -> Result<StatsReport> {
        Ok(catwing_stats::refresh(&self.pool, self.tenant()).await?)
    }

    /// Computes all statistics again.
    pub async fn rebuild_statistics(&self) -> Result<StatsReport> {
        Ok(catwing_stats::rebuild(&self.pool, self.tenant()).await?)
    }

    /// Rebuilds the tenant from raw beside the live tables, as they stand.
    pub async fn rebuild(&self) -> Result<Rebuilt> {
        drop_site(&self.pool, self.tenant(), Site::Beside).await?;
        Ok(self.rebuilding().run(&|_| {}).await?)
    }

    /// A rebuild of all that the archive has.
    pub fn rebuilding(&self) -> Rebuild<'_> {
        Rebuild {
            store: &self.archive.store,
            pool: &self.pool,
            tenant: self.tenant(),
            run_id: "rebuild",
            clock: &Noon,
            extent: Extent::default(),
            gaps: Gaps::default(),
        }
    }

    /// Says what one unit of a currency is worth in the tenant's own from a day on.
    pub async fn set_rate(&self, currency: &str, day: &str, rate: &str) -> Result<()> {
        let (from, to) = (
            currency_key(currency)?,
            currency_key(&self.file.base_currency)?,
        );
        let statement = format!(
            "select cw_global.infer_currencies(array[{from}], array['{currency}']); \
             insert into cw_global.currency_rates values \
             (abs(hashtextextended('{currency} {day}', 0)), {from}, {to}, '{day}', {rate}, '2011-01-01Z', 1) \
             on conflict (from_currency_id, to_currency_id, effective_date) do update set rate = excluded.rate"
        );
        self.execute(statement).await
    }

    /// Forgets all rates of exchange.
    pub async fn forget_rates(&self) -> Result<()> {
        self.execute("delete from cw_global.currency_rates".to_owned())
            .await
    }

    /// The rows of tables as text, of those in digests: the ones that raw feeds, derived ones and
    /// statistics.
    pub async fn dump(&self, names: &[String]) -> Result<Vec<(&'static str, Vec<String>)>> {
        let mut dumped = Vec::new();
        let all = TableId::ALL.iter().chain(TableId::STATISTICS);
        for id in all.filter(|id| names.iter().any(|name| name == id.name())) {
            let table = format!("{}.{}", id.schema(self.tenant()), id.name());
            let mut rows = self.rows(&format!("select * from {table}")).await?;
            rows.sort();
            dumped.push((id.name(), rows));
        }
        Ok(dumped)
    }

    /// Statements as the owner of the database.
    pub async fn execute(&self, statement: String) -> Result<()> {
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
