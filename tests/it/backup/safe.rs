//! A shop whose database is backed up, and databases that it is restored to.

use std::path::PathBuf;

use anyhow::{Context, Result};
use catwing_domain::{Site, TenantId};
use catwing_embedded::Clients;
use catwing_migrations::{migrate_global, migrate_tenant};
use catwing_raw_store::Store;
use catwing_recovery::{
    RecoveryError,
    backup::{Backup, ClientTools, DatabaseAddress, Restore, Restored, Retention, Sidecar, Taken},
    digest::{TenantDigest, digest_at},
};
use catwing_tests::servers::TestDatabase;
use sea_orm::sqlx::{self, AssertSqlSafe, PgPool};

use crate::{
    database::{b, connect, names_of},
    settings::shop::Shop,
};

/// A currency that no list has, so that only a document names it.
pub const CURRENCY: &str = "XQA";
/// What stays, unless a test says otherwise.
const KEPT: Retention = Retention {
    daily: 3,
    weekly: 2,
};

/// A shop with sales in such a currency, a place in a city, a setting that a person made, and another tenant
/// beside it.
pub struct Safe {
    pub shop: Shop,
    pub tools: ClientTools,
}

/// A database that something is restored to.
pub struct Target {
    pub pool: PgPool,
    pub address: DatabaseAddress,
    // Dropped after the pool.
    _database: TestDatabase,
}

/// A day's sales as the source tells them.
pub fn sales(day: &str, documents: u32) -> String {
    let document = |number: u32| {
        format!(
            r#"{{"external_id": "{day}-{number}", "order_date": "{day}", "currency": "{CURRENCY}",
            "location_external_id": "S1", "lines": [{{"line_no": 1, "qty": 2, "unit_price": "1.5",
            "product": {{"external_id": "P{number}", "name": "It's a\n\\. \\\\ \tthing; COPY x FROM stdin;"}}}}]}}"#
        )
    };
    let documents: Vec<_> = (0..documents).map(document).collect();
    format!("[{}]", documents.join(","))
}

impl Safe {
    pub async fn open() -> Result<Self> {
        let shop = Shop::open().await?;
        let values = ["product=P001", "package_qty=6"];
        shop.save("e1", "product_settings", &values).await?;
        shop.deliver(
            "2026-02-23",
            &[("sales_orders.json", &sales("2026-02-23", 30))],
        )
        .await?;
        let rates = shop.warehouse.set_rate(CURRENCY, "2026-01-01", "0.5");
        rates.await?;
        shop.warehouse.refresh_statistics().await?;
        migrate_tenant(&shop.warehouse.pool, &names_of(b())).await?;
        let tools = tools(&shop.warehouse.pool).await?;
        Ok(Self { shop, tools })
    }

    pub fn store(&self) -> &Store {
        &self.shop.warehouse.archive.store
    }

    pub fn pool(&self) -> &PgPool {
        &self.shop.warehouse.pool
    }

    pub fn address(&self) -> Result<DatabaseAddress> {
        let url = self.shop.warehouse.url().to_owned();
        Ok(DatabaseAddress::from_url(&url.into())?)
    }

    /// A backup at an instant.
    pub async fn back_up_at(&self, at: &str) -> Result<Taken> {
        self.shop.clock.set(at)?;
        Ok(self.back_up(&self.tools, KEPT).await?)
    }

    /// A backup by these programs.
    pub async fn back_up(
        &self,
        tools: &ClientTools,
        retention: Retention,
    ) -> Result<Taken, RecoveryError> {
        let address = self.address().expect("an address");
        let run_id = format!("test-{}", catwing_domain::Clock::now(&self.shop.clock));
        let backup = Backup {
            store: self.store(),
            pool: self.pool(),
            address: &address,
            tools,
            run_id: &run_id,
            clock: &self.shop.clock,
            retention,
        };
        Box::pin(backup.take(&|_| {})).await
    }

    /// Restores a tenant of a backup.
    pub async fn restore(
        &self,
        sidecar: &Sidecar,
        client: TenantId,
        to: (&PgPool, &DatabaseAddress, Site),
    ) -> Result<Restored, RecoveryError> {
        let (pool, address, site) = to;
        let restore = Restore {
            store: self.store(),
            sidecar,
            pool,
            address,
            tools: &self.tools,
        };
        Box::pin(restore.restore_member(client, site, &|_| {})).await
    }

    /// The bytes under a key.
    pub async fn bytes(&self, key: &str) -> Result<Vec<u8>> {
        Ok(self.store().get_small(key, 1 << 30).await?.to_vec())
    }

    /// Puts bytes under a key, as somebody does who should not.
    pub async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<()> {
        let bucket = &self.shop.warehouse.archive.bucket;
        let put = bucket.client().put_object().bucket(bucket.name()).key(key);
        put.body(bytes.into()).send().await?;
        Ok(())
    }
}

impl Target {
    /// A database with nothing in it.
    pub async fn empty() -> Result<Self> {
        let database = TestDatabase::create().await?;
        Ok(Self {
            pool: connect(database.url().parse()?).await?,
            address: DatabaseAddress::from_url(&database.url().to_owned().into())?,
            _database: database,
        })
    }

    /// A database with the shared schema as migrations make it.
    pub async fn with_shared() -> Result<Self> {
        let target = Self::empty().await?;
        migrate_global(&target.pool).await?;
        Ok(target)
    }
}

/// The digest of a tenant, comparable with that of a sidecar.
pub async fn digest_of(pool: &PgPool, client: TenantId, site: Site) -> Result<TenantDigest> {
    Ok(digest_at(pool, client, site).await?.without_days())
}

/// The first column of a query's rows.
pub async fn texts(pool: &PgPool, query: &str) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar(AssertSqlSafe(query.to_owned()))
        .fetch_all(pool)
        .await?)
}

async fn tools(pool: &PgPool) -> Result<ClientTools> {
    let query = "select current_setting('server_version_num')::integer / 10000";
    let major: i32 = sqlx::query_scalar(query).fetch_one(pool).await?;
    let folder = std::env::var_os("CATWING_PG_BIN").map(PathBuf::from);
    let clients = Clients::find_all(folder.as_deref())?;
    let clients = Clients::choose(clients, u32::try_from(major)?).context("no pg_dump and psql")?;
    Ok(ClientTools {
        pg_dump: clients.pg_dump(),
        psql: clients.psql(),
        version: clients.version().to_owned(),
        major: clients.major(),
    })
}
