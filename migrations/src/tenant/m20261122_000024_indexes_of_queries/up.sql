-- The indexes that the steps and the UI ask for beside keys and references. The comment of each begins with
-- the names of its queries, which a test has, with who asks, and shows that the planner takes the index.
-- Where a query asks by a reference and a day, the day joins the index of the reference, so that a load
-- writes no more indexes than before. No index holds what snapshots change daily.

drop index sales_orders_location_id_idx;
create index sales_orders_location_id_idx on sales_orders (location_id, order_date);
comment on index sales_orders_location_id_idx is
    'sales_of_location: sales of a place in a span of days';
comment on index sales_orders_order_date_idx is
    'sales_of_day, newest_sales_orders: sales by day, and the list of documents by date';

comment on index sales_order_line_updates_update_date_idx is
    'changes_of_day: returns and corrections of a day';

-- The day alone, and the place with its days: as many indexes as before, and both answer.
drop index inventory_quantities_snapshot_date_idx;
create index inventory_quantities_snapshot_date_idx on inventory_quantities (snapshot_date);
comment on index inventory_quantities_snapshot_date_idx is
    'stock_of_day, newest_day_of_stock: all stock of a day, and which day is the last';
drop index inventory_quantities_location_id_idx;
create index inventory_quantities_location_id_idx on inventory_quantities (location_id, snapshot_date);
comment on index inventory_quantities_location_id_idx is
    'stock_of_location: stock of a place on a day';

comment on index supplier_price_list_lines_product_id_idx is
    'offers_before_day: what suppliers offered of a product up to a day';

drop index supplier_available_products_supplier_id_idx;
create index supplier_available_products_supplier_id_idx on supplier_available_products (supplier_id, file_date);
comment on index supplier_available_products_supplier_id_idx is
    'availability_of_supplier: the newest file of a supplier';

-- Orders without an end are few, and only they are awaited.
drop index purchase_orders_supplier_id_idx;
create index purchase_orders_supplier_id_idx on purchase_orders (supplier_id, order_date);
comment on index purchase_orders_supplier_id_idx is
    'open_orders_of_supplier: what a supplier has yet to send';
create index purchase_orders_order_date_idx on purchase_orders (order_date);
comment on index purchase_orders_order_date_idx is
    'newest_purchase_orders, first_purchase: the list of documents by date, and the first day with one';
create index purchase_orders_awaited_idx on purchase_orders (expected_date) where closed_date is null;
comment on index purchase_orders_awaited_idx is
    'arrivals_due: orders without an end whose goods are due';

drop index receiving_orders_supplier_id_idx;
create index receiving_orders_supplier_id_idx on receiving_orders (supplier_id, received_date);
comment on index receiving_orders_supplier_id_idx is
    'receipts_of_supplier: how long a supplier took of late';
create index receiving_orders_received_date_idx on receiving_orders (received_date);
comment on index receiving_orders_received_date_idx is
    'newest_receipts: the list of documents by date';

drop index store_orders_location_id_idx;
create index store_orders_location_id_idx on store_orders (location_id, order_date);
comment on index store_orders_location_id_idx is
    'store_orders_of_location: what a store asked for of late';
create index store_orders_order_date_idx on store_orders (order_date);
comment on index store_orders_order_date_idx is
    'newest_store_orders: the list of documents by date';

-- Transfers under way are few.
create index transfer_orders_shipped_date_idx on transfer_orders (shipped_date);
comment on index transfer_orders_shipped_date_idx is
    'newest_transfers: the list of documents by date';
create index transfer_orders_under_way_idx on transfer_orders (to_location_id) where received_date is null;
comment on index transfer_orders_under_way_idx is
    'transfers_under_way: what is on its way to a place';

-- What people type. The words of a name by their beginnings need no extension, which the rights to
-- install may be missing for; a number's first 64 characters fit an index, whatever its length, and also
-- find the whole. Snapshots seldom change any of the three, and an update that does not stays on its page.
create index products_words_idx on products using gin (to_tsvector('simple', product_name));
comment on index products_words_idx is
    'products_by_words: products by the beginnings of words of their names';
drop index products_product_sku_idx;
create index products_product_sku_idx on products (left(product_sku, 64) text_pattern_ops);
comment on index products_product_sku_idx is
    'products_by_sku: products by the beginning of their SKU, or all of it';
create index products_product_vendor_sku_idx on products (left(product_vendor_sku, 64) text_pattern_ops);
comment on index products_product_vendor_sku_idx is
    'products_by_vendor_sku: products by the beginning of the vendor''s number, or all of it';

