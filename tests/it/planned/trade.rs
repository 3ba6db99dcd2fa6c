//! Queries of documents, stock, prices and costs.

use super::{Query, query};

pub(super) const SALES: &[Query] = &[
    query(
        "sales_of_location",
        "step 5, UI: location",
        "select o.order_date, sum(l.qty), sum(l.line_value) from sales_orders as o
         join sales_order_lines as l on l.sales_order_id = o.id
         where o.location_id = $1 and o.order_date between $2 and $3 group by o.order_date",
        "17, '2025-12-01', '2025-12-30'",
        &[
            "sales_orders_location_id_idx",
            "sales_order_lines_natural_key",
        ],
    ),
    query(
        "sales_of_product",
        "step 5, UI: product",
        "select o.order_date, o.location_id, sum(l.qty) from sales_order_lines as l
         join sales_orders as o on o.id = l.sales_order_id
         where l.product_id = $1 and o.order_date between $2 and $3 group by o.order_date, o.location_id",
        "1234, '2025-01-01', '2025-12-30'",
        &["sales_order_lines_product_id_idx", "sales_orders_pkey"],
    ),
    query(
        "sales_of_day",
        "steps 4 and 8",
        "select o.location_id, l.product_id, sum(l.qty), sum(l.line_value) from sales_orders as o
         join sales_order_lines as l on l.sales_order_id = o.id
         where o.order_date = $1 group by o.location_id, l.product_id",
        "'2025-12-30'",
        &[
            "sales_orders_order_date_idx",
            "sales_order_lines_natural_key",
        ],
    ),
    query(
        "currencies_of_sales",
        "step 8",
        "select currency_id from sales_orders where currency_id > $1 order by currency_id limit 1",
        "0",
        &["sales_orders_currency_id_idx"],
    ),
    query(
        "sales_order_by_number",
        "step 3, UI: search",
        "select * from sales_orders where external_id = $1",
        "'SO4711'",
        &["sales_orders_natural_key"],
    ),
    query(
        "lines_of_sales_order",
        "step 3, UI: sales order",
        "select * from sales_order_lines where sales_order_id = $1 order by line_no",
        "4711",
        &["sales_order_lines_natural_key"],
    ),
    query(
        "changes_of_sales_order",
        "step 3, UI: sales order",
        "select * from sales_order_line_updates where sales_order_id = $1",
        "4710",
        &["sales_order_line_updates_sales_order_id_idx"],
    ),
    query(
        "changes_of_day",
        "steps 4 and 8",
        "select l.product_id, u.qty_delta, u.value_delta from sales_order_line_updates as u
         join sales_order_lines as l on l.id = u.sales_order_line_id where u.update_date = $1",
        "'2025-11-20'",
        &[
            "sales_order_line_updates_update_date_idx",
            "sales_order_lines_pkey",
        ],
    ),
    query(
        "newest_sales_orders",
        "UI: sales orders, page by page",
        "select * from sales_orders where order_date <= $1 and (order_date, id) < ($1, $2)
         order by order_date desc, id desc limit 50",
        "'2025-06-30', 75000",
        &["sales_orders_order_date_idx"],
    ),
    query(
        "sales_orders_of_customer",
        "UI: customer",
        "select * from sales_orders where customer_id = $1 order by order_date desc",
        "7920",
        &["sales_orders_customer_id_idx"],
    ),
    query(
        "sales_orders_in_status",
        "UI: sales orders that are open",
        "select * from sales_orders where sales_order_status_id = $1 order by order_date desc limit 50",
        "2",
        &["sales_orders_sales_order_status_id_idx"],
    ),
];

