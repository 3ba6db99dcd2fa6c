//! One moment of a tenant's database, seen as its reader: all that an export reads.

use catwing_domain::{BusinessDay, TenantId};
use futures_util::TryStreamExt;
use sea_orm::sqlx::Row;
use sea_orm::sqlx::{self, AssertSqlSafe, Connection, PgConnection, PgPool, postgres::PgRow};

use crate::{
    ExportError, Position, Window,
    copy::{CopyRow, CopyRows},
};

/// Memory that the server may use for one sort or hash.
const WORK_MEM: &str = "64MB";
/// How soon the server notices, in the middle of a statement, that the process is gone.
const GONE_AFTER: &str = "1s";
/// With a tenant's number, the key of the lock that exports of the tenant take turns by.
const LOCK_CLASS: i32 = 0x6578_7074;

const FACTS: &str = include_str!("sql/facts.sql");

/// A read-only transaction on a connection of its own, with the lock of the tenant's exports. Dropped
/// without [`Self::close`], it closes the connection: a COPY may be half way.
pub(crate) struct Snapshot {
    connection: PgConnection,
    tenant: TenantId,
    base_currency_id: i64,
    /// Code of the tenant's base currency.
    pub base_currency: String,
    /// First day of the facts that are exported, `2026-02-24`.
    pub from_date: String,
    run_date: BusinessDay,
    /// What the tenant's database holds.
    pub position: Position,
    /// What the shared schema holds.
    pub shared_position: Position,
}

impl Snapshot {
    pub(crate) async fn open(
        pool: &PgPool,
        tenant: TenantId,
        window: Window,
    ) -> Result<Self, ExportError> {
        let failed = read_error(tenant, "the state");
        let mut connection = pool.acquire().await.map_err(&failed)?.detach();
        let begin = format!(
            "begin isolation level repeatable read read only; \
             set local role {role}; set local search_path to {schema}, pg_temp; \
             set local jit to off; set local work_mem to '{WORK_MEM}'; \
             set local client_connection_check_interval to '{GONE_AFTER}'",
            role = tenant.reader_role(),
            schema = tenant.schema(),
        );
        sqlx::raw_sql(AssertSqlSafe(begin))
            .execute(&mut connection)
            .await
            .map_err(&failed)?;
        lock(&mut connection, tenant).await?;
        let (base_currency_id, base_currency) = base_currency(&mut connection, tenant).await?;
        let from_date = match window.from {
            Some(day) => day.to_string(),
            None => first_day(&mut connection, window.run_date)
                .await
                .map_err(&failed)?,
        };
        let position = read_position(&mut connection, "load_ledger")
            .await
            .map_err(&failed)?;
        let shared_position = read_position(&mut connection, "cw_global.load_ledger")
            .await
            .map_err(&failed)?;
        Ok(Self {
            connection,
            tenant,
            base_currency_id,
            base_currency,
            from_date,
            run_date: window.run_date,
            position,
            shared_position,
        })
    }

    /// Streams the rows of a file: facts, and what the file makes of them.
    pub(crate) async fn rows(
        &mut self,
        file: &'static str,
        select: &'static str,
    ) -> Result<Rows<'_>, ExportError> {
        // A COPY takes no parameters: these are numbers and dates of our own making.
        let query = format!("{FACTS}{select}")
            .replace("$base", &self.base_currency_id.to_string())
            .replace("$from", &format!("date '{}'", self.from_date))
            .replace("$thru", &format!("date '{}'", self.run_date));
        let statement = format!("copy ({query}) to stdout (format binary)");
        let stream = self
            .connection
            .copy_out_raw(&statement)
            .await
            .map_err(read_error(self.tenant, file))?;
        Ok(Rows {
            stream,
            rows: CopyRows::default(),
            tenant: self.tenant,
            file,
        })
    }

    /// Makes sure that the transaction, and with it the lock, is still there.
    pub(crate) async fn hold(&mut self) -> Result<(), ExportError> {
        sqlx::raw_sql("select 1")
            .execute(&mut self.connection)
            .await
            .map_err(read_error(self.tenant, "the state"))?;
        Ok(())
    }

    /// Ends the transaction and lets go of the lock.
    pub(crate) async fn close(self) {
        // Where this fails the server sees the connection end, which comes to the same.
        let _ = self.connection.close().await;
    }
}