create index customers_words_idx on customers using gin (to_tsvector('simple', customer_name));
comment on index customers_words_idx is
    'customers_by_words: customers by the beginnings of words of their names';

-- The health monitor and the features read observations by source and day; few sources, many days.
drop index product_market_observations_market_data_source_id_idx;
create index product_market_observations_market_data_source_id_idx on product_market_observations (market_data_source_id, observation_date);
comment on index product_market_observations_market_data_source_id_idx is
    'market_of_day: what a source says of a day';

drop index category_market_observations_market_data_source_id_idx;
create index category_market_observations_market_data_source_id_idx on category_market_observations (market_data_source_id, observation_date);
comment on index category_market_observations_market_data_source_id_idx is
    'category_market_of_day: what a source says of a day';

create index product_web_analytics_daily_analytics_date_idx on product_web_analytics_daily (analytics_date);
comment on index product_web_analytics_daily_analytics_date_idx is
    'web_of_day: visits of products on a day';

create index location_web_analytics_daily_analytics_date_idx on location_web_analytics_daily (analytics_date);
comment on index location_web_analytics_daily_analytics_date_idx is
    'location_web_of_day: visits of places on a day';

drop index product_social_ad_daily_social_ad_platform_id_idx;
create index product_social_ad_daily_social_ad_platform_id_idx on product_social_ad_daily (social_ad_platform_id, ad_date);
comment on index product_social_ad_daily_social_ad_platform_id_idx is
    'ads_of_day: what a platform says of a day';

drop index category_social_ad_daily_social_ad_platform_id_idx;
create index category_social_ad_daily_social_ad_platform_id_idx on category_social_ad_daily (social_ad_platform_id, ad_date);
comment on index category_social_ad_daily_social_ad_platform_id_idx is
    'category_ads_of_day: what a platform says of a day';

-- Settings are only added: the newest of a key, and what was added since a run.
comment on index product_settings_newest_idx is
    'product_setting_in_force, product_setting_as_of: the newest row of a product, now or then';
create index product_settings_created_at_idx on product_settings (created_at);
comment on index product_settings_created_at_idx is
    'products_set_since: what people set since the last run';

comment on index category_settings_newest_idx is
    'category_setting_in_force: the newest row of a category';

comment on index supplier_settings_newest_idx is
    'supplier_setting_in_force: the newest row of a supplier';

comment on index location_settings_newest_idx is
    'location_setting_in_force: the newest row of a location';

comment on index inventory_strategies_newest_idx is
    'strategy_in_force: the newest row of a place and product';
create index inventory_strategies_created_at_idx on inventory_strategies (created_at);
comment on index inventory_strategies_created_at_idx is
    'strategies_set_since: what people set since the last run';

-- Snapshots are read as a whole; the products of a class are a part of one.
create index product_behaviors_snapshot_date_idx on product_behaviors (snapshot_date);
comment on index product_behaviors_snapshot_date_idx is
    'behaviors_of_day, newest_behaviors, products_of_class: all products of a snapshot, or those of a class';

create index location_behaviors_snapshot_date_idx on location_behaviors (snapshot_date);
comment on index location_behaviors_snapshot_date_idx is
    'locations_of_snapshot: all places of a snapshot';

create index supplier_behaviors_snapshot_date_idx on supplier_behaviors (snapshot_date);
comment on index supplier_behaviors_snapshot_date_idx is
    'suppliers_of_snapshot: all suppliers of a snapshot';

create index category_behaviors_snapshot_date_idx on category_behaviors (snapshot_date);
comment on index category_behaviors_snapshot_date_idx is
    'categories_of_snapshot: all categories of a snapshot';

comment on index quarantine_object_key_idx is
    'quarantine_of_object: what was refused of an object';
create index quarantine_business_day_idx on quarantine (business_day);
comment on index quarantine_business_day_idx is
    'quarantine_of_day: what was refused on a day';
create index quarantine_entity_idx on quarantine (entity, rule, business_day);
comment on index quarantine_entity_idx is
    'quarantine_of_rule: what broke a rule, newest days first';

comment on index load_ledger_business_day_idx is
    'ledger_of_day, newest_applied_day: deliveries of a day, and the newest day';

-- At most one run is under way, with one step; both are looked for when the next begins.
create index pipeline_runs_from_day_idx on pipeline_runs (from_day);
comment on index pipeline_runs_from_day_idx is
    'runs_of_day: runs of a day, the newest of which may be resumed';