pub(super) const STOCK: &[Query] = &[
    query(
        "stock_of_day",
        "steps 4, 8, 11 and 12",
        "select location_id, product_id, on_hand_qty from inventory_quantities where snapshot_date = $1",
        "'2025-12-30'",
        &["inventory_quantities_snapshot_date_idx"],
    ),
    query(
        "newest_day_of_stock",
        "steps 8 and 12, UI: stock",
        "select max(snapshot_date) from inventory_quantities",
        "",
        &["inventory_quantities_snapshot_date_idx"],
    ),
    query(
        "stock_of_location",
        "step 12, UI: location",
        "select product_id, on_hand_qty from inventory_quantities
         where location_id = $1 and snapshot_date = $2",
        "7, '2025-12-30'",
        &["inventory_quantities_location_id_idx"],
    ),
    query(
        "newest_stock_of_product",
        "UI: product",
        "select l.id, q.snapshot_date, q.on_hand_qty from locations as l
         cross join lateral (
             select snapshot_date, on_hand_qty from inventory_quantities
             where product_id = $1 and location_id = l.id order by snapshot_date desc limit 1
         ) as q",
        "123",
        &["inventory_quantities_natural_key"],
    ),
    query(
        "stock_history",
        "step 5, UI: product at a location",
        "select snapshot_date, on_hand_qty from inventory_quantities
         where product_id = $1 and location_id = $2 and snapshot_date between $3 and $4
         order by snapshot_date",
        "123, 7, '2025-06-01', '2025-12-30'",
        &["inventory_quantities_natural_key"],
    ),
];

pub(super) const PURCHASES: &[Query] = &[
    query(
        "open_orders_of_supplier",
        "steps 5 and 12, UI: supplier",
        "select o.external_id, o.order_date, l.product_id, l.ordered_qty - l.received_qty
         from purchase_orders as o join purchase_order_lines as l on l.purchase_order_id = o.id
         where o.supplier_id = $1 and o.order_date >= $2 and o.closed_date is null
             and l.received_qty < l.ordered_qty",
        "42, '2025-07-01'",
        &[
            "purchase_orders_supplier_id_idx",
            "purchase_order_lines_natural_key",
        ],
    ),
    query(
        "newest_purchase_orders",
        "UI: purchase orders, page by page",
        "select * from purchase_orders where order_date <= $1 and (order_date, id) < ($1, $2)
         order by order_date desc, id desc limit 50",
        "'2025-06-30', 9000",
        &["purchase_orders_order_date_idx"],
    ),
    query(
        "first_purchase",
        "step 9",
        "select min(order_date) from purchase_orders",
        "",
        &["purchase_orders_order_date_idx"],
    ),
    query(
        "arrivals_due",
        "step 12, UI: arrivals",
        "select * from purchase_orders
         where closed_date is null and expected_date between $1 and $2 order by expected_date",
        "'2025-12-28', '2026-01-03'",
        &["purchase_orders_awaited_idx"],
    ),
    query(
        "purchase_order_by_number",
        "step 3, UI: search",
        "select * from purchase_orders where external_id = $1",
        "'PO4711'",
        &["purchase_orders_natural_key"],
    ),
    query(
        "purchase_orders_in_status",
        "UI: purchase orders that are open",
        "select * from purchase_orders where purchase_order_status_id = $1 order by order_date desc limit 50",
        "2",
        &["purchase_orders_purchase_order_status_id_idx"],
    ),
    query(
        "ordered_of_product",
        "step 12, UI: product",
        "select o.expected_date, o.location_id, l.ordered_qty - l.received_qty
         from purchase_order_lines as l join purchase_orders as o on o.id = l.purchase_order_id
         where l.product_id = $1 and l.received_qty < l.ordered_qty and o.closed_date is null",
        "4085",
        &["purchase_order_lines_product_id_idx"],
    ),
    query(
        "receipts_of_supplier",
        "step 5",
        "select r.received_date - o.order_date from receiving_orders as r
         join purchase_orders as o on o.id = r.purchase_order_id
         where r.supplier_id = $1 and r.received_date >= $2",
        "42, '2025-07-01'",
        &["receiving_orders_supplier_id_idx"],
    ),
    query(
        "newest_receipts",
        "UI: receipts, page by page",
        "select * from receiving_orders where received_date <= $1 and (received_date, id) < ($1, $2)
         order by received_date desc, id desc limit 50",
        "'2025-06-30', 9000",
        &["receiving_orders_received_date_idx"],
    ),
    query(
        "receipts_of_purchase_order",
        "step 3, UI: purchase order",
        "select r.received_date, l.product_id, l.received_qty from receiving_orders as r
         join receiving_order_lines as l on l.receiving_order_id = r.id where r.purchase_order_id = $1",
        "4711",
        &[
            "receiving_orders_purchase_order_id_idx",
            "receiving_order_lines_natural_key",
        ],
    ),
    query(
        "received_of_line",
        "steps 8 and 9",
        "select sum(received_qty) from receiving_order_lines where purchase_order_line_id = $1",
        "18844",
        &["receiving_order_lines_purchase_order_line_id_idx"],
    ),
    query(
        "store_orders_of_location",
        "step 12, UI: location",
        "select * from store_orders where location_id = $1 and order_date >= $2 order by order_date desc",
        "77, '2025-11-01'",
        &["store_orders_location_id_idx"],
    ),
    query(
        "newest_store_orders",
        "UI: store orders, page by page",
        "select * from store_orders where order_date <= $1 and (order_date, id) < ($1, $2)
         order by order_date desc, id desc limit 50",
        "'2025-06-30', 14000",
        &["store_orders_order_date_idx"],
    ),
    query(
        "newest_transfers",
        "UI: transfers, page by page",
        "select * from transfer_orders where shipped_date <= $1 and (shipped_date, id) < ($1, $2)
         order by shipped_date desc, id desc limit 50",
        "'2025-06-30', 14000",
        &["transfer_orders_shipped_date_idx"],
    ),
    query(
        "transfers_under_way",
        "step 12, UI: location",
        "select * from transfer_orders where to_location_id = $1 and received_date is null",
        "120",
        &["transfer_orders_under_way_idx"],
    ),
    query(
        "transfers_of_store_order",
        "UI: store order",
        "select * from transfer_orders where store_order_id = $1",
        "4711",
        &["transfer_orders_store_order_id_idx"],
    ),
];

