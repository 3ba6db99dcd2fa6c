-- Two years of a retailer of middle size, thinned where a tenth says the same to the planner: 20,000
-- products, 200 places, 100,000 orders of three lines. Day 0 is 2024-01-01, day 729 the last. Ids count
-- from 1; what hangs on them is spread by remainders, so that every run makes the same rows.

insert into brands (id, name, source_rank, source_version, raw_position)
select i, 'Brand ' || i, 3, '2024-01-01Z', 1 from generate_series(1, 200) as i;

insert into product_categories (id, external_id, name, is_active, declared_active, source_rank, source_version, raw_position)
select i, 'C' || i, 'Category ' || i, true, true, 3, '2024-01-01Z', 1 from generate_series(1, 300) as i;

insert into suppliers (id, external_id, supplier_name, direct_shipment, is_active, declared_active, source_rank, source_version, raw_position)
select i, 'S' || i, 'Supplier ' || i, false, true, true, 3, '2024-01-01Z', 1 from generate_series(1, 200) as i;

insert into locations (id, external_id, location_name, is_active, declared_active, source_rank, source_version, raw_position)
select i, 'L' || i, 'Store ' || i, true, true, 3, '2024-01-01Z', 1 from generate_series(1, 200) as i;

insert into products (
    id, external_id, product_sku, product_vendor_sku, product_name, product_kind, brand_id, product_category_id,
    supplier_id, is_active, declared_active, source_rank, source_version, raw_position
)
select
    i, 'P' || lpad(i::text, 6, '0'), 'SKU-' || lpad(i::text, 6, '0'), 'V' || i * 17,
    format('%s %s no %s',
        (array['Red', 'Green', 'Blue', 'White', 'Black', 'Oak', 'Steel', 'Linen'])[i % 8 + 1],
        (array['lamp', 'chair', 'table', 'mug', 'plate', 'towel', 'clock'])[i % 7 + 1], i),
    'goods', i % 200 + 1, i % 300 + 1, i % 200 + 1, i % 10 > 0, true, 3, '2024-01-01Z', 1
from generate_series(1, 20000) as i;

insert into product_attributes (id, product_id, attribute_name, attribute_value, source_version, raw_position)
select p * 3 + n, p, 'attribute ' || n, 'value ' || p % 9, '2024-01-01Z', 1
from generate_series(1, 20000) as p, generate_series(0, 1) as n;

insert into product_images (id, product_id, s3_key, source_version, raw_position)
select p, p, 'product-images/CW-000200/' || p || '.jpg', '2024-01-01Z', 1 from generate_series(1, 20000) as p;

insert into product_translations (id, product_id, field_name, language_id, value, source_version, raw_position)
select p * 3 + n, p, 'product_name', n, 'Name ' || p, '2024-01-01Z', 1
from generate_series(1, 20000) as p, generate_series(0, 1) as n;

insert into customers (id, external_id, customer_name, is_active, declared_active, source_rank, source_version, raw_position)
select i, 'K' || i, format('%s %s', (array['Ada', 'Ivan', 'Mary', 'Peter'])[i % 4 + 1], 'Person' || i), true, true, 3, '2024-01-01Z', 1
from generate_series(1, 30000) as i;

insert into location_relationships (
    id, parent_location_id, child_location_id, location_relationship_type_id, priority, source_version, raw_position
)
select c * 10 + p, p, c, 1, p, '2024-01-01Z', 1 from generate_series(1, 6) as p, generate_series(7, 200) as c;

-- 137 documents a day; 2 of 1,000 are still open.
insert into sales_orders (
    id, external_id, sales_order_type_id, customer_id, location_id, sales_order_status_id, order_date,
    total_value, currency_id, source_version, raw_position
)
select
    i, 'SO' || i, 1, i * 7919 % 30000 + 1, i * 31 % 200 + 1, case when i % 500 = 0 then 2 else 1 end,
    date '2024-01-01' + i * 73 / 10000, 50, 1, '2024-01-01Z', 1
from generate_series(1, 100000) as i;

