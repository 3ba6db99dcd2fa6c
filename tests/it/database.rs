//! Databases of a test's own, empty or migrated.

use anyhow::Result;
use catwing_domain::TenantId;
use catwing_migrations::{TenantNames, migrate_global, migrate_tenant};
use catwing_tests::servers::TestDatabase;
use sea_orm::sqlx::{
    self, AssertSqlSafe, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

/// A database with two tenants, `CW-000200` and `CW-000201`.
pub struct TwoTenants {
    pub pool: PgPool,
    // Dropped after the pool.
    pub database: TestDatabase,
}

impl TwoTenants {
    pub async fn create() -> Result<Self> {
        let database = TestDatabase::create().await?;
        let pool = connect(options(&database)?).await?;
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

/// How to connect to a test's database, for what a URL alone does not say.
pub fn options(database: &TestDatabase) -> Result<PgConnectOptions> {
    Ok(database.url().parse()?)
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
