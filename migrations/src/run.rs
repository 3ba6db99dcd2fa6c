//! Runs migrations: one transaction a scope, one migrating process a database.

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, SqlxPostgresConnector, Statement,
    TransactionTrait, sqlx::PgPool,
};
use sea_orm_migration::{MigrationStatus, MigratorTrait};

use crate::{
    MigrationError, Scope, TenantNames, global::GlobalMigrator, ready::version,
    staging::StagingMigrator, stats::StatsMigrator, tenant::TenantMigrator,
};

/// How long a statement waits for locks of others before it gives up, unless the connection says.
const LOCK_TIMEOUT: &str = "60s";
/// The advisory lock of whoever changes schemas in a database: "catwing" in ASCII.
const MIGRATION_LOCK: i64 = 0x63_6174_7769_6e67;
/// SQLSTATE of a lock that was not given in time.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// How soon the server notices, in the middle of a statement, that the process is gone.
const GONE_AFTER: &str = "1s";

const ROLES: &str = include_str!("../provision/roles.sql");
const PROVISION_GLOBAL: &str = include_str!("../provision/global.sql");
const PROVISION_TENANT: &str = include_str!("../provision/tenant.sql");
const SHARED_FUNCTIONS: &str = include_str!("../provision/shared_functions.sql");
const OWN_RIGHTS_IN_GLOBAL: &str = include_str!("../provision/own_rights_in_global.sql");
const BOOKKEEPING: &str = include_str!("../provision/bookkeeping.sql");
const REMOVE_TENANT: &str = include_str!("../provision/remove_tenant.sql");

/// What a call changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Names of the migrations that were applied, or reverted, in order.
    pub migrations: Vec<String>,
}

/// All SQL that runs beside migrations: a schema is at the newest version if it was migrated with these
/// very texts.
pub(crate) const PROVISION: [&str; 6] = [
    ROLES,
    PROVISION_GLOBAL,
    PROVISION_TENANT,
    SHARED_FUNCTIONS,
    OWN_RIGHTS_IN_GLOBAL,
    BOOKKEEPING,
];

/// One migration and whether a schema has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationState {
    /// Its name.
    pub name: String,
    /// Whether it is applied.
    pub applied: bool,
}

/// Brings `cw_global` and its roles to the newest version.
///
/// # Errors
/// [`MigrationError::Busy`] where another migration does not end, [`MigrationError::Prepare`] for
/// missing rights, [`MigrationError::Migrate`]; nothing is changed then.
pub async fn migrate_global(pool: &PgPool) -> Result<Applied, MigrationError> {
    migrate(pool, &[Scope::Global]).await
}

/// Brings a tenant's schemas, those of staging and statistics included, and its roles to the newest version,
/// making them where they are missing.
///
/// # Errors
/// [`MigrationError::Name`] for a name that is not a tenant's, [`MigrationError::GlobalFirst`]
/// before [`migrate_global`], and those of [`migrate_global`]; nothing is changed then.
pub async fn migrate_tenant(pool: &PgPool, names: &TenantNames) -> Result<Applied, MigrationError> {
    let scopes = [
        Scope::Tenant(names),
        Scope::Staging(names),
        Scope::Stats(names),
    ];
    migrate(pool, &scopes).await
}

/// Reverts the newest migrations of a scope, or all of them; schemas, roles and rights stay.
///
/// # Errors
/// [`MigrationError::Revert`], where something depends on what would go; nothing is changed then.
pub async fn down(
    pool: &PgPool,
    scope: Scope<'_>,
    steps: Option<u32>,
) -> Result<Applied, MigrationError> {
    scope.check()?;
    let transaction = begin_alone(pool, scope)
        .await
        .map_err(failed(scope, Operation::Begin))?;
    let reverted = revert(&transaction, scope, steps)
        .await
        .map_err(failed(scope, Operation::Revert))?;
    transaction
        .commit()
        .await
        .map_err(failed(scope, Operation::Revert))?;
    Ok(reverted)
}

/// Every migration of a scope, oldest first. Changes nothing and waits for nobody.
///
/// # Errors
/// [`MigrationError::Status`], also where the schema has a migration that this version lacks.
pub async fn status(
    pool: &PgPool,
    scope: Scope<'_>,
) -> Result<Vec<MigrationState>, MigrationError> {
    scope.check()?;
    read_status(pool, scope)
        .await
        .map_err(failed(scope, Operation::Status))
}