create index pipeline_runs_running_idx on pipeline_runs (id) where status = 'running';
comment on index pipeline_runs_running_idx is
    'runs_under_way: runs that have not ended';

create index pipeline_step_runs_running_idx on pipeline_step_runs (id) where status = 'running';
comment on index pipeline_step_runs_running_idx is
    'steps_under_way: steps that have not ended';

comment on index data_quality_runs_run_date_idx is
    'gate_runs_of_day: what the quality gate decided on a day';

comment on index ml_model_runs_s3_key_idx is
    'model_of_artifact: the run that wrote an artifact';

comment on index demand_forecast_products_product_id_idx is
    'forecasts_of_product: forecasts of a product at a place for a span of days';
comment on index demand_forecast_products_location_id_idx is
    'forecasts_of_location: forecasts of a place for a span of days';

drop index product_embeddings_embedding_model_id_idx;
create index product_embeddings_embedding_model_id_idx on product_embeddings (embedding_model_id, snapshot_date);
comment on index product_embeddings_embedding_model_id_idx is
    'embeddings_of_day: all vectors of a model''s snapshot';

drop index inventory_targets_location_id_idx;
create index inventory_targets_location_id_idx on inventory_targets (location_id, snapshot_date);
comment on index inventory_targets_location_id_idx is
    'targets_of_location: targets of a place on a day';
create index inventory_targets_snapshot_date_idx on inventory_targets (snapshot_date);
comment on index inventory_targets_snapshot_date_idx is
    'targets_of_day: all targets of a day';

-- Recommendations are looked at by day, and of a day by what waits, by supplier and by place.
comment on index po_recommendations_snapshot_date_idx is
    'orders_recommended: what is recommended on a day, the most urgent first';
drop index po_recommendations_po_recommendation_status_id_idx;
create index po_recommendations_po_recommendation_status_id_idx on po_recommendations (po_recommendation_status_id, snapshot_date);
comment on index po_recommendations_po_recommendation_status_id_idx is
    'orders_to_decide: what waits for a decision';
drop index po_recommendations_supplier_id_idx;
create index po_recommendations_supplier_id_idx on po_recommendations (supplier_id, snapshot_date);
comment on index po_recommendations_supplier_id_idx is
    'orders_recommended_of_supplier: what a day''s order to a supplier would be';
drop index po_recommendations_location_id_idx;
create index po_recommendations_location_id_idx on po_recommendations (location_id, snapshot_date);
comment on index po_recommendations_location_id_idx is
    'orders_recommended_of_location: what is recommended for a place on a day';

comment on index to_recommendations_snapshot_date_idx is
    'transfers_recommended: what is recommended on a day, the most urgent first';
drop index to_recommendations_to_recommendation_status_id_idx;
create index to_recommendations_to_recommendation_status_id_idx on to_recommendations (to_recommendation_status_id, snapshot_date);
comment on index to_recommendations_to_recommendation_status_id_idx is
    'transfers_to_decide: what waits for a decision';
drop index to_recommendations_from_location_id_idx;
create index to_recommendations_from_location_id_idx on to_recommendations (from_location_id, snapshot_date);
comment on index to_recommendations_from_location_id_idx is
    'transfers_recommended_from: what a place should send on a day';
drop index to_recommendations_to_location_id_idx;
create index to_recommendations_to_location_id_idx on to_recommendations (to_location_id, snapshot_date);
comment on index to_recommendations_to_location_id_idx is
    'transfers_recommended_to: what a place should get on a day';

comment on index assortment_recommendations_snapshot_date_idx is
    'assortment_recommended: what is recommended on a day';
drop index assortment_recommendations_assortment_recommendation_status_idx;
create index assortment_recommendations_assortment_recommendation_status_idx on assortment_recommendations (assortment_recommendation_status_id, snapshot_date);
comment on index assortment_recommendations_assortment_recommendation_status_idx is
    'assortment_to_decide: what waits for a decision';
drop index assortment_recommendations_location_id_idx;
create index assortment_recommendations_location_id_idx on assortment_recommendations (location_id, snapshot_date);
comment on index assortment_recommendations_location_id_idx is
    'assortment_recommended_of_location: what is recommended for a place on a day';

create index recommendation_outcomes_measured_date_idx on recommendation_outcomes (measured_date);
comment on index recommendation_outcomes_measured_date_idx is
    'outcomes_of_span: what was measured in a span of days';
