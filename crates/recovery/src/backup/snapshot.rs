//! The one moment of the database that a backup is of, and what each tenant held at it.

use std::collections::BTreeMap;

use catwing_domain::{
    BusinessDay, Identifier, Site, TenantId,
    manifest::{EntryNumber, Sha256Hash},
};
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection, PgPool, PgTransaction};

use super::{SchemaState, TenantState};
use crate::{RecoveryError, digest::digest_in};

/// The advisory lock of whoever takes a backup of a database, or must not meet one: "backup" in ASCII.
/// Whoever renames or replaces a tenant's schemas takes it too, since a dump finds tables by name.
pub const BACKUP_LOCK: i64 = 0x6261_636b_7570;

/// The turn of a backup: as long as this lives, no other one of the database is under way. It is a
/// transaction that reads nothing, so it keeps no old row alive.
pub(super) struct Turn {
    transaction: PgTransaction<'static>,
}

impl Turn {
    /// Takes the turn.
    ///
    /// # Errors
    /// [`RecoveryError::BackupRuns`] where another backup has it, [`RecoveryError::Snapshot`].
    pub(super) async fn take(pool: &PgPool) -> Result<Self, RecoveryError> {
        let failed = |source| RecoveryError::Snapshot { source };
        let mut transaction = pool.begin().await.map_err(failed)?;
        no_time_limits(&mut transaction).await.map_err(failed)?;
        let taken: bool = sqlx::query_scalar("select pg_try_advisory_xact_lock($1)")
            .bind(BACKUP_LOCK)
            .fetch_one(&mut *transaction)
            .await
            .map_err(failed)?;
        if taken {
            Ok(Self { transaction })
        } else {
            Err(RecoveryError::BackupRuns)
        }
    }

    /// Makes sure that it was not lost with its connection.
    pub(super) async fn check(&mut self) -> Result<(), RecoveryError> {
        let alive = sqlx::query("select 1").execute(&mut *self.transaction);
        alive
            .await
            .map(|_| ())
            .map_err(|source| RecoveryError::Snapshot { source })
    }

    /// Gives it back.
    pub(super) async fn give_back(self) {
        // The server takes it back by itself where the connection is gone.
        let _ = self.transaction.rollback().await;
    }
}

/// A snapshot that other connections can share while this lives.
pub(super) struct Snapshot {
    transaction: PgTransaction<'static>,
    /// Its name, for those who share it.
    pub name: String,
}

/// The server and database that a backup is of.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub database: String,
    pub server_version: String,
    pub server_version_num: i32,
}

impl Origin {
    pub(super) fn major(&self) -> u32 {
        u32::try_from(self.server_version_num / 10_000).unwrap_or_default()
    }
}

/// What server a pool leads to.
///
/// # Errors
/// [`RecoveryError::Snapshot`].
pub(super) async fn origin(pool: &PgPool) -> Result<Origin, RecoveryError> {
    let query = "select current_database()::text, \
         split_part(current_setting('server_version'), ' ', 1), \
         current_setting('server_version_num')::integer";
    let (database, server_version, server_version_num) = sqlx::query_as(query)
        .fetch_one(pool)
        .await
        .map_err(|source| RecoveryError::Snapshot { source })?;
    Ok(Origin {
        database,
        server_version,
        server_version_num,
    })
}

impl Snapshot {
    /// Takes it.
    ///
    /// # Errors
    /// [`RecoveryError::Snapshot`].
    pub(super) async fn take(pool: &PgPool) -> Result<Self, RecoveryError> {
        let failed = |source| RecoveryError::Snapshot { source };
        let begin = "begin isolation level repeatable read read only";
        let mut transaction = pool.begin_with(begin).await.map_err(failed)?;
        no_time_limits(&mut transaction).await.map_err(failed)?;
        let name = sqlx::query_scalar("select pg_export_snapshot()")
            .fetch_one(&mut *transaction)
            .await
            .map_err(failed)?;
        Ok(Self { transaction, name })
    }

    /// Every tenant whose schema is there, the shared one first.
    pub(super) async fn tenants(&mut self) -> Result<Vec<TenantId>, RecoveryError> {
        let query = "select nspname::text from pg_namespace \
             where nspname ~ '^cw_([1-9][0-9]{0,5}|global)$'";
        let found: Vec<String> = sqlx::query_scalar(query)
            .fetch_all(&mut *self.transaction)
            .await
            .map_err(|source| RecoveryError::Snapshot { source })?;
        let of_schema = |schema: &String| {
            let number = schema.strip_prefix("cw_")?;
            let client = format!("CW-{number:0>6}").to_uppercase();
            client.parse().ok()
        };
        let mut tenants: Vec<TenantId> = found.iter().filter_map(of_schema).collect();
        tenants.sort();
        match tenants.first() {
            Some(&TenantId::GLOBAL) => Ok(tenants),
            _ => Err(RecoveryError::NothingToBackUp),
        }
    }

    /// Bytes that the tables of tenants take, which is about what their dumps are long.
    pub(super) async fn size_bytes(&mut self, tenants: &[TenantId]) -> Result<u64, RecoveryError> {
        let schemas: Vec<String> = tenants.iter().copied().flat_map(schemas_of).collect();
        let query = "select coalesce(sum(pg_table_size(c.oid)), 0)::bigint from pg_class as c \
             join pg_namespace as n on n.oid = c.relnamespace \
             where c.relkind = 'r' and n.nspname = any($1)";
        let size: i64 = sqlx::query_scalar(query)
            .bind(schemas)
            .fetch_one(&mut *self.transaction)
            .await
            .map_err(|source| RecoveryError::Snapshot { source })?;
        Ok(u64::try_from(size).unwrap_or_default())
    }

