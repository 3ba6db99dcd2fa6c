//! Computes digests inside the database, all tables in one snapshot.

use std::collections::{BTreeMap, BTreeSet};

use catwing_domain::{BusinessDay, Class, Site, TableId, TenantId, manifest::EntryNumber};
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection, PgPool, Postgres, Transaction};

use super::{
    DayDigest, ENCODING_VERSION, RowSum, TableDigest, TenantDigest,
    encoding::{GOLDEN_HASHES, SEEDS, table_query},
};
use crate::RecoveryError;

/// Computes the digest of a tenant's live tables as its reader role, in a snapshot of its own.
///
/// # Errors
/// [`RecoveryError::BeginDigest`], [`RecoveryError::DigestTable`], and what [`digest_in`] refuses.
pub async fn digest(pool: &PgPool, tenant: TenantId) -> Result<TenantDigest, RecoveryError> {
    digest_at(pool, tenant, Site::Live).await
}

/// The same of the tables at a site.
///
/// # Errors
/// Those of [`digest`].
pub async fn digest_at(
    pool: &PgPool,
    tenant: TenantId,
    site: Site,
) -> Result<TenantDigest, RecoveryError> {
    let begin = |source| RecoveryError::BeginDigest {
        client: tenant,
        source,
    };
    let mut transaction = begin_as_reader(pool, tenant).await.map_err(begin)?;
    let found = digest_in(&mut transaction, tenant, site).await?;
    transaction.rollback().await.map_err(begin)?;
    Ok(found)
}

/// The digest of a tenant's live tables and the entries that they hold, both of one moment.
///
/// # Errors
/// Those of [`digest`].
pub async fn digest_and_ledger(
    pool: &PgPool,
    tenant: TenantId,
) -> Result<(TenantDigest, BTreeSet<EntryNumber>), RecoveryError> {
    let begin = |source| RecoveryError::BeginDigest {
        client: tenant,
        source,
    };
    let mut transaction = begin_as_reader(pool, tenant).await.map_err(begin)?;
    let found = digest_in(&mut transaction, tenant, Site::Live).await?;
    let query = format!(
        "select entry_number from {}.load_ledger",
        tenant.schemas(Site::Live).main
    );
    let entries: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(query))
        .fetch_all(&mut *transaction)
        .await
        .map_err(begin)?;
    transaction.rollback().await.map_err(begin)?;
    // The database checks that they are not negative.
    let entries = entries
        .into_iter()
        .map(|entry| EntryNumber(entry.cast_unsigned()));
    Ok((found, entries.collect()))
}

/// A snapshot of its own, as the reader: who sees this tenant and nothing else, so that a mistake here
/// can't mix in another's rows.
async fn begin_as_reader(
    pool: &PgPool,
    tenant: TenantId,
) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let mut transaction = pool
        .begin_with("begin isolation level repeatable read read only")
        .await?;
    sqlx::query("select set_config('role', $1, true)")
        .bind(tenant.reader_role().name())
        .execute(&mut *transaction)
        .await?;
    Ok(transaction)
}

/// Computes the digest of a tenant's tables at a site in the caller's transaction: as its role, in its snapshot, which
/// should be a repeatable one so that all tables are of one moment.
///
/// The transaction's `search_path` is `pg_catalog` afterwards.
///
/// # Errors
/// [`RecoveryError::DigestServer`] for a server that hashes otherwise,
/// [`RecoveryError::DigestTable`].
pub async fn digest_in(
    connection: &mut PgConnection,
    tenant: TenantId,
    site: Site,
) -> Result<TenantDigest, RecoveryError> {
    check_server(connection, tenant).await?;
    let mut tables = BTreeMap::new();
    for id in TableId::ALL.iter().chain(TableId::STATISTICS) {
        if id.is_of(tenant) && id.table().class != Class::Journal {
            tables.insert(
                id.name().to_owned(),
                read_table(connection, tenant, site, *id).await?,
            );
        }
    }
    let (transform_versions, mappings) = read_provenance(connection, tenant, site).await?;
    Ok(TenantDigest {
        client: tenant,
        digest: TenantDigest::of_tables(&tables),
        encoding_version: ENCODING_VERSION,
        transform_versions,
        mappings,
        tables,
    })
}

