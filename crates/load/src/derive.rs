//! What load works out from other rows: which delivery of a day's stock is complete, costs by day,
//! what purchase orders have received, today's cost and price; and which days and places statistics
//! have to look at again.
//!
//! All of it is a function of the merged rows, so that the order of deliveries does not show. What is
//! about to be replaced is noted before, since statistics of its old days and places change too.

use std::collections::BTreeSet;

use catwing_domain::{BusinessDay, Entity, TableId};
use sea_orm::sqlx::{self, PgConnection, Row};

use crate::{
    LoadError,
    load::Delivery,
    merge::Written,
    stage::{Stage, Staged, StagedScope},
    statement::{execute, fetch},
};

const TEMPORARY_TABLES: &str = "create temp table touched_costs (product_id bigint, from_day date) on commit drop; \
     create temp table touched_purchases (purchase_order_id bigint, from_day date) on commit drop";

const TOUCHED_OFFERS: &str = "insert into touched_costs \
     select distinct product_id, list_date from stage_supplier_price_list_lines";
const TOUCHED_RECORDS: &str = "insert into touched_costs \
     select distinct product_id, record_date from stage_product_cost_records";
const TOUCHED_RECEIPTS: &str = "insert into touched_purchases \
     select distinct purchase_order_id, received_date from stage_receiving_orders \
     where purchase_order_id is not null";
/// A receipt that names no purchase order any more has no supplier either.
const FORGOTTEN_SUPPLIERS: &str = "update receiving_orders as receipt set supplier_id = null \
     from won_receiving_orders as won \
     where won.id = receipt.id and won.replaces and receipt.purchase_order_id is null \
     and receipt.supplier_id is not null";
const TOUCHED_PURCHASES: &str = "insert into touched_purchases \
     select distinct id, order_date from stage_purchase_orders where source_rank = 3";

const STOCK_DAYS: &str = "insert into statistics_touched (subject, location_id, from_day, thru_day) \
     select distinct 'inventory', location_id, snapshot_date, snapshot_date \
     from stage_inventory_quantities on conflict do nothing";
const STOCK_SET_DAYS: &str = "insert into statistics_touched (subject, location_id, from_day, thru_day) \
     select distinct 'inventory', null::bigint, snapshot_date, snapshot_date \
     from stage_inventory_sets on conflict do nothing";

/// Tables that today's costs and prices are made of.
const OF_CACHES: [TableId; 5] = [
    TableId::Products,
    TableId::Suppliers,
    TableId::XSupplierProducts,
    TableId::PriceKinds,
    TableId::PricingLists,
];

/// What is known of the rows that a load has replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Replaced {
    /// Those that this transaction has chosen stand in its own tables.
    Noted,
    /// Nothing stood there before, and statistics are made anew: there is nothing to note.
    Nothing,
}

/// Makes the tables that notes of a load go to, where it has what is noted.
pub(crate) async fn prepare(connection: &mut PgConnection, stage: &Stage) -> Result<(), LoadError> {
    const NOTED: [TableId; 4] = [
        TableId::SupplierPriceLists,
        TableId::ProductCostRecords,
        TableId::PurchaseOrders,
        TableId::ReceivingOrders,
    ];
    if !NOTED.iter().any(|table| stage.has(Staged::Rows(*table))) {
        return Ok(());
    }
    execute(connection, TEMPORARY_TABLES.to_owned())
        .await
        .map_err(failed("notes"))?;
    Ok(())
}

/// What is noted of the rows that the winners of a table replace, before they are.
pub(crate) fn before_replacing(table: TableId) -> Option<&'static str> {
    match table {
        TableId::SalesOrders => Some(include_str!("sql/forget_sales.sql")),
        TableId::PurchaseOrders => Some(include_str!("sql/forget_purchases.sql")),
        TableId::ReceivingOrders => Some(include_str!("sql/forget_receipts.sql")),
        TableId::SupplierPriceLists => Some(include_str!("sql/forget_prices.sql")),
        _ => None,
    }
}

/// Works out all that follows from the merged rows and from presence.
pub(crate) async fn derive(
    connection: &mut PgConnection,
    stage: &Stage,
    scopes: &[StagedScope],
    deliveries: &[Delivery],
    replaced: Replaced,
    written: &mut Written,
) -> Result<(), LoadError> {
    if deliveries.is_empty() {
        return Ok(());
    }
    if replaced == Replaced::Noted && stage.has(Staged::Rows(TableId::SalesOrders)) {
        let sales = include_str!("sql/note_sales.sql").to_owned();
        execute(connection, sales).await.map_err(failed("sales"))?;
    }
    let days = delivered_days(connection, deliveries).await;
    *written.entry(TableId::DeliveredDays).or_default() +=
        days.map_err(failed("delivered days"))?;
    costs(connection, stage, written)
        .await
        .map_err(failed("costs"))?;
    receipts(connection, stage, replaced)
        .await
        .map_err(failed("receipts"))?;
    caches(connection, stage, scopes, deliveries, written)
        .await
        .map_err(failed("costs and prices of today"))
}

