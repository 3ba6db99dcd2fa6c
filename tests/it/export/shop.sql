-- A shop in which every kind of fact is small enough to be worked out by hand. Values are in EUR.
set search_path to cw_200;

-- Where rows come from plays no part here.
do $defaults$
declare
    found record;
begin
    for found in
        select c.oid::regclass as relation, a.attname
        from pg_attribute as a
        join pg_class as c on c.oid = a.attrelid
        where c.relkind = 'r' and c.relnamespace in ('cw_200'::regnamespace, 'cw_global'::regnamespace)
            and a.attname in ('source_version', 'raw_position', 'source_rank', 'is_active', 'declared_active')
    loop
        execute format(
            'alter table %s alter column %I set default %s', found.relation, found.attname,
            case found.attname
                when 'source_version' then '''2026-02-28T00:00:00Z''::timestamptz'
                when 'raw_position' then '1'
                when 'source_rank' then '3'
                else 'true'
            end
        );
    end loop;
end
$defaults$;

insert into cw_global.currencies (id, code, name) values (1, 'EUR', 'Euro'), (2, 'USD', 'Dollar'), (3, 'CHF', 'Franc');
insert into cw_global.client_config (id, client_id, client_name, base_currency_id, config)
values (1, 'CW-000200', 'Shop', 1, '{}');
insert into cw_global.currency_rates (id, from_currency_id, to_currency_id, effective_date, rate)
values (1, 2, 1, '2026-02-01', 0.9), (2, 2, 1, '2026-02-10', 0.8),
    -- From EUR, and to another currency: of no use.
    (3, 1, 2, '2026-02-05', 7), (4, 3, 2, '2026-02-01', 7);

insert into brands (id, name) values (1, 'Brand');
insert into product_categories (id, external_id, name) values (1, 'cat', 'Category');
insert into genders (id, name) values (1, 'Unisex');
insert into price_tiers (id, name) values (1, 'Mid');
insert into suppliers (id, external_id, supplier_name, direct_shipment) values (1, 'sup', 'Supplier', false);
insert into location_types (id, name) values (1, 'store');
insert into locations (id, external_id, location_name, location_type_id) values (1, 'L1', 'One', 1), (2, 'L2', 'Two', null);
-- By their bytes P10 is before P2, and all capitals are before a.
insert into products (id, external_id, product_name, product_kind, brand_id, product_category_id, gender_id, price_tier_id,
    supplier_id, birth_date)
values (12, 'P2', 'Two', 'goods', 1, 1, 1, 1, 1, '2025-12-24'),
    (110, 'P10', 'Ten', 'goods', null, null, null, null, null, null),
    (20, 'a', 'Service', 'service', null, null, null, null, null, null);

-- Sales.
insert into sales_order_types (id, name) values (1, 'sale'), (2, 'return'), (3, 'adjustment');
insert into sales_order_statuses (id, name) values (1, 'completed'), (2, 'Cancelled');
insert into sales_order_line_update_types (id, name) values (1, 'return'), (2, 'correction');
insert into sales_orders (id, external_id, sales_order_type_id, sales_order_status_id, location_id, order_date, total_value, currency_id)
values (1, 'sale', 1, 1, 1, '2026-02-09', 30, 1),
    (2, 'in dollars', 1, null, 1, '2026-02-09', 10, 2),
    (3, 'at the new rate', 1, 1, 1, '2026-02-10', 0.6667, 2),
    (4, 'cancelled', 1, 2, 1, '2026-02-09', 1000, 1),
    (5, 'adjustment', 3, 1, 1, '2026-02-09', 1000, 1),
    (6, 'return', 2, 1, 1, '2026-02-11', -10, 1),
    (7, 'after', 1, 1, 1, '2026-02-18', 99, 1);
insert into sales_order_lines (id, sales_order_id, line_no, product_id, qty, unit_price, discount_value, line_value)
values (11, 1, 1, 12, 2, 10, 0, 20), (12, 1, 2, 12, 1, 10, 0, 10), (13, 1, 3, 20, 1, 3.5, 0, 3.5),
    (21, 2, 1, 12, 1, 10, 0, 10),
    -- 0.3333 and 0.3334 dollars are 0.2666 and 0.2667 euros each by itself, and 0.53336 together.
    (31, 3, 1, 12, 1.5, 0.2222, 0, 0.3333), (32, 3, 2, 12, 1.5, 0.2223, 0, 0.3334),
    (41, 4, 1, 12, 100, 10, 0, 1000), (51, 5, 1, 12, 100, 10, 0, 1000), (61, 6, 1, 12, -1, 10, 0, -10),
    (71, 7, 1, 12, 9, 11, 0, 99);
insert into sales_order_line_updates (id, sales_order_id, sales_order_line_id, update_no, sales_order_line_update_type_id,
    update_date, qty_delta, value_delta)
values (1, 1, 11, 1, 1, '2026-02-12', -1, -10), (2, 1, 11, 2, 2, '2026-02-12', 1, 5),
    -- A lower price is taken off, without a unit.
    (3, 1, 11, 3, 2, '2026-02-13', 0, -2),
    -- Of documents that do not count.
    (4, 4, 41, 1, 1, '2026-02-13', -100, -1000), (5, 5, 51, 1, 1, '2026-02-13', -100, -1000);

-- Stock; two deliveries share the tenth.
insert into inventory_quantities (id, product_id, location_id, snapshot_date, scope, on_hand_qty, reserved_qty, in_transit_qty)
values (1, 12, 1, '2026-02-09', '', 5, null, 1), (2, 12, 1, '2026-02-10', 'a', 3.125, 1, null),
    (3, 12, 1, '2026-02-10', 'b', 4, null, null), (4, 110, 1, '2026-02-14', '', 0, 0, 0),
    (5, 110, 1, '2026-02-18', '', 1, 0, 0);

-- Purchase orders: in parts and then too much, short, closed by its own word, and those that wait for nothing.
insert into purchase_order_statuses (id, name) values (1, 'sent'), (2, 'Received'), (3, 'draft'), (4, 'cancelled');
insert into receiving_order_statuses (id, name) values (1, 'posted'), (2, 'cancelled');
insert into purchase_orders (id, external_id, supplier_id, location_id, purchase_order_status_id, order_date, closed_date,
    total_value, currency_id)
values (1, 'in parts', 1, 1, 1, '2026-02-03', null, 0, 1), (2, 'short', 1, 2, 2, '2026-02-05', null, 0, 1),
    (3, 'closed', 1, 2, null, '2026-02-06', '2026-02-10', 0, 1), (4, 'draft', 1, 2, 3, '2026-02-06', null, 0, 1),
    (5, 'cancelled', 1, 2, 4, '2026-02-06', null, 0, 1), (6, 'after', 1, 2, 1, '2026-02-18', null, 0, 1);
insert into purchase_orders (id, external_id, source_rank) values (7, 'inferred', 0);
insert into purchase_order_lines (id, purchase_order_id, line_no, product_id, ordered_qty, unit_cost)
values (11, 1, 1, 12, 10, 4), (21, 2, 1, 110, 8, 4), (31, 3, 1, 110, 3, 4), (41, 4, 1, 110, 100, 4),
    (51, 5, 1, 110, 100, 4), (61, 6, 1, 110, 100, 4);
insert into receiving_orders (id, external_id, purchase_order_id, location_id, receiving_order_status_id, received_date)
values (1, 'first part', 1, 1, 1, '2026-02-09'), (2, 'the rest', 1, 1, null, '2026-02-12'),
    (3, 'never came', 1, 1, 2, '2026-02-10'), (4, 'short', 2, 2, 1, '2026-02-07'),
    (5, 'after', 1, 1, 1, '2026-02-18');
insert into receiving_order_lines (id, receiving_order_id, line_no, product_id, received_qty, purchase_order_line_id)
values (1, 1, 1, 12, 4, 11), (2, 2, 1, 12, 7, 11), (3, 3, 1, 12, 6, 11), (4, 4, 1, 110, 5, 21), (5, 5, 1, 12, 1, 11);

-- Prices of P2.
insert into price_kinds (id, name, rank, is_active) values (1, 'regular', 1, true), (2, 'promo', 5, true), (3, 'old', 9, false);
insert into pricing_lists (id, product_id, location_id, price_kind_id, price, currency_id, from_date, thru_date, is_active)
values (1, 12, null, 1, 12, 1, '2026-01-01', null, true), (2, 12, null, 2, 8.5, 2, '2026-02-10', '2026-02-11', true),
    (3, 12, 1, 1, 11, 1, '2026-02-05', null, true), (4, 12, 2, 2, 1, 1, '2026-01-01', null, true),
    (5, 12, null, 3, 1, 1, '2026-01-01', null, true),
    -- Its source no longer lists it; the ninth was the last day.
    (6, 12, 1, 2, 7, 1, '2026-02-09', '2026-02-12', false);
insert into presence_keys (table_name, dataset_number, scope, row_id, newest_position)
values ('pricing_lists', 1, '', 6, ((date '2026-02-08' - date '1970-01-01')::bigint << 47) + 1),
    ('pricing_lists', 2, '', 6, ((date '2026-02-09' - date '1970-01-01')::bigint << 47) + 1);

-- Costs of P2: none known before the fourth.
insert into product_costs (product_id, from_date, thru_date, unit_cost, currency_id)
values (12, '2026-02-04', '2026-02-09', 4, 1), (12, '2026-02-10', '2026-02-12', 5.5, 2), (12, '2026-02-13', null, null, null);