    /// Where a tenant stands, as its own reader sees it.
    pub(super) async fn state(&mut self, client: TenantId) -> Result<TenantState, RecoveryError> {
        let failed = |source| RecoveryError::BackupRead { client, source };
        let connection = self.act_as(client, &client.reader_role()).await?;
        let main = client.schema();
        let ledger: Vec<(i64, String)> = all(
            connection,
            format!("select entry_number, entry_sha256 from {main}.load_ledger"),
        )
        .await
        .map_err(failed)?;
        let newest_day: Vec<Option<i32>> = scalars(
            connection,
            format!(
                "select max(business_day) - date '1970-01-01' from {main}.load_ledger \
                 where kind = 'delivery'"
            ),
        )
        .await
        .map_err(failed)?;
        let running = scalars(
            connection,
            format!(
                "select run_key from {main}.pipeline_runs where status = 'running' order by id"
            ),
        )
        .await
        .map_err(failed)?;
        let mut schemas = Vec::new();
        for schema in schemas_of(client) {
            schemas.extend(schema_state(connection, schema).await.map_err(failed)?);
        }
        let digest = digest_in(connection, client, Site::Live).await?;
        let day = |number: i32| u16::try_from(number).ok().map(BusinessDay::from_number);
        Ok(TenantState {
            client,
            schemas,
            newest_day: newest_day.into_iter().flatten().find_map(day),
            ledger: entries(client, ledger)?,
            running,
            digest: digest.without_days(),
        })
    }

    /// The transaction, acting as a role of a tenant.
    pub(super) async fn act_as(
        &mut self,
        client: TenantId,
        role: &Identifier,
    ) -> Result<&mut PgConnection, RecoveryError> {
        sqlx::query("select set_config('role', $1, true)")
            .bind(role.name())
            .execute(&mut *self.transaction)
            .await
            .map_err(|source| RecoveryError::BackupRead { client, source })?;
        Ok(&mut self.transaction)
    }

    /// Lets go of it: nobody can share it any more.
    pub(super) async fn end(self) {
        let _ = self.transaction.rollback().await;
    }
}

/// The schemas that a tenant may have.
pub(super) fn schemas_of(client: TenantId) -> Vec<String> {
    let mut schemas = vec![client.schema()];
    if client != TenantId::GLOBAL {
        schemas.extend([client.staging_schema(), client.stats_schema()]);
    }
    schemas
        .into_iter()
        .map(|schema| schema.name().to_owned())
        .collect()
}

fn entries(
    client: TenantId,
    ledger: Vec<(i64, String)>,
) -> Result<BTreeMap<EntryNumber, Sha256Hash>, RecoveryError> {
    let entry = |(number, sha256): (i64, String)| {
        let number = u64::try_from(number).ok().map(EntryNumber)?;
        Some((number, Sha256Hash::try_from(sha256).ok()?))
    };
    let count = ledger.len();
    let entries: BTreeMap<_, _> = ledger.into_iter().filter_map(entry).collect();
    if entries.len() == count {
        return Ok(entries);
    }
    Err(RecoveryError::LedgerUnreadable { client })
}

/// The state of a schema; none where it is not there.
async fn schema_state(
    connection: &mut PgConnection,
    schema: String,
) -> Result<Option<SchemaState>, sqlx::Error> {
    let comment: Option<Option<String>> = sqlx::query_scalar(
        "select obj_description(list.oid, 'pg_class') from pg_class as list \
         join pg_namespace as n on n.oid = list.relnamespace \
         where n.nspname = $1 and list.relname = 'seaql_migrations'",
    )
    .bind(&schema)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(comment) = comment else {
        return Ok(None);
    };
    let list = format!(
        "select version from {}.seaql_migrations order by version",
        Identifier::new(&schema)
    );
    let version = comment
        .as_deref()
        .and_then(|text| text.rsplit_once("; version "));
    Ok(Some(SchemaState {
        migrations: scalars(connection, list).await?,
        version: version.map(|(_, version)| version.to_owned()),
        schema,
    }))
}

async fn no_time_limits(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let query = "select set_config('idle_in_transaction_session_timeout', '0', true), \
         set_config('statement_timeout', '0', true)";
    sqlx::query(query).execute(connection).await.map(|_| ())
}

/// The rows of a query that is made of quoted identifiers alone.
async fn all<T>(connection: &mut PgConnection, query: String) -> Result<Vec<T>, sqlx::Error>
where
    T: Send + Unpin + for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>,
{
    sqlx::query_as(AssertSqlSafe(query))
        .fetch_all(connection)
        .await
}

/// The one column of such a query.
async fn scalars<T>(connection: &mut PgConnection, query: String) -> Result<Vec<T>, sqlx::Error>
where
    (T,): Send + Unpin + for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>,
    T: Send + Unpin,
{
    let rows: Vec<(T,)> = all(connection, query).await?;
    Ok(rows.into_iter().map(|(value,)| value).collect())
}