insert into sales_order_lines (
    id, sales_order_id, line_no, product_id, qty, unit_price, discount_value, line_value, source_version, raw_position
)
select o * 3 + n, o, n, (o * 7907 + n * 4001) % 20000 + 1, 2, 5, 0, 10, '2024-01-01Z', 1
from generate_series(1, 100000) as o, generate_series(0, 2) as n;

insert into sales_order_line_updates (
    id, sales_order_id, sales_order_line_id, update_no, sales_order_line_update_type_id, update_date,
    qty_delta, value_delta, source_version, raw_position
)
select i, i * 5, i * 15, 0, 1, date '2024-01-08' + i * 73 / 2000, -1, -5, '2024-01-01Z', 1
from generate_series(1, 19000) as i;

-- Stock of every fortieth day, of 250 products in 20 places.
insert into inventory_quantities (id, product_id, location_id, snapshot_date, scope, on_hand_qty, source_version, raw_position)
select (d * 250 + p) * 20 + l, p, l, date '2024-01-10' + d * 40, '', 5, '2024-01-01Z', 1
from generate_series(0, 18) as d, generate_series(1, 250) as p, generate_series(1, 20) as l;

insert into pricing_lists (
    id, product_id, location_id, price_kind_id, price, currency_id, from_date, is_active, declared_active,
    source_rank, source_version, raw_position
)
select p * 10 + n, p, case when n = 2 and p % 10 = 0 then p / 10 % 200 + 1 end, 1, 5 + n, 1,
    date '2024-01-01' + n * 200 + p % 200, true, true, 3, '2024-01-01Z', 1
from generate_series(1, 20000) as p, generate_series(0, 2) as n;

insert into product_costs (product_id, from_date, thru_date, unit_cost, currency_id)
select p, date '2024-01-01' + n * 200, case when n < 2 then date '2024-01-01' + n * 200 + 199 end, 3, 1
from generate_series(1, 20000) as p, generate_series(0, 2) as n;

insert into x_supplier_products (id, supplier_id, product_id, unit_cost, currency_id, is_default, source_version, raw_position)
select p * 2 + n, (p + n) % 200 + 1, p, 3, 1, n = 0, '2024-01-01Z', 1
from generate_series(1, 20000) as p, generate_series(0, 1) as n;

insert into supplier_price_list_lines (
    id, supplier_price_list_id, supplier_id, list_date, product_id, unit_cost, currency_id, is_default, source_version, raw_position
)
select p * 5 + n, p % 200 * 5 + n, p % 200 + 1, date '2024-01-01' + n * 180, p, 3, 1, true, '2024-01-01Z', 1
from generate_series(1, 20000) as p, generate_series(0, 3) as n;

insert into supplier_available_products (
    id, product_id, supplier_id, supplier_ref, code, is_available, match_method_id, file_date, source_version, raw_position
)
select p * 30 + n, p, p % 50 + 1, 'ref', 'code', true, 1, date '2025-06-01' + n * 7, '2024-01-01Z', 1
from generate_series(1, 2000) as p, generate_series(0, 24) as n;

-- 16 purchase orders a day; those of the last month wait for goods.
insert into purchase_orders (
    id, external_id, supplier_id, location_id, purchase_order_status_id, order_date, expected_date, closed_date,
    total_value, currency_id, source_rank, source_version, raw_position
)
select
    i, 'PO' || i, i % 200 + 1, i % 20 + 1, case when i > 11500 then 2 else 1 end, d, d + 21,
    case when i <= 11500 then d + 25 end, 300, 1, 3, '2024-01-01Z', 1
from (select i, date '2024-01-01' + i * 73 / 1200 as d from generate_series(1, 12000) as i) as each;

insert into purchase_order_lines (
    id, purchase_order_id, line_no, product_id, ordered_qty, unit_cost, source_version, raw_position, received_qty
)
select o * 4 + n, o, n, (o * 7907 + n * 4001) % 20000 + 1, 100, 3, '2024-01-01Z', 1, case when o <= 11500 then 100 else 0 end
from generate_series(1, 12000) as o, generate_series(0, 3) as n;

insert into receiving_orders (
    id, external_id, purchase_order_id, location_id, receiving_order_status_id, received_date, source_version, raw_position, supplier_id
)
select i, 'R' || i, i, i % 20 + 1, 1, date '2024-01-22' + i * 73 / 1200, '2024-01-01Z', 1, i % 200 + 1
from generate_series(1, 11500) as i;