/// Removes a tenant's schemas, with all rows, and its rights in this database. The roles stay,
/// since other databases of the cluster may use them.
///
/// # Errors
/// [`MigrationError::Remove`], where the tenant never was here or a transaction uses it; nothing
/// is changed then.
pub async fn remove_tenant(pool: &PgPool, names: &TenantNames) -> Result<(), MigrationError> {
    let scope = Scope::Tenant(names);
    scope.check()?;
    let transaction = begin_alone(pool, scope)
        .await
        .map_err(failed(scope, Operation::Begin))?;
    for statements in [OWN_RIGHTS_IN_GLOBAL, REMOVE_TENANT] {
        transaction
            .execute_unprepared(statements)
            .await
            .map_err(failed(scope, Operation::Remove))?;
    }
    transaction
        .commit()
        .await
        .map_err(failed(scope, Operation::Remove))
}

/// Migrates scopes of the same owner in one transaction.
async fn migrate(pool: &PgPool, scopes: &[Scope<'_>]) -> Result<Applied, MigrationError> {
    let Some(&scope) = scopes.first() else {
        return Ok(Applied::default());
    };
    scope.check()?;
    let transaction = begin_alone(pool, scope)
        .await
        .map_err(failed(scope, Operation::Begin))?;
    let ready = match scope {
        Scope::Global => true,
        Scope::Tenant(_) | Scope::Staging(_) | Scope::Stats(_) => global_is_ready(&transaction)
            .await
            .map_err(failed(scope, Operation::Prepare))?,
    };
    if !ready {
        return Err(MigrationError::GlobalFirst);
    }
    provision(&transaction, scope)
        .await
        .map_err(failed(scope, Operation::Prepare))?;
    let mut applied = Applied::default();
    for &scope in scopes {
        let new = apply(&transaction, scope)
            .await
            .map_err(failed(scope, Operation::Migrate))?;
        applied.migrations.extend(new);
    }
    transaction
        .commit()
        .await
        .map_err(failed(scope, Operation::Migrate))?;
    Ok(applied)
}

async fn provision(transaction: &DatabaseTransaction, scope: Scope<'_>) -> Result<(), DbErr> {
    transaction.execute_unprepared(ROLES).await?;
    match scope {
        Scope::Global => transaction.execute_unprepared(PROVISION_GLOBAL).await?,
        Scope::Tenant(_) | Scope::Staging(_) | Scope::Stats(_) => {
            let rights = format!("{OWN_RIGHTS_IN_GLOBAL}{PROVISION_TENANT}");
            transaction.execute_unprepared(&rights).await?
        }
    };
    Ok(())
}

async fn apply(transaction: &DatabaseTransaction, scope: Scope<'_>) -> Result<Vec<String>, DbErr> {
    act_as_owner(transaction, scope).await?;
    let migrations = names(transaction, scope, MigrationStatus::Pending).await?;
    match scope {
        Scope::Global => {
            GlobalMigrator::up(transaction, None).await?;
            transaction.execute_unprepared(SHARED_FUNCTIONS).await?;
        }
        Scope::Tenant(_) => TenantMigrator::up(transaction, None).await?,
        Scope::Staging(_) => StagingMigrator::up(transaction, None).await?,
        Scope::Stats(_) => StatsMigrator::up(transaction, None).await?,
    }
    set(transaction, "catwing.version", &version(scope)).await?;
    transaction.execute_unprepared(BOOKKEEPING).await?;
    Ok(migrations)
}

async fn revert(
    transaction: &DatabaseTransaction,
    scope: Scope<'_>,
    steps: Option<u32>,
) -> Result<Applied, DbErr> {
    act_as_owner(transaction, scope).await?;
    let mut migrations = names(transaction, scope, MigrationStatus::Applied).await?;
    migrations.reverse();
    if let Some(steps) = steps {
        migrations.truncate(steps as usize);
    }
    match scope {
        Scope::Global => GlobalMigrator::down(transaction, steps).await?,
        Scope::Tenant(_) => TenantMigrator::down(transaction, steps).await?,
        Scope::Staging(_) => StagingMigrator::down(transaction, steps).await?,
        Scope::Stats(_) => StatsMigrator::down(transaction, steps).await?,
    }
    // What was reverted is missing: the next migration has something to do.
    set(transaction, "catwing.version", "reverted").await?;
    transaction.execute_unprepared(BOOKKEEPING).await?;
    Ok(Applied { migrations })
}

async fn read_status(pool: &PgPool, scope: Scope<'_>) -> Result<Vec<MigrationState>, DbErr> {
    let transaction = connection(pool).begin().await?;
    search_in(&transaction, scope).await?;
    let migrations = match scope {
        Scope::Global => GlobalMigrator::get_migration_with_status_read_only(&transaction).await?,
        Scope::Tenant(_) => {
            TenantMigrator::get_migration_with_status_read_only(&transaction).await?
        }
        Scope::Staging(_) => {
            StagingMigrator::get_migration_with_status_read_only(&transaction).await?
        }
        Scope::Stats(_) => StatsMigrator::get_migration_with_status_read_only(&transaction).await?,
    };
    transaction.rollback().await?;
    Ok(migrations
        .iter()
        .map(|migration| MigrationState {
            name: migration.name().to_owned(),
            applied: migration.status() == MigrationStatus::Applied,
        })
        .collect())
}

async fn names(
    transaction: &DatabaseTransaction,
    scope: Scope<'_>,
    status: MigrationStatus,
) -> Result<Vec<String>, DbErr> {
    let migrations = match scope {
        Scope::Global => GlobalMigrator::get_migration_with_status(transaction).await?,
        Scope::Tenant(_) => TenantMigrator::get_migration_with_status(transaction).await?,
        Scope::Staging(_) => StagingMigrator::get_migration_with_status(transaction).await?,
        Scope::Stats(_) => StatsMigrator::get_migration_with_status(transaction).await?,
    };
    Ok(migrations
        .iter()
        .filter(|migration| migration.status() == status)
        .map(|migration| migration.name().to_owned())
        .collect())
}

/// Begins a transaction that no other migration of the database runs beside.
async fn begin_alone(pool: &PgPool, scope: Scope<'_>) -> Result<DatabaseTransaction, DbErr> {
    let transaction = connection(pool).begin().await?;
    let sql =
        "select set_config('lock_timeout', $1, true) where current_setting('lock_timeout') = '0'";
    transaction
        .execute_raw(statement(sql, [LOCK_TIMEOUT.into()]))
        .await?;
    transaction
        .execute_raw(statement(
            "select pg_advisory_xact_lock($1)",
            [MIGRATION_LOCK.into()],
        ))
        .await?;
    set(&transaction, "client_connection_check_interval", GONE_AFTER).await?;
    for (setting, value) in scope.settings() {
        set(&transaction, setting, &value).await?;
    }
    Ok(transaction)
}

async fn act_as_owner(transaction: &DatabaseTransaction, scope: Scope<'_>) -> Result<(), DbErr> {
    set(transaction, "role", scope.owner_role()).await?;
    search_in(transaction, scope).await
}

/// Makes the scope's schemas the only ones that names are looked up in, beside `pg_catalog`.
async fn search_in(transaction: &DatabaseTransaction, scope: Scope<'_>) -> Result<(), DbErr> {
    let sql = "select set_config('search_path', (select string_agg(quote_ident(name), ', ') \
               from unnest($1) as name), true)";
    let path: Vec<String> = scope.search_path().into_iter().map(Into::into).collect();
    transaction
        .execute_raw(statement(sql, [path.into()]))
        .await?;
    Ok(())
}

/// Whether the newest object that tenants need in `cw_global` is there.
async fn global_is_ready(transaction: &DatabaseTransaction) -> Result<bool, DbErr> {
    let sql = "select to_regprocedure('cw_global.refuse_change_of_setting()') is not null as ready";
    let row = transaction.query_one_raw(statement(sql, [])).await?;
    row.map_or(Ok(false), |row| row.try_get("", "ready"))
}

/// Sets what holds until the transaction ends.
async fn set(transaction: &DatabaseTransaction, setting: &str, value: &str) -> Result<(), DbErr> {
    let sql = "select set_config($1, $2, true)";
    transaction
        .execute_raw(statement(sql, [setting.into(), value.into()]))
        .await?;
    Ok(())
}

pub(crate) fn statement<const N: usize>(sql: &str, values: [sea_orm::Value; N]) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

pub(crate) fn connection(pool: &PgPool) -> sea_orm::DatabaseConnection {
    SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone())
}

