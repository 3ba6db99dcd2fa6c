//! Which tenants are at the newest version, seen from the catalog alone: no lock, no right, one query
//! for all of them.

use sea_orm::{ConnectionTrait, DbErr, Value, sqlx::PgPool};
use sea_orm_migration::MigratorTrait;
use sha2::{Digest, Sha256};

use crate::{
    MigrationError, Scope, TenantNames,
    global::GlobalMigrator,
    run::{PROVISION, connection, statement},
    staging::StagingMigrator,
    stats::StatsMigrator,
    tenant::TenantMigrator,
};

/// Bytes of a hash that are enough to tell versions apart.
const VERSION_BYTES: usize = 8;

const READY: &str = include_str!("../provision/ready.sql");

/// Whether each of the tenants is at the newest version, in their order. Such a one has all schemas,
/// roles, rights and migrations of this version, and [`crate::migrate_tenant`] would change nothing;
/// rights that somebody has taken away since are not looked at.
///
/// # Errors
/// [`MigrationError::Name`], [`MigrationError::Ready`].
pub async fn ready(pool: &PgPool, tenants: &[TenantNames]) -> Result<Vec<bool>, MigrationError> {
    for names in tenants {
        Scope::Tenant(names).check()?;
    }
    let failed = |source| MigrationError::Ready { source };
    find(pool, tenants).await.map_err(failed)
}

/// The version of a scope: another one for other migrations, or other roles and rights.
pub(crate) fn version(scope: Scope<'_>) -> String {
    let migrations = match scope {
        Scope::Global => GlobalMigrator::migrations(),
        Scope::Tenant(_) => TenantMigrator::migrations(),
        Scope::Staging(_) => StagingMigrator::migrations(),
        Scope::Stats(_) => StatsMigrator::migrations(),
    };
    let mut hash = Sha256::new();
    for migration in migrations {
        hash.update(migration.name());
        hash.update([0]);
    }
    for statements in PROVISION {
        hash.update(statements);
        hash.update([0]);
    }
    hex::encode(&hash.finalize()[..VERSION_BYTES])
}

async fn find(pool: &PgPool, tenants: &[TenantNames]) -> Result<Vec<bool>, DbErr> {
    let Some(any) = tenants.first() else {
        return Ok(Vec::new());
    };
    let list = |name: fn(&TenantNames) -> &String| -> Value {
        tenants.iter().map(name).cloned().collect::<Vec<_>>().into()
    };
    let values = [
        list(|names| &names.schema),
        list(|names| &names.staging_schema),
        list(|names| &names.stats_schema),
        list(|names| &names.owner_role),
        list(|names| &names.loader_role),
        list(|names| &names.reader_role),
        version(Scope::Tenant(any)).into(),
        version(Scope::Staging(any)).into(),
        version(Scope::Stats(any)).into(),
    ];
    let rows = connection(pool)
        .query_all_raw(statement(READY, values))
        .await?;
    rows.iter().map(|row| row.try_get("", "ready")).collect()
}