insert into receiving_order_lines (
    id, receiving_order_id, line_no, product_id, received_qty, source_version, raw_position, purchase_order_line_id
)
select o * 4 + n, o, n, (o * 7907 + n * 4001) % 20000 + 1, 100, '2024-01-01Z', 1, o * 4 + n
from generate_series(1, 11500) as o, generate_series(0, 3) as n;

insert into store_orders (
    id, external_id, location_id, source_location_id, store_order_status_id, order_date, source_rank, source_version, raw_position
)
select i, 'ST' || i, i % 194 + 7, i % 6 + 1, 1, date '2024-01-01' + i * 73 / 2000, 3, '2024-01-01Z', 1
from generate_series(1, 19900) as i;

-- 1 of 100 transfers is under way.
insert into transfer_orders (
    id, external_id, store_order_id, from_location_id, to_location_id, transfer_order_status_id, shipped_date,
    received_date, source_version, raw_position
)
select i, 'T' || i, i, i % 6 + 1, i % 194 + 7, 1, d, case when i <= 19700 then d + 2 end, '2024-01-01Z', 1
from (select i, date '2024-01-01' + i * 73 / 2000 as d from generate_series(1, 19900) as i) as each;

insert into product_market_observations (
    id, product_id, market_data_source_id, observation_date, market_price, currency_id, source_version, raw_position
)
select (d * 1000 + p) * 3 + s, p * 20, s, date '2025-10-01' + d, 5, 1, '2024-01-01Z', 1
from generate_series(0, 90) as d, generate_series(1, 250) as p, generate_series(1, 2) as s;

insert into category_market_observations (
    id, product_category_id, market_data_source_id, observation_date, demand_index, source_version, raw_position
)
select d * 1000 + c, c, 1, date '2025-10-01' + d, 100, '2024-01-01Z', 1
from generate_series(0, 90) as d, generate_series(1, 300) as c;

insert into product_web_analytics_daily (
    id, product_id, analytics_date, sessions, page_views, add_to_carts, purchases, source_version, raw_position
)
select d * 1000 + p, p * 20, date '2025-10-01' + d, 9, 9, 1, 1, '2024-01-01Z', 1
from generate_series(0, 90) as d, generate_series(1, 500) as p;

insert into location_web_analytics_daily (
    id, location_id, analytics_date, sessions, page_views, add_to_carts, purchases, source_version, raw_position
)
select d * 1000 + l, l, date '2025-10-01' + d, 9, 9, 1, 1, '2024-01-01Z', 1
from generate_series(0, 90) as d, generate_series(1, 200) as l;

insert into product_social_ad_daily (
    id, product_id, social_ad_platform_id, ad_date, impressions, clicks, conversions, spend, currency_id, source_version, raw_position
)
select (d * 1000 + p) * 3 + s, p * 20, s, date '2025-10-01' + d, 99, 9, 1, 2, 1, '2024-01-01Z', 1
from generate_series(0, 90) as d, generate_series(1, 250) as p, generate_series(1, 2) as s;

insert into category_social_ad_daily (
    id, product_category_id, social_ad_platform_id, ad_date, impressions, clicks, conversions, spend, currency_id, source_version, raw_position
)
select d * 1000 + c, c, 1, date '2025-10-01' + d, 99, 9, 1, 2, 1, '2024-01-01Z', 1
from generate_series(0, 90) as d, generate_series(1, 300) as c;

-- What people set: three times for each product, and the newest a fortnight ago at the most.
insert into product_settings (
    id, product_id, enabled_for_processing, event_id, user_id, created_at, source_version, raw_position
)
select p * 3 + n, p, p % 50 > 0, 'e' || n, 1, timestamptz '2024-01-01Z' + interval '1 hour' * ((p * 3 + n) % 17500), '2024-01-01Z', 1
from generate_series(1, 20000) as p, generate_series(0, 2) as n;

insert into category_settings (
    id, product_category_id, enabled_for_processing, event_id, user_id, created_at, source_version, raw_position
)
select c * 20 + n, c, true, 'e' || n, 1, timestamptz '2024-01-01Z' + interval '1 hour' * n, '2024-01-01Z', 1
from generate_series(1, 300) as c, generate_series(0, 19) as n;

