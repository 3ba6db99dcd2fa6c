//! What the tables say, in the texts of [`super::model`].

use anyhow::Result;

use super::model::Tables;
use crate::warehouse::Warehouse;

/// A position in words, which does not ask the code that packed it.
const POSITION: &str = "(date '1970-01-01' + ({p} >> 47)::int) || ' r' || ({p} >> 38 & 511) || ' d' \
     || ({p} >> 32 & 63) || ' #' || ({p} >> 4 & 268435455)";
const AT: &str = "to_char({t}.source_version at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')";

/// Queries by the name of what they read. `{version:t}` stands for version and position of `t`.
const QUERIES: &[(&str, &str)] = &[
    (
        "sales_orders",
        "select t.external_id, k.name, c.external_id as customer, l.external_id as location, \
         s.name as status, total_value, code, {version:t} from sales_orders as t \
         join sales_order_types as k on k.id = sales_order_type_id \
         left join customers as c on c.id = customer_id join locations as l on l.id = location_id \
         left join sales_order_statuses as s on s.id = sales_order_status_id \
         join cw_global.currencies as u on u.id = currency_id",
    ),
    (
        "sales_order_lines",
        "select o.external_id as document, line_no, p.external_id, qty, unit_price, line_value, \
         {version:t} from sales_order_lines as t join sales_orders as o on o.id = sales_order_id \
         join products as p on p.id = product_id",
    ),
    (
        "sales_order_line_updates",
        "select o.external_id, line_no, update_no, name, qty_delta, value_delta, {version:t} \
         from sales_order_line_updates as t join sales_orders as o on o.id = t.sales_order_id \
         join sales_order_lines as l on l.id = sales_order_line_id \
         join sales_order_line_update_types as k on k.id = sales_order_line_update_type_id",
    ),
    (
        "products",
        "select t.external_id, product_name, product_kind, b.name as brand, c.external_id as category, \
         t.is_active, t.source_rank, {version:t} from products as t \
         left join brands as b on b.id = brand_id \
         left join product_categories as c on c.id = product_category_id",
    ),
    (
        "brands",
        "select name, country_of_origin, source_rank, {version:t} from brands as t",
    ),
    (
        "product_categories",
        "select t.external_id, t.name, p.external_id as parent, t.is_active, t.source_rank, {version:t} \
         from product_categories as t left join product_categories as p on p.id = t.parent_category_id",
    ),
    (
        "customers",
        "select external_id, customer_name, country, is_active, source_rank, {version:t} \
         from customers as t",
    ),
    (
        "locations",
        "select external_id, location_name, k.name, is_active, source_rank, {version:t} \
         from locations as t left join location_types as k on k.id = location_type_id",
    ),
    (
        "words",
        "select 'location_types' as of, name, {version:t} from location_types as t \
         union all select 'sales_order_types', name, {version:t} from sales_order_types as t \
         union all select 'sales_order_statuses', name, {version:t} from sales_order_statuses as t \
         union all select 'sales_order_line_update_types', name, {version:t} \
         from sales_order_line_update_types as t",
    ),
    (
        "quarantine",
        "select {position:raw_position} as position, entity, record_key from quarantine",
    ),
    (
        "presence_keys",
        "select table_name, {position:newest_position} as position from presence_keys",
    ),
    (
        "presence_snapshots",
        "select table_name, {position:newest_position} as position from presence_snapshots",
    ),
    (
        "counts",
        "select entity, sum(records_read) as read, sum(records_quarantined) as refused, \
         sum(records_duplicate) as repeated from load_counts group by 1 having sum(records_read) > 0",
    ),
];

/// How many there are.
pub const COUNT: usize = QUERIES.len();

/// Reads all of them.
pub async fn read(warehouse: &Warehouse) -> Result<Tables> {
    let mut tables = Tables::new();
    for (name, query) in QUERIES {
        let mut rows = warehouse.rows(&spelled_out(query)).await?;
        rows.sort();
        if !rows.is_empty() {
            tables.insert(name, rows);
        }
    }
    Ok(tables)
}

fn spelled_out(query: &str) -> String {
    let position = |column: &str| POSITION.replace("{p}", column);
    let version = format!(
        "{} as at, {} as position",
        AT.replace("{t}", "t"),
        position("t.raw_position")
    );
    query
        .replace("{version:t}", &version)
        .replace("{position:raw_position}", &position("raw_position"))
        .replace("{position:newest_position}", &position("newest_position"))
}
