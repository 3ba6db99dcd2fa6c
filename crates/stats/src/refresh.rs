//! Computing what has changed, or everything.

use std::{collections::BTreeMap, time::Instant};

use catwing_domain::{
    Site, TableId, TenantId,
    failpoint::{self, failpoint},
};
use sea_orm::sqlx::{self, PgConnection, PgPool, Postgres, Transaction};

use crate::{
    RowChanges, Seconds, StatsError, StatsReport, Subject,
    statement::{execute, with},
};

/// Memory that the server may use for one sort or hash.
const WORK_MEM: &str = "64MB";

/// What a refresh reads was mostly written lately: it is in memory, and estimates are of before it came. A
/// whole table must not seem cheaper than the rows that are asked for; nor, beside hashes of the few things that
/// rows are joined with, sorts of all of them; and what is asked for once need not be remembered.
const PLANS: &str = "set local random_page_cost to 1.1; set local enable_mergejoin to off; \
    set local enable_memoize to off";

/// How soon the server notices, in the middle of a statement, that the process is gone.
const GONE_AFTER: &str = "1s";

const SCRATCH: &str = include_str!("sql/scratch.sql");
const DISTINCT: &str = include_str!("sql/distinct.sql");
const RATES: &str = include_str!("sql/rates.sql");
const CHANGED_RATES: &str = include_str!("sql/changed_rates.sql");
const TAKEN_CHANGES: &str = include_str!("sql/taken_changes.sql");
const DOCUMENTS: &str = include_str!("sql/documents.sql");
const RANGES: &str = include_str!("sql/ranges.sql");
const PRODUCTS: &str = include_str!("sql/products.sql");
const EVERYTHING: &str = include_str!("sql/everything.sql");
const CALENDAR: &str = include_str!("sql/calendar.sql");
const SALES: &str = include_str!("sql/sales.sql");
const INVENTORY: &str = include_str!("sql/inventory.sql");
const PURCHASES: &str = include_str!("sql/purchases.sql");
const SUMMED_DAYS: &str = include_str!("sql/summed_days.sql");
const SHOWN_DAYS: &str = include_str!("sql/shown_days.sql");
const DELETE: &str = include_str!("sql/delete.sql");
const UPDATE: &str = include_str!("sql/update.sql");
const INSERT: &str = include_str!("sql/insert.sql");
const STATE: &str = include_str!("sql/state.sql");

/// Columns whose distinct values a refresh goes by, all of them with an index: table, column, where they go.
type Listed = (&'static str, &'static str, &'static str);

/// Currencies that facts are in.
const CURRENCIES: [Listed; 3] = [
    ("sales_orders", "currency_id", "refresh_currencies"),
    ("purchase_orders", "currency_id", "refresh_currencies"),
    ("product_costs", "currency_id", "refresh_currencies"),
];

/// Days that have facts: table, column, and what goes before them there.
const DAYS: [Listed; 3] = [
    ("sales_orders", "order_date", "'sales', "),
    ("sales_order_line_updates", "update_date", "'sales', "),
    ("inventory_quantities", "snapshot_date", "'inventory', "),
];

/// How much is computed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    Touched,
    Everything,
}

/// Computes the days that were touched since the last refresh, and the periods that they are in; all
/// of them the first time, and where the base currency or the tables are others.
///
/// # Errors
/// [`StatsError`]; the statistics are as they were then, and what was touched is still noted.
pub async fn refresh(pool: &PgPool, tenant: TenantId) -> Result<StatsReport, StatsError> {
    refresh_at(pool, tenant, Site::Live).await
}

/// The same for the tables at a site.
///
/// # Errors
/// Those of [`refresh`].
pub async fn refresh_at(
    pool: &PgPool,
    tenant: TenantId,
    site: Site,
) -> Result<StatsReport, StatsError> {
    run(pool, tenant, site, Extent::Touched).await
}

/// Computes everything; what stood there before has no part in the result.
///
/// # Errors
/// [`StatsError`]; the statistics are as they were then.
pub async fn rebuild(pool: &PgPool, tenant: TenantId) -> Result<StatsReport, StatsError> {
    run(pool, tenant, Site::Live, Extent::Everything).await
}

async fn run(
    pool: &PgPool,
    tenant: TenantId,
    site: Site,
    extent: Extent,
) -> Result<StatsReport, StatsError> {
    if tenant == TenantId::GLOBAL {
        return Err(StatsError::Global);
    }
    let mut transaction = begin(pool, tenant, site).await?;
    let mut report = match compute(&mut transaction, tenant, extent).await {
        Ok(report) => report,
        Err(error) => {
            // Rolled back here, the tenant's lock is free when the caller learns of the error. Where
            // that fails the connection is gone, and its transaction with it.
            let _ = transaction.rollback().await;
            return Err(error);
        }
    };
    failpoint(failpoint::STATS_BEFORE_COMMIT);
    let started = Instant::now();
    transaction
        .commit()
        .await
        .map_err(|source| StatsError::Commit { tenant, source })?;
    failpoint(failpoint::STATS_AFTER_COMMIT);
    report.seconds.commit = started.elapsed().as_secs_f64();
    tracing::debug!(%tenant, whole = report.is_whole, rows = report.rows_changed(), seconds = ?report.seconds, "statistics");
    Ok(report)
}