/// Keeps of the stock of each day and scope what the newest complete delivery, or a later one, says.
pub(crate) async fn stock(
    connection: &mut PgConnection,
    stage: &Stage,
    written: &mut Written,
) -> Result<(), LoadError> {
    let rows = stage.has(Staged::Rows(TableId::InventoryQuantities));
    let sets = stage.has(Staged::InventorySets);
    if !rows && !sets {
        return Ok(());
    }
    let failed = failed("stock");
    let touched: Vec<_> = [
        (rows, "stage_inventory_quantities"),
        (sets, "stage_inventory_sets"),
    ]
    .into_iter()
    .filter(|(staged, _)| *staged)
    .map(|(_, table)| format!("select snapshot_date, scope from {table}"))
    .collect();
    let touched = format!(
        "create temp table touched_stock on commit drop as {}; analyze touched_stock",
        touched.join(" union ")
    );
    let steps = [
        (true, touched.as_str()),
        (rows, STOCK_DAYS),
        (sets, STOCK_SET_DAYS),
        (sets, include_str!("sql/inventory_sets.sql")),
        (true, include_str!("sql/inventory_older.sql")),
    ];
    for (_, step) in steps.into_iter().filter(|(needed, _)| *needed) {
        let changed = execute(connection, step.to_owned()).await;
        let changed = changed.map_err(&failed)?;
        if step.contains("into inventory_sets") {
            written.insert(TableId::InventorySets, changed);
        }
    }
    Ok(())
}

/// Remembers on which business days which kinds of records were delivered.
async fn delivered_days(
    connection: &mut PgConnection,
    deliveries: &[Delivery],
) -> Result<u64, sqlx::Error> {
    let delivered: BTreeSet<(Entity, BusinessDay)> = deliveries
        .iter()
        .flat_map(|delivery| {
            let day = delivery.head.business_day;
            delivery
                .counts
                .keys()
                .map(move |(_, entity)| (*entity, day))
        })
        .collect();
    if delivered.is_empty() {
        return Ok(0);
    }
    let entities: Vec<&str> = delivered.iter().map(|(entity, _)| entity.name()).collect();
    let days: Vec<_> = delivered.iter().map(|(_, day)| day.to_string()).collect();
    // A new day of purchases is one that statistics have to show.
    let done = sqlx::query(
        "with fresh as (insert into delivered_days (entity, business_day) \
         select * from unnest($1::text[], $2::text[]::date[]) on conflict do nothing returning *), \
         noted as (insert into statistics_touched (subject, location_id, from_day, thru_day) \
         select distinct 'purchases', null::bigint, business_day, business_day from fresh \
         where entity in ('purchase_orders', 'receiving_orders') on conflict do nothing) \
         select count(*) from fresh",
    )
    .persistent(false)
    .bind(entities)
    .bind(days)
    .fetch_one(connection)
    .await?;
    let fresh: i64 = done.try_get(0)?;
    u64::try_from(fresh).map_err(|error| sqlx::Error::Decode(error.into()))
}

async fn costs(
    connection: &mut PgConnection,
    stage: &Stage,
    written: &mut Written,
) -> Result<(), sqlx::Error> {
    let offers = stage.has(Staged::Rows(TableId::SupplierPriceListLines));
    let lists = stage.has(Staged::Rows(TableId::SupplierPriceLists));
    let records = stage.has(Staged::Rows(TableId::ProductCostRecords));
    if offers {
        execute(connection, TOUCHED_OFFERS.to_owned()).await?;
    }
    if records {
        execute(connection, TOUCHED_RECORDS.to_owned()).await?;
    }
    if lists || records {
        execute(connection, "analyze touched_costs".to_owned()).await?;
        let rows = execute(connection, include_str!("sql/product_costs.sql").to_owned()).await?;
        written.insert(TableId::ProductCosts, rows);
    }
    Ok(())
}

async fn receipts(
    connection: &mut PgConnection,
    stage: &Stage,
    replaced: Replaced,
) -> Result<(), sqlx::Error> {
    let received = stage.has(Staged::Rows(TableId::ReceivingOrders));
    let ordered = stage.has(Staged::Rows(TableId::PurchaseOrders));
    if received {
        execute(connection, TOUCHED_RECEIPTS.to_owned()).await?;
        if replaced == Replaced::Noted {
            execute(connection, FORGOTTEN_SUPPLIERS.to_owned()).await?;
        }
    }
    if ordered {
        execute(connection, TOUCHED_PURCHASES.to_owned()).await?;
    }
    if received || ordered {
        execute(connection, "analyze touched_purchases".to_owned()).await?;
        execute(connection, include_str!("sql/receipts.sql").to_owned()).await?;
    }
    Ok(())
}

/// Today is the newest business day of the tenant's deliveries; no write of the UI moves it. When it
/// moves, prices may come into force that no file of the day speaks of.
async fn caches(
    connection: &mut PgConnection,
    stage: &Stage,
    scopes: &[StagedScope],
    deliveries: &[Delivery],
    written: &mut Written,
) -> Result<(), sqlx::Error> {
    let newest =
        "select max(business_day)::text from load_ledger where kind = 'delivery'".to_owned();
    let before: Option<String> = match fetch(connection, newest).await?.first() {
        Some(row) => row.try_get(0)?,
        None => None,
    };
    let here = deliveries
        .iter()
        .filter(|delivery| delivery.head.kind == "delivery")
        .map(|delivery| delivery.head.business_day.to_string())
        .max();
    let Some(today) = here.max(before.clone()) else {
        return Ok(());
    };
    let moved = before.as_ref() != Some(&today);
    let staged = OF_CACHES
        .iter()
        .any(|table| stage.has(Staged::Rows(*table)));
    let scoped = scopes
        .iter()
        .any(|staged| OF_CACHES.contains(&staged.scope.table));
    if moved || staged || scoped {
        let sql = include_str!("sql/product_caches.sql");
        let rows = execute(
            connection,
            sql.replace("$today", &format!("date '{today}'")),
        )
        .await?;
        *written.entry(TableId::Products).or_default() += rows;
    }
    Ok(())
}

fn failed(what: &'static str) -> impl Fn(sqlx::Error) -> LoadError {
    move |source| LoadError::Derive { what, source }
}
