-- What is stocked where, and how much of it.

create table assortments (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    location_id bigint references locations (id),
    price_tier_id bigint references price_tiers (id),
    brand_id bigint references brands (id),
    from_date date not null,
    thru_date date,
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint assortments_natural_key unique (name),
    constraint assortments_dates_check check (from_date <= thru_date)
);
create index assortments_location_id_idx on assortments (location_id);
create index assortments_price_tier_id_idx on assortments (price_tier_id);
create index assortments_brand_id_idx on assortments (brand_id);
comment on table assortments is
    'Which products belong together: by tier and brand for all locations, or of one location';
comment on column assortments.id is
    'Key of the table and (name): 63 bits, the same on every machine';
comment on column assortments.name is 'Name';
comment on column assortments.location_id is 'Location; null for all';
comment on column assortments.price_tier_id is 'Price tier; null for all';
comment on column assortments.brand_id is 'Brand; null for all';
comment on column assortments.from_date is 'First day';
comment on column assortments.thru_date is 'Last day, inclusive; null while in force';
comment on column assortments.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column assortments.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table x_assortment_products (
    id bigint not null primary key check (id >= 0),
    assortment_id bigint not null references assortments (id),
    product_id bigint not null references products (id),
    assortment_status_id bigint not null references assortment_statuses (id),
    is_confirmed boolean not null,
    user_id bigint references cw_global.users (id),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint x_assortment_products_natural_key unique (assortment_id, product_id)
);
create index x_assortment_products_product_id_idx on x_assortment_products (product_id);
create index x_assortment_products_assortment_status_id_idx on x_assortment_products (assortment_status_id);
create index x_assortment_products_user_id_idx on x_assortment_products (user_id);
comment on table x_assortment_products is 'Products of an assortment';
comment on column x_assortment_products.id is
    'Key of the table and (assortment, product): 63 bits, the same on every machine';
comment on column x_assortment_products.assortment_id is 'Assortment';
comment on column x_assortment_products.product_id is 'Product';
comment on column x_assortment_products.assortment_status_id is
    'Whether it belongs to the assortment';
comment on column x_assortment_products.is_confirmed is 'Whether a person confirmed it';
comment on column x_assortment_products.user_id is 'Who confirmed it; null where nobody did';
comment on column x_assortment_products.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column x_assortment_products.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table inventory_targets (
    id bigint not null primary key check (id >= 0),
    product_id bigint not null references products (id),
    location_id bigint not null references locations (id),
    inventory_strategy_id bigint references inventory_strategies (id),
    inventory_strategy_type_id bigint not null references inventory_strategy_types (id),
    snapshot_date date not null,
    safety_stock_qty numeric(15,3) not null check (safety_stock_qty >= 0),
    reorder_point_qty numeric(15,3) not null check (reorder_point_qty >= 0),
    target_qty numeric(15,3) not null check (target_qty >= 0),
    service_level double precision not null check (service_level between 0 and 1),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint inventory_targets_natural_key unique (product_id, location_id, snapshot_date),
    constraint inventory_targets_order_check check (safety_stock_qty <= reorder_point_qty and reorder_point_qty <= target_qty)
);
create index inventory_targets_location_id_idx on inventory_targets (location_id);
create index inventory_targets_inventory_strategy_id_idx on inventory_targets (inventory_strategy_id);
create index inventory_targets_inventory_strategy_type_id_idx on inventory_targets (inventory_strategy_type_id);
comment on table inventory_targets is 'How much stock a product shall have at a location';
comment on column inventory_targets.id is
    'Key of the table and (product, location, snapshot_date): 63 bits, the same on every machine';
comment on column inventory_targets.product_id is 'Product';
comment on column inventory_targets.location_id is 'Location';
comment on column inventory_targets.inventory_strategy_id is
    'Strategy that a person set; null where the default of the kind was used';
comment on column inventory_targets.inventory_strategy_type_id is 'Method that was used';
comment on column inventory_targets.snapshot_date is 'Business day that the row is computed for';
comment on column inventory_targets.safety_stock_qty is 'Stock against surprise';
comment on column inventory_targets.reorder_point_qty is 'Stock at which to order';
comment on column inventory_targets.target_qty is 'Stock to order up to';
comment on column inventory_targets.service_level is 'Share of demand that it shall meet, 0-1';
comment on column inventory_targets.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column inventory_targets.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table inventory_strategy_simulations (
    id bigint not null primary key check (id >= 0),
    inventory_strategy_id bigint not null references inventory_strategies (id),
    snapshot_date date not null,
    from_date date not null,
    thru_date date not null,
    fill_rate double precision not null check (fill_rate between 0 and 1),
    stockout_rate double precision not null check (stockout_rate between 0 and 1),
    avg_inventory_value numeric(19,4) not null check (avg_inventory_value >= 0),
    currency_id bigint not null references cw_global.currencies (id),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint inventory_strategy_simulations_natural_key unique (inventory_strategy_id, snapshot_date, from_date, thru_date),
    constraint inventory_strategy_simulations_dates_check check (from_date <= thru_date)
);
create index inventory_strategy_simulations_currency_id_idx on inventory_strategy_simulations (currency_id);
comment on table inventory_strategy_simulations is 'How a strategy would have done in the past';
comment on column inventory_strategy_simulations.id is
    'Key of the table and (inventory_strategy, snapshot_date, from_date, thru_date): 63 bits, the same on every machine';
comment on column inventory_strategy_simulations.inventory_strategy_id is 'Strategy';
comment on column inventory_strategy_simulations.snapshot_date is
    'Business day that the row is computed for';
comment on column inventory_strategy_simulations.from_date is 'First day that was played';
comment on column inventory_strategy_simulations.thru_date is 'Last day that was played, inclusive';
comment on column inventory_strategy_simulations.fill_rate is 'Share of demand that stock met, 0-1';
comment on column inventory_strategy_simulations.stockout_rate is
    'Share of product-days without stock, 0-1';
comment on column inventory_strategy_simulations.avg_inventory_value is 'Average value of stock';
comment on column inventory_strategy_simulations.currency_id is 'Currency of the value';
comment on column inventory_strategy_simulations.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column inventory_strategy_simulations.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';