insert into supplier_settings (
    id, supplier_id, enabled_for_processing, event_id, user_id, created_at, source_version, raw_position
)
select c * 20 + n, c, true, 'e' || n, 1, timestamptz '2024-01-01Z' + interval '1 hour' * n, '2024-01-01Z', 1
from generate_series(1, 200) as c, generate_series(0, 19) as n;

insert into location_settings (
    id, location_id, enabled_for_processing, event_id, user_id, created_at, source_version, raw_position
)
select c * 20 + n, c, true, 'e' || n, 1, timestamptz '2024-01-01Z' + interval '1 hour' * n, '2024-01-01Z', 1
from generate_series(1, 200) as c, generate_series(0, 19) as n;

insert into inventory_strategies (
    id, location_id, product_id, inventory_strategy_type_id, parameters, event_id, user_id, created_at, source_version, raw_position
)
select l * 100 + p, l, nullif(p, 0), 1, '{}', 'e', 1, timestamptz '2024-01-01Z' + interval '1 hour' * (l * 80 + p), '2024-01-01Z', 1
from generate_series(1, 200) as l, generate_series(0, 99) as p;

insert into product_behaviors (
    id, product_id, snapshot_date, velocity, trend, hotness_score, fmr_class_id, abc_class_id, xyz_class_id, freq_class_id,
    demand_cv, seasonality_strength, shelf_time_days, lead_time_days, reorder_time_days, n_stores, n_stores_optimized,
    min_inv_qty, demand_coverage_scale, is_supplier_availability_confirmed, is_phase_out_recommendation_confirmed,
    is_phase_out_execution_confirmed, source_version, raw_position
)
select d * 2000 + p, p, date '2025-11-01' + d, 1, 0, 50, p % 3 + 1, p % 3 + 1, p % 3 + 1, p % 4 + 1,
    1, 0, 1, 7, 7, 1, 1, 1, 1, false, false, false, '2024-01-01Z', 1
from generate_series(0, 59) as d, generate_series(1, 1000) as p;

insert into location_behaviors (
    id, location_id, snapshot_date, fill_rate, stockout_rate, avg_inventory_value, revenue, currency_id, active_products,
    source_version, raw_position
)
select d * 1000 + l, l, date '2025-10-01' + d, 1, 0, 10, 10, 1, 1, '2024-01-01Z', 1
from generate_series(0, 90) as d, generate_series(1, 200) as l;

insert into supplier_behaviors (
    id, supplier_id, snapshot_date, avg_lead_time_days, lead_time_p90, fill_rate, on_time_rate, open_po_count, source_version, raw_position
)
select d * 1000 + s, s, date '2025-10-01' + d, 7, 9, 1, 1, 1, '2024-01-01Z', 1
from generate_series(0, 90) as d, generate_series(1, 200) as s;

insert into category_behaviors (
    id, product_category_id, snapshot_date, product_count, active_product_count, total_revenue, total_inventory_value,
    currency_id, avg_hotness_score, avg_velocity, growth_rate, source_version, raw_position
)
select d * 1000 + c, c, date '2025-10-01' + d, 9, 9, 1, 1, 1, 50, 1, 0, '2024-01-01Z', 1
from generate_series(0, 90) as d, generate_series(1, 300) as c;

-- 25 refused records a day; one rule is rare.
insert into quarantine (
    raw_position, entity, business_day, object_key, ordinal, source_rows, rule, message, problems, record
)
select
    ((date '2024-01-01' + i / 25 - date '1970-01-01')::bigint << 47) + i, (array['products', 'sales_orders'])[i % 2 + 1],
    date '2024-01-01' + i / 25, 'raw-data/' || i / 12, i, 1, case when i % 500 = 0 then 'limit' else 'missing' end,
    'the message that says what is wrong', '[]', repeat('record ', 20)
from generate_series(1, 18000) as i;

insert into load_ledger (entry_number, entry_sha256, business_day, mapping_sha256, transform_version, run_id, applied_at)
select i, repeat('a', 64), date '2024-01-01' + i / 5, repeat('b', 64), 1, 'run', '2024-01-01Z' from generate_series(1, 3600) as i;

