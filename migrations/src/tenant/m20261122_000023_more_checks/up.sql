-- Wrong facts that the tables before admitted. Nothing that a record can say comes here first: transform
-- refuses it with its own reason, or load derives it.

-- No text is empty: what a source leaves empty is absent, which is null. Scopes are: the empty one is all
-- of a dataset. What was delivered and refused, and what a failure said, stand as they came.
do $filled$
declare
    each_table record;
begin
    for each_table in
        select c.relname, string_agg(format('%I <> ''''', a.attname), ' and ' order by a.attnum) as filled
        from pg_catalog.pg_class as c
        join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        join pg_catalog.pg_type as t on t.oid = a.atttypid
        where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and c.relname <> 'seaql_migrations'
            and t.typname = 'text' and a.attname not in ('scope', 'error_message')
            and (c.relname <> 'quarantine' or a.attname in ('entity', 'object_key', 'rule', 'message'))
        group by c.relname order by c.relname
    loop
        execute format(
            'alter table %I add constraint %I check (%s)',
            each_table.relname, each_table.relname || '_filled_check', each_table.filled
        );
    end loop;
end
$filled$;

-- A category that is its own parent has no root, and walks up the tree don't end.
alter table product_categories
    add constraint product_categories_itself_check check (parent_category_id <> id);

-- An amount and its currency are known together or not at all.
alter table products
    add constraint products_declared_currency_check
        check ((declared_cost is null and declared_price is null) = (declared_currency_id is null)),
    add constraint products_cost_currency_check check ((cost is null) = (cost_currency_id is null)),
    add constraint products_price_currency_check check ((price is null) = (currency_id is null)),
    add constraint products_cost_check check (cost >= 0),
    add constraint products_price_check check (price >= 0);
alter table product_cost_records
    add constraint product_cost_records_currency_check check ((unit_cost is null) = (currency_id is null));
alter table product_market_observations
    add constraint product_market_observations_currency_check check ((market_price is null) = (currency_id is null));
alter table category_market_observations
    add constraint category_market_observations_currency_check check ((avg_market_price is null) = (currency_id is null));

-- Derived costs come from costs that are not negative.
alter table product_costs
    add constraint product_costs_unit_cost_check check (unit_cost >= 0);
alter table receiving_order_lines
    add constraint receiving_order_lines_unit_cost_check check (unit_cost >= 0);

-- What ends does not end before it began.
alter table locations
    add constraint locations_dates_check check (opened_date <= closed_date);
alter table purchase_orders
    add constraint purchase_orders_dates_check check (order_date <= closed_date);
alter table transfer_orders
    add constraint transfer_orders_dates_check check (shipped_date <= received_date),
    add constraint transfer_orders_itself_check check (from_location_id <> to_location_id);

-- Goods move between two places.
alter table store_orders
    add constraint store_orders_itself_check check (location_id <> source_location_id);

-- Statistics of another subject than these do not exist, and nobody would recompute them.
alter table statistics_touched
    add constraint statistics_touched_known_check check (subject in ('sales', 'inventory', 'purchases', 'costs', 'rates'));

-- A person confirms a score that is there.
alter table product_behaviors
    add constraint product_behaviors_supplier_availability_confirmed_check
        check (supplier_availability_score is not null or not is_supplier_availability_confirmed),
    add constraint product_behaviors_phase_out_recommendation_confirmed_check
        check (phase_out_recommendation_score is not null or not is_phase_out_recommendation_confirmed),
    add constraint product_behaviors_phase_out_execution_confirmed_check
        check (phase_out_execution_score is not null or not is_phase_out_execution_confirmed);

-- A vector is numbers, one at least; so are the parameters of a strategy, which may be none.
alter table product_embeddings
    add constraint product_embeddings_numbers_check
        check (jsonb_path_exists(vector, '$[0]') and not jsonb_path_exists(vector, 'strict $[*] ? (@.type() != "number")', '{}', true));
alter table inventory_strategies
    add constraint inventory_strategies_numbers_check
        check (not jsonb_path_exists(parameters, 'strict $.* ? (@.type() != "number")', '{}', true));