/// The rows of one file as they come.
pub(crate) struct Rows<'a> {
    stream: futures_util::stream::BoxStream<'a, Result<bytes::Bytes, sqlx::Error>>,
    rows: CopyRows,
    tenant: TenantId,
    file: &'static str,
}

impl Rows<'_> {
    /// The next row; none at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<CopyRow>, ExportError> {
        let malformed = |problem: crate::copy::Malformed| ExportError::Row {
            file: self.file,
            problem: problem.to_string(),
        };
        loop {
            if let Some(row) = self.rows.next_row().map_err(malformed)? {
                return Ok(Some(row));
            }
            let bytes = self.stream.try_next().await;
            let bytes = bytes.map_err(read_error(self.tenant, self.file))?;
            let Some(bytes) = bytes else {
                self.rows.end().map_err(malformed)?;
                return Ok(None);
            };
            self.rows.feed(&bytes);
        }
    }
}

/// The code of a currency, asked on a connection of its own: the snapshot's is busy with rows.
pub(crate) async fn currency_code(pool: &PgPool, id: i64) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("select code from cw_global.currencies where id = $1")
        .bind(id)
        .fetch_one(pool)
        .await
}

async fn lock(connection: &mut PgConnection, tenant: TenantId) -> Result<(), ExportError> {
    let number = i32::try_from(tenant.number()).unwrap_or(i32::MAX);
    let is_free: bool = sqlx::query_scalar("select pg_try_advisory_xact_lock($1, $2)")
        .bind(LOCK_CLASS)
        .bind(number)
        .fetch_one(connection)
        .await
        .map_err(read_error(tenant, "the state"))?;
    if is_free {
        Ok(())
    } else {
        Err(ExportError::Locked { tenant })
    }
}

async fn base_currency(
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<(i64, String), ExportError> {
    let found: Option<(i64, String)> = sqlx::query_as(
        "select currency.id, currency.code from cw_global.client_config as client \
         join cw_global.currencies as currency on currency.id = coalesce((select s.base_currency_id \
         from client_settings as s order by s.created_at desc, s.event_id collate \"C\" desc limit 1), \
         client.base_currency_id) \
         where client.client_id = $1",
    )
    .bind(tenant.to_string())
    .fetch_optional(connection)
    .await
    .map_err(read_error(tenant, "the base currency"))?;
    found.ok_or(ExportError::Unregistered { tenant })
}

/// The first day of any fact, at the latest the last one.
async fn first_day(
    connection: &mut PgConnection,
    run_date: BusinessDay,
) -> Result<String, sqlx::Error> {
    sqlx::query_scalar(
        "select least($1::date, (select min(order_date) from sales_orders), \
         (select min(update_date) from sales_order_line_updates), \
         (select min(snapshot_date) from inventory_quantities), \
         (select min(order_date) from purchase_orders))::text",
    )
    .bind(run_date.to_string())
    .fetch_one(connection)
    .await
}

async fn read_position(
    connection: &mut PgConnection,
    ledger: &'static str,
) -> Result<Position, sqlx::Error> {
    let query = format!(
        "select count(*), max(entry_number), max(business_day)::text, \
         coalesce(array_agg(distinct transform_version), '{{}}'), \
         coalesce(array_agg(distinct mapping_sha256 collate \"C\"), '{{}}') from {ledger}"
    );
    let row: PgRow = sqlx::query(AssertSqlSafe(query))
        .fetch_one(connection)
        .await?;
    Ok(Position {
        entries: row.try_get(0)?,
        greatest_entry: row.try_get(1)?,
        newest_business_day: row.try_get(2)?,
        transform_versions: row.try_get(3)?,
        mappings: row.try_get(4)?,
    })
}

fn read_error(tenant: TenantId, what: &'static str) -> impl Fn(sqlx::Error) -> ExportError {
    move |source| ExportError::Read {
        tenant,
        what,
        source,
    }
}