insert into load_counts (
    entry_number, object_key, entity, source_rows, records_read, records_won, records_superseded, records_duplicate,
    records_quarantined, rows_quarantined, rows_skipped, versions_cut
)
select i, 'object ' || n, 'products', 1, 1, 1, 0, 0, 0, 0, 0, 0 from generate_series(1, 3600) as i, generate_series(1, 5) as n;

insert into pipeline_runs (run_key, kind, from_day, thru_day, status, started_at, finished_at)
select 'run ' || i, 'run', date '2024-01-01' + i / 4, date '2024-01-01' + i / 4,
    case when i = 2900 then 'running' else 'done' end, '2024-01-01Z', case when i <> 2900 then timestamptz '2024-01-01Z' end
from generate_series(1, 2900) as i;

insert into pipeline_step_runs (pipeline_run_id, run_date, step_number, step_name, attempt, status, started_at, finished_at)
select i, date '2024-01-01' + i / 4, n, 'step', i % 4 + 1,
    case when i = 2900 and n = 13 then 'running' else 'done' end, '2024-01-01Z', case when i <> 2900 or n <> 13 then timestamptz '2024-01-01Z' end
from generate_series(1, 2900) as i, generate_series(1, 13) as n;

insert into data_quality_runs (pipeline_step_run_id, run_date, raw_prefix, data_quality_gate_decision_id, checks_total, checks_failed, started_at, finished_at)
select i, date '2024-01-01' + i / 4, 'raw-data/', 1, 10, 0, '2024-01-01Z', '2024-01-01Z' from generate_series(1, 2900) as i;

insert into data_quality_check_reports (data_quality_run_id, data_quality_check_id, is_passed, affected_rows)
select i, n, i % 50 > 0, 0 from generate_series(1, 2900) as i, generate_series(1, 40) as n where (i + n) % 4 = 0;

insert into data_health_reports (pipeline_step_run_id, snapshot_date, table_name, metric_name, data_health_severity_id, message)
select 1, date '2024-01-01' + d, 'table ' || n, 'rows', case when d % 100 = 0 then 3 else 1 end, 'message'
from generate_series(0, 729) as d, generate_series(1, 40) as n;

insert into ml_model_runs (id, run_date, model_name, s3_key, config, trained_at, source_version, raw_position)
select d * 3 + n, date '2024-01-01' + d, (array['classifier', 'regressor', 'warehouse_model'])[n + 1],
    format('ml-output/CW-000200/%s/models/%s', d, n), '{}', '2024-01-01Z', '2024-01-01Z', 1
from generate_series(0, 729) as d, generate_series(0, 2) as n;

insert into demand_forecasts (id, snapshot_date, forecast_horizon_id, is_oos_adjusted, source_version, raw_position)
select d * 3 + h, date '2024-01-01' + d, h, true, '2024-01-01Z', 1
from generate_series(0, 729) as d, generate_series(1, 3) as h;

insert into demand_forecast_products (
    id, demand_forecast_id, product_id, location_id, period_start, period_end, expected_qty, oos_adjusted_qty, source_version, raw_position
)
select d * 10000 + p * 10 + w, (710 + d) * 3 + 1, p * 20, p % 200 + 1, date '2025-12-11' + d + w * 7, date '2025-12-17' + d + w * 7, 1, 1,
    '2024-01-01Z', 1
from generate_series(0, 19) as d, generate_series(1, 999) as p, generate_series(0, 3) as w;

insert into product_embeddings (id, product_id, embedding_model_id, snapshot_date, vector, source_version, raw_position)
select d * 20000 + p, p, d % 2 + 1, date '2025-12-01' + d / 2 * 7, '[0.1, 0.2]', '2024-01-01Z', 1
from generate_series(0, 9) as d, generate_series(1, 5000) as p;

insert into inventory_targets (
    id, product_id, location_id, inventory_strategy_type_id, snapshot_date, safety_stock_qty, reorder_point_qty, target_qty,
    service_level, source_version, raw_position
)
select d * 10000 + p * 200 + l, p, l, 1, date '2025-12-22' + d, 1, 2, 3, 0.95, '2024-01-01Z', 1
from generate_series(0, 8) as d, generate_series(1, 25) as p, generate_series(1, 200) as l;