/// Opens a transaction in the tenant's schemas, as its loader, with its lock.
async fn begin(
    pool: &PgPool,
    tenant: TenantId,
    site: Site,
) -> Result<Transaction<'static, Postgres>, StatsError> {
    let failed = |source| StatsError::Begin { tenant, source };
    // What the holder of the lock before has committed must be seen by the statements that follow.
    let mut transaction = pool
        .begin_with("begin isolation level read committed read write")
        .await
        .map_err(failed)?;
    let schemas = tenant.schemas(site);
    let settings = format!(
        "set local role {role}; set local search_path to {stats}, {schema}, pg_temp; \
         set local jit to off; {PLANS}; set local work_mem to '{WORK_MEM}'; \
         set local client_connection_check_interval to '{GONE_AFTER}'",
        role = tenant.loader_role(),
        stats = schemas.stats,
        schema = schemas.main,
    );
    execute(&mut transaction, &settings).await.map_err(failed)?;
    let locked: bool = sqlx::query_scalar("select pg_try_advisory_xact_lock($1)")
        .bind(tenant.lock_at(site))
        .fetch_one(&mut *transaction)
        .await
        .map_err(failed)?;
    if !locked {
        transaction.rollback().await.map_err(failed)?;
        return Err(StatsError::Locked { tenant });
    }
    Ok(transaction)
}

async fn compute(
    connection: &mut PgConnection,
    tenant: TenantId,
    extent: Extent,
) -> Result<StatsReport, StatsError> {
    let failed = |phase| {
        move |source| StatsError::Compute {
            tenant,
            phase,
            source,
        }
    };
    let started = Instant::now();
    execute(connection, SCRATCH)
        .await
        .map_err(failed("changes"))?;
    let base = base_currency(connection, tenant).await?;
    let is_current = is_current(connection).await.map_err(failed("changes"))?;
    let is_current = is_current.ok_or(StatsError::NoTables { tenant })?;
    let is_whole = extent == Extent::Everything || !is_current;
    let changed_rates = find_changes(connection, is_whole)
        .await
        .map_err(failed("changes"))?;
    let days = days(connection).await.map_err(failed("changes"))?;
    if !days.is_empty() {
        execute(connection, PRODUCTS)
            .await
            .map_err(failed("changes"))?;
    }
    let mut seconds = Seconds {
        changes: started.elapsed().as_secs_f64(),
        ..Seconds::default()
    };

    let mut tables = BTreeMap::new();
    let mut without_cost = 0;
    for subject in Subject::ALL
        .into_iter()
        .filter(|subject| days.contains_key(subject))
    {
        let started = Instant::now();
        let phase = subject.name();
        let [(_, daily), ..] = subject.tables();
        let statement = match subject {
            Subject::Sales => SALES,
            Subject::Inventory => INVENTORY,
            Subject::Purchases => PURCHASES,
            Subject::Demand => "",
        };
        execute(connection, &with(statement, &[("daily", daily.name())]))
            .await
            .map_err(failed(phase))?;
        refuse_unconverted(connection, tenant, &base, phase).await?;
        if subject == Subject::Inventory {
            without_cost = count_without_cost(connection)
                .await
                .map_err(failed(phase))?;
        }
        let written = publish(connection, subject).await.map_err(failed(phase))?;
        tables.extend(written);
        let took = started.elapsed().as_secs_f64();
        match subject {
            Subject::Sales => seconds.sales = took,
            Subject::Inventory => seconds.inventory = took,
            Subject::Purchases => seconds.purchases = took,
            Subject::Demand => {}
        }
    }
    execute(connection, STATE).await.map_err(failed("state"))?;
    Ok(StatsReport {
        client: tenant,
        is_whole,
        days,
        tables,
        without_cost,
        changed_rates,
        seconds,
    })
}