/// Makes sure that the server's hashes are the ones that all digests are made of, and that names
/// in our queries mean the server's own functions.
async fn check_server(
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<(), RecoveryError> {
    let begin = |source| RecoveryError::BeginDigest {
        client: tenant,
        source,
    };
    // To compile these queries takes longer than to run them.
    sqlx::query(
        "select set_config('search_path', 'pg_catalog, pg_temp', true), set_config('jit', 'off', true)",
    )
        .execute(&mut *connection)
        .await
        .map_err(begin)?;
    let (encoding, first, second): (String, i64, i64) = sqlx::query_as(
        "select current_setting('server_encoding'), \
         hashtextextended('catwing' collate \"C\", $1), hashtextextended('catwing' collate \"C\", $2)",
    )
    .bind(SEEDS[0])
    .bind(SEEDS[1])
    .fetch_one(connection)
    .await
    .map_err(begin)?;
    if encoding != "UTF8" {
        let reason = "its encoding is not UTF8";
        return Err(RecoveryError::DigestServer { reason });
    }
    if [first, second] != GOLDEN_HASHES {
        let reason = "its hashes of text are others, as on a big-endian machine";
        return Err(RecoveryError::DigestServer { reason });
    }
    Ok(())
}

async fn read_table(
    connection: &mut PgConnection,
    tenant: TenantId,
    site: Site,
    id: TableId,
) -> Result<TableDigest, RecoveryError> {
    let table = id.name();
    let query = table_query(&id.schema_at(tenant, site), id.table());
    // Built from the catalogue and quoted identifiers alone.
    let found: Vec<(Option<i64>, i64, String, String)> = sqlx::query_as(AssertSqlSafe(query))
        .fetch_all(connection)
        .await
        .map_err(|source| RecoveryError::DigestTable {
            client: tenant,
            table,
            source,
        })?;

    let mut whole = DayDigest::default();
    let mut days = BTreeMap::new();
    for (day, rows, first, second) in found {
        let digest = RowSum::from_exact(exact(table, first)?, exact(table, second)?);
        let rows = u64::try_from(rows).unwrap_or_default();
        whole = DayDigest {
            rows: whole.rows + rows,
            digest: whole.digest.and(digest),
        };
        // Positions have 16 bits of day: the database checks that they are not negative.
        if let Some(day) = day.and_then(|day| u16::try_from(day).ok()) {
            days.insert(BusinessDay::from_number(day), DayDigest { rows, digest });
        }
    }
    Ok(TableDigest {
        rows: whole.rows,
        digest: whole.digest,
        days,
    })
}

fn exact(table: &'static str, value: String) -> Result<i128, RecoveryError> {
    value
        .parse()
        .map_err(|_| RecoveryError::DigestSum { table, value })
}

/// The transform versions and mappings of all applied deliveries.
async fn read_provenance(
    connection: &mut PgConnection,
    tenant: TenantId,
    site: Site,
) -> Result<(Vec<i32>, Vec<String>), RecoveryError> {
    let ledger = format!("{}.load_ledger", tenant.schemas(site).main);
    let query = format!(
        "select coalesce(array_agg(distinct transform_version), '{{}}'), \
         coalesce(array_agg(distinct mapping_sha256 collate \"C\"), '{{}}') from {ledger}"
    );
    sqlx::query_as(AssertSqlSafe(query))
        .fetch_one(connection)
        .await
        .map_err(|source| RecoveryError::DigestTable {
            client: tenant,
            table: TableId::LoadLedger.name(),
            source,
        })
}