-- 1 of 50 of each waits for a decision.
insert into po_recommendations (
    id, product_id, supplier_id, location_id, snapshot_date, recommended_qty, recommended_order_date, unit_cost, currency_id,
    confidence_score, po_recommendation_status_id, source_version, raw_position
)
select d * 1000 + p, p, p % 50 + 1, p % 20 + 1, day, 12, day + p % 7, 3, 1, 0.5, case when p % 50 = 0 then 1 else 2 end,
    '2024-01-01Z', 1
from (select d, date '2025-10-01' + d as day, p from generate_series(0, 90) as d, generate_series(1, 300) as p) as each;

insert into to_recommendations (
    id, product_id, from_location_id, to_location_id, snapshot_date, recommended_qty, recommended_ship_date, confidence_score,
    to_recommendation_status_id, source_version, raw_position
)
select d * 1000 + p, p, p % 6 + 1, p % 20 + 7, day, 12, day + p % 7, 0.5, case when p % 50 = 0 then 1 else 2 end, '2024-01-01Z', 1
from (select d, date '2025-10-01' + d as day, p from generate_series(0, 90) as d, generate_series(1, 300) as p) as each;

insert into assortment_recommendations (
    id, product_id, location_id, snapshot_date, assortment_status_id, confidence_score, assortment_recommendation_status_id,
    source_version, raw_position
)
select d * 1000 + p, p, p % 100 + 1, date '2025-10-01' + d, 1, 0.5, case when p % 50 = 0 then 1 else 2 end, '2024-01-01Z', 1
from generate_series(0, 90) as d, generate_series(1, 300) as p;

insert into recommendation_outcomes (id, po_recommendation_id, measured_date, is_respected, source_version, raw_position)
select id, id, snapshot_date + 7, true, '2024-01-01Z', 1 from po_recommendations;

insert into x_assortment_products (id, assortment_id, product_id, assortment_status_id, is_confirmed, source_version, raw_position)
select a * 1000 + p, a, a * 7 + p, 1, true, '2024-01-01Z', 1 from generate_series(1, 200) as a, generate_series(1, 100) as p;

insert into staging_files (staging_batch_id, s3_key, checksum, size_bytes, row_count)
select i / 10, 'key ' || i, repeat('a', 64), 1, 50 from generate_series(1, 1000) as i;

insert into staging_records (staging_file_id, record_number, payload, is_valid, error_message)
select f, n, '{"sku": "x"}', n % 40 > 0, case when n % 40 = 0 then 'no price' end
from generate_series(1, 1000) as f, generate_series(1, 50) as n;

insert into staging_column_profiles (staging_file_id, column_name, null_count, distinct_count)
select f, 'column ' || n, 0, 1 from generate_series(1, 1000) as f, generate_series(1, 12) as n;

insert into daily_sales_values (location_id, period_start, period_end, total_qty, total_value, product_count)
select nullif(l, 0), day, day, 1, 1, 1
from (select l, date '2024-01-01' + d as day from generate_series(0, 729) as d, generate_series(0, 60) as l) as each;

insert into cw_global.weather_observations (id, city_id, observation_date, temperature_mean, source_version, raw_position)
select c * 1000 + d, c, date '2025-01-01' + d, 10, '2024-01-01Z', 1 from generate_series(1, 100) as c, generate_series(0, 363) as d;

insert into cw_global.cities (id, name, country)
select i, 'City ' || i, 'BG' from generate_series(1, 3000) as i;

insert into cw_global.users (id, email, display_name, is_active)
select i, 'person' || i || '@example.com', 'Person', true from generate_series(1, 20000) as i;

insert into cw_global.x_user_clients (id, user_id, client_id)
select i, i, 'CW-' || lpad((i % 400 + 1)::text, 6, '0') from generate_series(1, 20000) as i;

insert into cw_global.currency_rates (id, from_currency_id, to_currency_id, effective_date, rate, source_version, raw_position)
select c * 1000 + d, c + 1, 1, date '2024-01-01' + d, 2, '2024-01-01Z', 1 from generate_series(1, 10) as c, generate_series(0, 729) as d;