pub(super) const PRICES: &[Query] = &[
    query(
        "offers_of_product",
        "steps 3 and 12, UI: product",
        "select supplier_id, unit_cost, is_default from x_supplier_products where product_id = $1",
        "1234",
        &["x_supplier_products_product_id_idx"],
    ),
    query(
        "offers_of_supplier",
        "UI: supplier",
        "select product_id, unit_cost from x_supplier_products where supplier_id = $1",
        "42",
        &["x_supplier_products_natural_key"],
    ),
    query(
        "offers_before_day",
        "step 3, UI: costs of a product",
        "select supplier_id, unit_cost from supplier_price_list_lines
         where product_id = $1 and list_date <= $2 order by list_date desc limit 1",
        "1234, '2025-06-30'",
        &["supplier_price_list_lines_product_id_idx"],
    ),
    query(
        "availability_of_supplier",
        "step 5, UI: supplier",
        "select product_id, is_available from supplier_available_products
         where supplier_id = $1 and file_date = (
             select max(file_date) from supplier_available_products where supplier_id = $1
         )",
        "42",
        &["supplier_available_products_supplier_id_idx"],
    ),
    query(
        "price_in_force",
        "UI: product",
        "select price_kind_id, price, location_id from pricing_lists
         where product_id = $1 and is_active and from_date <= $2 and coalesce(thru_date, $2) >= $2",
        "1234, '2025-12-30'",
        &["pricing_lists_natural_key"],
    ),
    query(
        "prices_of_location",
        "UI: location",
        "select product_id, price from pricing_lists where location_id = $1 and is_active",
        "17",
        &["pricing_lists_location_id_idx"],
    ),
    query(
        "cost_in_force",
        "steps 8, 9 and 12",
        "select unit_cost, currency_id from product_costs
         where product_id = $1 and from_date <= $2 and (thru_date is null or thru_date >= $2)",
        "1234, '2025-06-30'",
        &["product_costs_pkey"],
    ),
    query(
        "cost_history",
        "UI: costs of a product",
        "select from_date, thru_date, unit_cost from product_costs where product_id = $1 order by from_date",
        "1234",
        &["product_costs_pkey"],
    ),
];