/// What was being done when an error came.
#[derive(Clone, Copy)]
enum Operation {
    Begin,
    Prepare,
    Migrate,
    Revert,
    Status,
    Remove,
}

fn failed(scope: Scope<'_>, operation: Operation) -> impl FnOnce(DbErr) -> MigrationError {
    let schema = scope.schema().to_owned();
    move |source| match operation {
        _ if is_lock_timeout(&source) => MigrationError::Busy { schema, source },
        Operation::Begin => MigrationError::Begin { schema, source },
        Operation::Prepare => MigrationError::Prepare { schema, source },
        Operation::Migrate => MigrationError::Migrate { schema, source },
        Operation::Revert => MigrationError::Revert { schema, source },
        Operation::Status => MigrationError::Status { schema, source },
        Operation::Remove => MigrationError::Remove { schema, source },
    }
}

fn is_lock_timeout(error: &DbErr) -> bool {
    let (DbErr::Exec(cause) | DbErr::Query(cause) | DbErr::Conn(cause)) = error else {
        return false;
    };
    let sea_orm::RuntimeErr::SqlxError(cause) = cause else {
        return false;
    };
    cause
        .as_database_error()
        .and_then(|error| error.code())
        .is_some_and(|code| code == LOCK_NOT_AVAILABLE)
}
