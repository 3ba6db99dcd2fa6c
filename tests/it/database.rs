//! Databases of a test's own, empty or migrated.

use anyhow::{Context, Result};
use catwing_domain::TenantId;
use catwing_migrations::{TenantNames, migrate_global, migrate_tenant};
use sea_orm::sqlx::{
    self, AssertSqlSafe, Connection, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

/// A database that nobody else uses, dropped with this value.
pub struct TestDatabase {
    administrator_url: String,
    name: String,
}

impl TestDatabase {
    pub async fn create() -> Result<Self> {
        use std::hash::{BuildHasher, Hasher, RandomState};

        let administrator_url = std::env::var("DATABASE_URL")
            .context("set DATABASE_URL to a PostgreSQL server on which databases may be created")?;
        let random = RandomState::new().build_hasher().finish();
        let name = format!("catwing-test-{random:016x}");
        administer(&administrator_url, format!("create database \"{name}\"")).await?;
        Ok(Self {
            administrator_url,
            name,
        })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn options(&self) -> Result<PgConnectOptions> {
        let options: PgConnectOptions = self.administrator_url.parse()?;
        Ok(options.database(&self.name))
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let url = self.administrator_url.clone();
        let statement = format!("drop database \"{}\" with (force)", self.name);
        // A test's runtime may be a single thread, which must not wait for itself.
        let dropped = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?
                .block_on(administer(&url, statement))
        });
        if !matches!(dropped.join(), Ok(Ok(()))) {
            eprintln!("cannot drop the test database {}", self.name);
        }
    }
}

async fn administer(url: &str, statement: String) -> Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    execute(&mut connection, &statement).await?;
    connection.close().await?;
    Ok(())
}

/// A database with two tenants, `CW-000200` and `CW-000201`.
pub struct TwoTenants {
    pub pool: PgPool,
    // Dropped after the pool.
    pub database: TestDatabase,
}

impl TwoTenants {
    pub async fn create() -> Result<Self> {
        let database = TestDatabase::create().await?;
        let pool = connect(database.options()?).await?;
        migrate_global(&pool).await?;
        for tenant in [a(), b()] {
            migrate_tenant(&pool, &names_of(tenant)).await?;
        }
        Ok(Self { pool, database })
    }
}

/// The first tenant.
pub fn a() -> TenantId {
    "CW-000200".parse().expect("a client id")
}

/// The second tenant.
pub fn b() -> TenantId {
    "CW-000201".parse().expect("a client id")
}

/// What the tenant's schemas and roles are called.
pub fn names_of(tenant: TenantId) -> TenantNames {
    TenantNames {
        schema: tenant.schema().name().to_owned(),
        staging_schema: tenant.staging_schema().name().to_owned(),
        stats_schema: tenant.stats_schema().name().to_owned(),
        owner_role: tenant.owner_role().name().to_owned(),
        loader_role: tenant.loader_role().name().to_owned(),
        reader_role: tenant.reader_role().name().to_owned(),
    }
}

pub async fn connect(options: PgConnectOptions) -> Result<PgPool> {
    Ok(PgPoolOptions::new()
        .max_connections(4)
        .connect_with(options)
        .await?)
}

/// Runs statements that a test is made of.
pub async fn execute(connection: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(connection)
        .await
        .map(|_| ())
}

/// The lines of a query with one text column.
pub async fn lines(pool: &PgPool, sql: &'static str) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar(sql).fetch_all(pool).await?)
}

/// The SQLSTATE of an error.
pub fn sqlstate(error: &sqlx::Error) -> String {
    error
        .as_database_error()
        .and_then(|error| error.code())
        .unwrap_or_default()
        .into_owned()
}
