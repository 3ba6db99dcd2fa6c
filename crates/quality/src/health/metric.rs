//! What the health monitor measures: each number by one query on indexed days, or on a small table.

/// How a number shifts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    /// An amount of a day, which varies.
    Flow,
    /// An amount that stays from day to day.
    Stock,
    /// A share of rows.
    Share,
}

/// One number.
#[derive(Debug)]
pub(super) struct Metric {
    pub(super) table: &'static str,
    pub(super) name: &'static str,
    pub(super) scale: Scale,
    /// Whether each day has its own: the query takes days and gives them with their numbers. Else it gives
    /// the one of now.
    pub(super) is_of_days: bool,
    pub(super) query: &'static str,
}

const fn of_days(
    table: &'static str,
    name: &'static str,
    scale: Scale,
    query: &'static str,
) -> Metric {
    Metric {
        table,
        name,
        scale,
        is_of_days: true,
        query,
    }
}

const fn of_now(
    table: &'static str,
    name: &'static str,
    scale: Scale,
    query: &'static str,
) -> Metric {
    Metric {
        table,
        name,
        scale,
        is_of_days: false,
        query,
    }
}

pub(super) const METRICS: &[Metric] = &[
    of_days(
        "sales_orders",
        "documents",
        Scale::Flow,
        "select order_date::text, count(*)::float8 from sales_orders \
         where order_date = any($1::text[]::date[]) group by order_date",
    ),
    of_days(
        "sales_orders",
        "share without customer",
        Scale::Share,
        "select order_date::text, avg((customer_id is null)::int)::float8 from sales_orders \
         where order_date = any($1::text[]::date[]) group by order_date",
    ),
    of_days(
        "sales_order_lines",
        "qty",
        Scale::Flow,
        "select documents.order_date::text, sum(lines.qty)::float8 from sales_orders as documents \
         join sales_order_lines as lines on lines.sales_order_id = documents.id \
         where documents.order_date = any($1::text[]::date[]) group by documents.order_date",
    ),
    of_days(
        "sales_order_lines",
        "line_value",
        Scale::Flow,
        "select documents.order_date::text, sum(lines.line_value)::float8 from sales_orders as documents \
         join sales_order_lines as lines on lines.sales_order_id = documents.id \
         where documents.order_date = any($1::text[]::date[]) group by documents.order_date",
    ),
    of_days(
        "purchase_orders",
        "documents",
        Scale::Flow,
        "select order_date::text, count(*)::float8 from purchase_orders \
         where order_date = any($1::text[]::date[]) group by order_date",
    ),
    of_days(
        "store_orders",
        "documents",
        Scale::Flow,
        "select order_date::text, count(*)::float8 from store_orders \
         where order_date = any($1::text[]::date[]) group by order_date",
    ),
    of_days(
        "transfer_orders",
        "documents",
        Scale::Flow,
        "select shipped_date::text, count(*)::float8 from transfer_orders \
         where shipped_date = any($1::text[]::date[]) group by shipped_date",
    ),
    of_days(
        "inventory_quantities",
        "rows",
        Scale::Stock,
        "select snapshot_date::text, count(*)::float8 from inventory_quantities \
         where snapshot_date = any($1::text[]::date[]) group by snapshot_date",
    ),
    of_days(
        "inventory_quantities",
        "on_hand_qty",
        Scale::Stock,
        "select snapshot_date::text, sum(on_hand_qty)::float8 from inventory_quantities \
         where snapshot_date = any($1::text[]::date[]) group by snapshot_date",
    ),
    of_now(
        "products",
        "active",
        Scale::Stock,
        "select count(*)::float8 from products where is_active and source_rank > 0",
    ),
    of_now(
        "products",
        "share without category",
        Scale::Share,
        "select avg((product_category_id is null)::int)::float8 from products where source_rank > 0",
    ),
    of_now(
        "products",
        "share without price",
        Scale::Share,
        "select avg((price is null)::int)::float8 from products where source_rank > 0",
    ),
    of_now(
        "locations",
        "active",
        Scale::Stock,
        "select count(*)::float8 from locations where is_active and source_rank > 0",
    ),
];
