alter table inventory_strategies drop constraint inventory_strategies_numbers_check;
alter table product_embeddings drop constraint product_embeddings_numbers_check;
alter table product_behaviors
    drop constraint product_behaviors_phase_out_execution_confirmed_check,
    drop constraint product_behaviors_phase_out_recommendation_confirmed_check,
    drop constraint product_behaviors_supplier_availability_confirmed_check;
alter table statistics_touched drop constraint statistics_touched_known_check;
alter table store_orders drop constraint store_orders_itself_check;
alter table transfer_orders
    drop constraint transfer_orders_itself_check,
    drop constraint transfer_orders_dates_check;
alter table purchase_orders drop constraint purchase_orders_dates_check;
alter table locations drop constraint locations_dates_check;
alter table receiving_order_lines drop constraint receiving_order_lines_unit_cost_check;
alter table product_costs drop constraint product_costs_unit_cost_check;
alter table category_market_observations drop constraint category_market_observations_currency_check;
alter table product_market_observations drop constraint product_market_observations_currency_check;
alter table product_cost_records drop constraint product_cost_records_currency_check;
alter table products
    drop constraint products_price_check,
    drop constraint products_cost_check,
    drop constraint products_price_currency_check,
    drop constraint products_cost_currency_check,
    drop constraint products_declared_currency_check;
alter table product_categories drop constraint product_categories_itself_check;
do $filled$
declare
    each_constraint record;
begin
    for each_constraint in
        select conrelid::regclass as relation, conname from pg_catalog.pg_constraint
        where connamespace = current_schema()::regnamespace and conname like '%\_filled\_check'
    loop
        execute format('alter table %s drop constraint %I', each_constraint.relation, each_constraint.conname);
    end loop;
end
$filled$;
