//! What the tables say, in the texts of [`super::model`].

use anyhow::Result;

use super::model::Tables;
use crate::warehouse::Warehouse;

/// A position in words, which does not ask the code that packed it.
const POSITION: &str = "(date '1970-01-01' + ({p} >> 47)::int) || ' r' || ({p} >> 38 & 511) || ' d' \
     || ({p} >> 32 & 63) || ' #' || ({p} >> 4 & 268435455) || case when {p} & 15 > 0 then '.' || ({p} & 15) else '' end";
const AT: &str = "to_char({t}.source_version at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')";

/// Queries by the name of what they read. `{version:t}` stands for version and position of `t`.
const QUERIES: &[(&str, &str)] = &[
    (
        "sales_orders",
        "select t.external_id, k.name, c.external_id as customer, l.external_id as location, \
         s.name as status, order_date, total_value, code, {version:t} from sales_orders as t \
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
        "select o.external_id, line_no, update_no, name, update_date, qty_delta, value_delta, {version:t} \
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
         from sales_order_line_update_types as t \
         union all select 'image_types', name, {version:t} from image_types as t \
         union all select 'purchase_order_statuses', name, {version:t} from purchase_order_statuses as t \
         union all select 'receiving_order_statuses', name, {version:t} from receiving_order_statuses as t",
    ),
    (
        "product_parts",
        "select p.external_id, 'attribute' as part, attribute_value as says, {version:t} \
         from product_attributes as t join products as p on p.id = product_id \
         union all select p.external_id, 'image', s3_key, {version:t} \
         from product_images as t join products as p on p.id = product_id \
         union all select p.external_id, 'translation', value, {version:t} \
         from product_translations as t join products as p on p.id = product_id",
    ),
    (
        "suppliers",
        "select external_id, supplier_name, is_active, source_rank, {version:t} from suppliers as t",
    ),
    (
        "offers",
        "select s.external_id as supplier, p.external_id, unit_cost, code, is_default, {version:t} \
         from x_supplier_products as t join suppliers as s on s.id = supplier_id \
         join products as p on p.id = product_id \
         join cw_global.currencies as u on u.id = t.currency_id",
    ),
    (
        "product_costs",
        "select external_id, from_date, thru_date, unit_cost, code from product_costs as t \
         join products as p on p.id = product_id \
         left join cw_global.currencies as u on u.id = t.currency_id",
    ),
    (
        "costs and prices of today",
        "select external_id, cost, c.code, price, u.code as price_in from products as t \
         left join cw_global.currencies as c on c.id = cost_currency_id \
         left join cw_global.currencies as u on u.id = currency_id",
    ),
    (
        "price_kinds",
        "select name, rank, source_rank, {version:t} from price_kinds as t",
    ),
    (
        "pricing_lists",
        "select p.external_id, l.external_id as location, k.name, from_date, t.price, code, thru_date, \
         t.is_active, t.source_rank, {version:t} from pricing_lists as t \
         join products as p on p.id = product_id left join locations as l on l.id = location_id \
         join price_kinds as k on k.id = price_kind_id \
         join cw_global.currencies as u on u.id = t.currency_id",
    ),
    (
        "inventory_quantities",
        "select p.external_id, l.external_id as location, snapshot_date, on_hand_qty, {version:t} \
         from inventory_quantities as t join products as p on p.id = product_id \
         join locations as l on l.id = location_id",
    ),
    (
        "inventory_sets",
        "select snapshot_date, {position:newest_position} as position from inventory_sets",
    ),
    (
        "purchase_orders",
        "select t.external_id, s.external_id as supplier, l.external_id as location, k.name, order_date, \
         t.closed_date, total_value, code, t.source_rank, {version:t} from purchase_orders as t \
         left join suppliers as s on s.id = supplier_id left join locations as l on l.id = location_id \
         left join purchase_order_statuses as k on k.id = purchase_order_status_id \
         left join cw_global.currencies as u on u.id = t.currency_id",
    ),
    (
        "purchase_order_lines",
        "select o.external_id, line_no, p.external_id as product, ordered_qty, unit_cost, received_qty, \
         {version:t} from purchase_order_lines as t join purchase_orders as o on o.id = purchase_order_id \
         join products as p on p.id = product_id",
    ),
    (
        "receiving_orders",
        "select t.external_id, o.external_id as purchase, l.external_id as location, k.name, received_date, \
         s.external_id as supplier, {version:t} from receiving_orders as t \
         left join purchase_orders as o on o.id = purchase_order_id join locations as l on l.id = t.location_id \
         left join receiving_order_statuses as k on k.id = receiving_order_status_id \
         left join suppliers as s on s.id = t.supplier_id",
    ),
    (
        "receiving_order_lines",
        "select r.external_id, t.line_no, p.external_id as product, t.received_qty, o.line_no as of_line, \
         t.unit_cost, {version:t} from receiving_order_lines as t \
         join receiving_orders as r on r.id = receiving_order_id join products as p on p.id = t.product_id \
         left join purchase_order_lines as o on o.id = purchase_order_line_id",
    ),
    (
        "quarantine",
        "select {position:raw_position} as position, entity, record_key from quarantine",
    ),
    (
        "record_fixes",
        "select {position:raw_position} as position, entity from record_fixes",
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
