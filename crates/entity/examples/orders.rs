//! What another program could start from: one tenant's newest sales, read as the tenant's reader.
//!
//! ```text
//! DATABASE_URL=postgres://... cargo run -p catwing-entity --example orders -- CW-000200
//! ```
//!
//! `catwing db status` prints the address of the embedded server.

#![expect(clippy::print_stdout, reason = "printing is what it does")]

use std::{env, error::Error};

use catwing_entity::{
    currencies, locations, product_categories, product_settings, products, sales_order_lines,
    sales_orders, weekly_sales_values,
};
use sea_orm::{
    ConnectionTrait, Database, DatabaseTransaction, EntityTrait, ModelTrait, QueryFilter,
    QueryOrder, QuerySelect, TransactionTrait,
};

const ORDERS: u64 = 3;
const WEEKS: u64 = 4;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("DATABASE_URL").map_err(|_| "set DATABASE_URL")?;
    let client = env::args().nth(1).unwrap_or_else(|| "CW-000200".to_owned());
    let number = client
        .strip_prefix("CW-")
        .and_then(|n| n.parse::<u32>().ok());
    let number = number.ok_or("a client id is like CW-000200")?;

    let db = Database::connect(url).await?;
    let transaction = db.begin().await?;
    // Entities of a tenant's tables name no schema: the search path says whose rows are meant, and the
    // role that no other tenant's can be seen. Both end with the transaction.
    transaction
        .execute_unprepared(&format!(
            "set local role cw_{number}_reader; \
             set local search_path to cw_{number}, cw_{number}_stats, pg_temp"
        ))
        .await?;
    newest_orders(&transaction).await?;
    newest_weeks(&transaction).await?;
    transaction.rollback().await?;
    db.close().await?;
    Ok(())
}

/// The newest documents: where, in what currency, and what of which category.
async fn newest_orders(db: &DatabaseTransaction) -> Result<(), Box<dyn Error>> {
    let newest = sales_orders::Entity::find()
        .order_by_desc(sales_orders::COLUMN.order_date)
        .order_by_desc(sales_orders::COLUMN.external_id)
        .limit(ORDERS)
        .all(db)
        .await?;
    for order in newest {
        let place = order.find_related(locations::Entity).one(db).await?;
        let place = place.map_or_else(String::new, |place| place.location_name);
        let currency = order.find_related(currencies::Entity).one(db).await?;
        let currency = currency.map_or_else(String::new, |currency| currency.code);
        println!(
            "{} {} {place}: {} {currency}",
            order.order_date, order.external_id, order.total_value
        );
        let lines = order
            .find_related(sales_order_lines::Entity)
            .find_also_related(products::Entity)
            .order_by_asc(sales_order_lines::COLUMN.line_no)
            .all(db)
            .await?;
        for (line, product) in lines {
            let Some(product) = product else { continue };
            let category = product
                .find_related(product_categories::Entity)
                .one(db)
                .await?;
            let category = category.map_or_else(String::new, |category| category.name);
            println!(
                "  {} x {} ({category}){}",
                line.qty,
                product.product_name,
                packages(&product, db).await?
            );
        }
    }
    Ok(())
}

/// What people have set of a product's packages: the newest row is in force.
async fn packages(
    product: &products::Model,
    db: &DatabaseTransaction,
) -> Result<String, Box<dyn Error>> {
    let newest = product
        .find_related(product_settings::Entity)
        .order_by_desc(product_settings::COLUMN.created_at)
        .order_by_desc(product_settings::COLUMN.event_id)
        .one(db)
        .await?;
    let units = newest.and_then(|row| row.package_qty);
    Ok(units.map_or_else(String::new, |units| format!(", in packages of {units}")))
}

/// Sales of all places by week. Statistics have no id: rows are found by filters.
async fn newest_weeks(db: &DatabaseTransaction) -> Result<(), Box<dyn Error>> {
    let weeks = weekly_sales_values::Entity::find()
        .filter(weekly_sales_values::COLUMN.location_id.is_null())
        .order_by_desc(weekly_sales_values::COLUMN.period_start)
        .limit(WEEKS)
        .all(db)
        .await?;
    for week in weeks {
        println!(
            "{} to {}: {} pieces, {} of {} products",
            week.period_start,
            week.period_end,
            week.total_qty,
            week.total_value,
            week.product_count
        );
    }
    Ok(())
}