/// The code of the currency that values are in.
async fn base_currency(
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<String, StatsError> {
    let query = "select c.code from refresh_base as b \
        join cw_global.currencies as c on c.id = b.base_currency_id";
    let found: Option<String> = sqlx::query_scalar(query)
        .persistent(false)
        .fetch_optional(connection)
        .await
        .map_err(|source| StatsError::Begin { tenant, source })?;
    found.ok_or(StatsError::Unregistered { tenant })
}

/// Whether the statistics that are there rest on what they would rest on now; nothing where there
/// are no tables to write to.
async fn is_current(connection: &mut PgConnection) -> Result<Option<bool>, sqlx::Error> {
    let query = "select exists (select from statistics_state as s \
            join refresh_base as b on b.base_currency_id = s.base_currency_id \
            where s.tables_identity = t.identity::oid::bigint) \
        from (select to_regclass('daily_sales_values') as identity) as t \
        where t.identity is not null";
    sqlx::query_scalar(query)
        .persistent(false)
        .fetch_optional(connection)
        .await
}

/// Fills the work tables that say what is computed; returns how many rates have changed.
async fn find_changes(connection: &mut PgConnection, is_whole: bool) -> Result<u64, sqlx::Error> {
    for (table, column, into) in CURRENCIES {
        let first = format!("t.{column} is not null");
        list(connection, (table, column, into), "", &first).await?;
    }
    execute(connection, RATES).await?;
    // One row a subject for each rate.
    let changed = execute(connection, CHANGED_RATES).await? / 3;
    execute(connection, TAKEN_CHANGES).await?;
    if is_whole {
        execute(connection, EVERYTHING).await?;
    } else {
        execute(connection, DOCUMENTS).await?;
    }
    execute(connection, RANGES).await?;
    for (table, column, constant) in DAYS {
        // No period that is computed begins before.
        let first = format!("t.{column} >= (select day from refresh_first_day)");
        let into = (table, column, "refresh_data_days");
        list(connection, into, constant, &first).await?;
    }
    execute(connection, CALENDAR).await?;
    Ok(changed)
}

/// Lists the distinct values of a column from those on that meet a condition, behind a constant.
async fn list(
    connection: &mut PgConnection,
    (table, column, into): Listed,
    constant: &str,
    first: &str,
) -> Result<(), sqlx::Error> {
    let names = [
        ("table", table),
        ("column", column),
        ("into", into),
        ("constant", constant),
        ("first", first),
    ];
    execute(connection, &with(DISTINCT, &names)).await?;
    Ok(())
}

/// The subjects that have changed, with the days that were.
async fn days(connection: &mut PgConnection) -> Result<BTreeMap<Subject, u64>, sqlx::Error> {
    let query = "select r.subject, count(distinct c.day) from refresh_ranges as r \
        left join refresh_calendar as c on c.subject = r.subject and c.granularity = 'daily' \
            and c.day between r.from_day and r.thru_day \
        group by r.subject";
    let found: Vec<(String, i64)> = sqlx::query_as(query)
        .persistent(false)
        .fetch_all(connection)
        .await?;
    let named = |(name, days): (String, i64)| {
        let subject = Subject::ALL
            .into_iter()
            .find(|subject| subject.name() == name)?;
        Some((subject, u64::try_from(days).unwrap_or_default()))
    };
    Ok(found.into_iter().filter_map(named).collect())
}

/// A value without a rate would be missing from a sum without a trace.
async fn refuse_unconverted(
    connection: &mut PgConnection,
    tenant: TenantId,
    base: &str,
    phase: &'static str,
) -> Result<(), StatsError> {
    let query = "select u.day::text, c.code, count(*) over () - 1 \
        from (select distinct day, currency_id from refresh_unconverted) as u \
        join cw_global.currencies as c on c.id = u.currency_id order by u.day, c.code limit 1";
    let found: Option<(String, String, i64)> = sqlx::query_as(query)
        .persistent(false)
        .fetch_optional(connection)
        .await
        .map_err(|source| StatsError::Compute {
            tenant,
            phase,
            source,
        })?;
    let Some((day, currency, others)) = found else {
        return Ok(());
    };
    Err(StatsError::MissingRate {
        tenant,
        day,
        currency,
        base: base.to_owned(),
        others: u64::try_from(others).unwrap_or_default(),
    })
}

async fn count_without_cost(connection: &mut PgConnection) -> Result<u64, sqlx::Error> {
    let query = "select coalesce(sum(without_cost_count), 0)::bigint from refresh_inventory \
        where location_id is not null";
    let count: i64 = sqlx::query_scalar(query)
        .persistent(false)
        .fetch_one(connection)
        .await?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// Brings a subject's tables to the rows that were computed. Rows that are right already are left
/// alone, so that readers find their pages as they were.
async fn publish(
    connection: &mut PgConnection,
    subject: Subject,
) -> Result<BTreeMap<&'static str, RowChanges>, sqlx::Error> {
    let tables = subject.tables();
    let [(_, daily), ..] = tables;
    let mut written = BTreeMap::new();
    for (granularity, table) in tables {
        written.insert(
            table.name(),
            write(connection, subject, granularity, table).await?,
        );
        let longer = match subject {
            Subject::Inventory | Subject::Purchases => SHOWN_DAYS,
            Subject::Sales => SUMMED_DAYS,
            Subject::Demand => continue,
        };
        if table == daily {
            let names = [("subject", subject.name()), ("daily", daily.name())];
            execute(connection, &with(longer, &names)).await?;
        }
    }
    execute(connection, "truncate refresh_rows").await?;
    Ok(written)
}

async fn write(
    connection: &mut PgConnection,
    subject: Subject,
    granularity: &str,
    table: TableId,
) -> Result<RowChanges, sqlx::Error> {
    let names = [
        ("subject", subject.name()),
        ("granularity", granularity),
        ("table", table.name()),
    ];
    Ok(RowChanges {
        deleted: execute(connection, &with(DELETE, &names)).await?,
        updated: execute(connection, &with(UPDATE, &names)).await?,
        inserted: execute(connection, &with(INSERT, &names)).await?,
    })
}
