-- What people set in the UI. Rows are only added: the newest created_at of a key is in force, ties go to
-- the greater event_id, older rows are the audit trail. A row holds all fields of its kind, so that it
-- depends on no other row. Every row came through raw as a ui event, and a rebuild brings it back.

create table product_settings (
    id bigint not null primary key check (id >= 0),
    product_id bigint not null references products (id),
    enabled_for_processing boolean not null,
    first_order_qty integer check (first_order_qty >= 0),
    package_qty integer check (package_qty > 0),
    min_inv_qty integer check (min_inv_qty >= 0),
    event_id text not null check (octet_length(event_id) <= 256),
    user_id bigint not null references cw_global.users (id),
    created_at timestamptz not null,
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint product_settings_natural_key unique (product_id, event_id)
);
create index product_settings_user_id_idx on product_settings (user_id);
create index product_settings_newest_idx on product_settings (product_id, created_at, event_id);
comment on table product_settings is 'How a product takes part in planning';
comment on column product_settings.id is
    'Key of the table and (product, event_id): 63 bits, the same on every machine';
comment on column product_settings.product_id is 'Product';
comment on column product_settings.enabled_for_processing is
    'Whether the product takes part in planning: GATE';
comment on column product_settings.first_order_qty is
    'Quantity of the first order of a new product; null where nobody set one: LOCAL';
comment on column product_settings.package_qty is
    'Units in a package, to which orders are rounded up; null where that of the offer counts: LOCAL';
comment on column product_settings.min_inv_qty is
    'Floor under the target of stock; null where there is none: MODERATE';
comment on column product_settings.event_id is
    'Identifier of the write in the UI: the same write delivered twice is one row; of two at one time the greater counts';
comment on column product_settings.user_id is 'Who saved it';
comment on column product_settings.created_at is
    'When it was saved; the newest row of a key is in force';
comment on column product_settings.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column product_settings.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table category_settings (
    id bigint not null primary key check (id >= 0),
    product_category_id bigint not null references product_categories (id),
    enabled_for_processing boolean not null,
    target_service_level double precision check (target_service_level > 0 and target_service_level < 1),
    event_id text not null check (octet_length(event_id) <= 256),
    user_id bigint not null references cw_global.users (id),
    created_at timestamptz not null,
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint category_settings_natural_key unique (product_category_id, event_id)
);
create index category_settings_user_id_idx on category_settings (user_id);
create index category_settings_newest_idx on category_settings (product_category_id, created_at, event_id);
comment on table category_settings is 'How a category takes part in planning';
comment on column category_settings.id is
    'Key of the table and (product_category, event_id): 63 bits, the same on every machine';
comment on column category_settings.product_category_id is 'Category';
comment on column category_settings.enabled_for_processing is
    'Whether the category takes part in planning: GATE';
comment on column category_settings.target_service_level is
    'Share of demand that stock shall meet; null where the default counts: MODERATE';
comment on column category_settings.event_id is
    'Identifier of the write in the UI: the same write delivered twice is one row; of two at one time the greater counts';
comment on column category_settings.user_id is 'Who saved it';
comment on column category_settings.created_at is
    'When it was saved; the newest row of a key is in force';
comment on column category_settings.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column category_settings.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table supplier_settings (
    id bigint not null primary key check (id >= 0),
    supplier_id bigint not null references suppliers (id),
    enabled_for_processing boolean not null,
    lead_time_days integer check (lead_time_days between 0 and 3650),
    reorder_time_days integer check (reorder_time_days between 0 and 3650),
    min_order_value numeric(19,4) check (min_order_value >= 0),
    currency_id bigint references cw_global.currencies (id),
    event_id text not null check (octet_length(event_id) <= 256),
    user_id bigint not null references cw_global.users (id),
    created_at timestamptz not null,
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint supplier_settings_natural_key unique (supplier_id, event_id),
    constraint supplier_settings_currency_check check ((min_order_value is null) = (currency_id is null))
);
create index supplier_settings_currency_id_idx on supplier_settings (currency_id);
create index supplier_settings_user_id_idx on supplier_settings (user_id);
create index supplier_settings_newest_idx on supplier_settings (supplier_id, created_at, event_id);
comment on table supplier_settings is 'How a supplier takes part in planning';
comment on column supplier_settings.id is
    'Key of the table and (supplier, event_id): 63 bits, the same on every machine';
comment on column supplier_settings.supplier_id is 'Supplier';
comment on column supplier_settings.enabled_for_processing is
    'Whether the supplier takes part in planning: GATE';
comment on column supplier_settings.lead_time_days is
    'Days from order to receipt, instead of what was observed; null where nobody set them: CASCADE';
comment on column supplier_settings.reorder_time_days is
    'Days between two orders; null where nobody set them: CASCADE';
comment on column supplier_settings.min_order_value is
    'Least value of an order; null where there is none: LOCAL';
comment on column supplier_settings.currency_id is
    'Currency of min_order_value; null where that is';
comment on column supplier_settings.event_id is
    'Identifier of the write in the UI: the same write delivered twice is one row; of two at one time the greater counts';
comment on column supplier_settings.user_id is 'Who saved it';
comment on column supplier_settings.created_at is
    'When it was saved; the newest row of a key is in force';
comment on column supplier_settings.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column supplier_settings.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table location_settings (
    id bigint not null primary key check (id >= 0),
    location_id bigint not null references locations (id),
    enabled_for_processing boolean not null,
    capacity_qty integer check (capacity_qty >= 0),
    review_period_days integer check (review_period_days between 1 and 366),
    event_id text not null check (octet_length(event_id) <= 256),
    user_id bigint not null references cw_global.users (id),
    created_at timestamptz not null,
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint location_settings_natural_key unique (location_id, event_id)
);
create index location_settings_user_id_idx on location_settings (user_id);
create index location_settings_newest_idx on location_settings (location_id, created_at, event_id);
comment on table location_settings is 'How a location takes part in planning';
comment on column location_settings.id is
    'Key of the table and (location, event_id): 63 bits, the same on every machine';
comment on column location_settings.location_id is 'Location';
comment on column location_settings.enabled_for_processing is
    'Whether the location takes part in planning: GATE';
comment on column location_settings.capacity_qty is
    'Units that the location holds at the most; null where there is no cap: MODERATE';
comment on column location_settings.review_period_days is
    'Days between two reviews of stock; null where the default counts: MODERATE';
comment on column location_settings.event_id is
    'Identifier of the write in the UI: the same write delivered twice is one row; of two at one time the greater counts';
comment on column location_settings.user_id is 'Who saved it';
comment on column location_settings.created_at is
    'When it was saved; the newest row of a key is in force';
comment on column location_settings.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column location_settings.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table inventory_strategies (
    id bigint not null primary key check (id >= 0),
    location_id bigint not null references locations (id),
    product_id bigint references products (id),
    inventory_strategy_type_id bigint not null references inventory_strategy_types (id),
    parameters jsonb not null check (jsonb_typeof(parameters) = 'object'),
    event_id text not null check (octet_length(event_id) <= 256),
    user_id bigint not null references cw_global.users (id),
    created_at timestamptz not null,
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint inventory_strategies_natural_key unique nulls not distinct (location_id, product_id, event_id)
);
create index inventory_strategies_product_id_idx on inventory_strategies (product_id);
create index inventory_strategies_inventory_strategy_type_id_idx on inventory_strategies (inventory_strategy_type_id);
create index inventory_strategies_user_id_idx on inventory_strategies (user_id);
create index inventory_strategies_newest_idx on inventory_strategies (location_id, product_id, created_at, event_id);
comment on table inventory_strategies is
    'Method that finds the targets of a location, or of one product there';
comment on column inventory_strategies.id is
    'Key of the table and (location, product, event_id): 63 bits, the same on every machine';
comment on column inventory_strategies.location_id is 'Location';
comment on column inventory_strategies.product_id is 'Product; null for the whole location';
comment on column inventory_strategies.inventory_strategy_type_id is 'Method';
comment on column inventory_strategies.parameters is 'Numbers of the method by name';
comment on column inventory_strategies.event_id is
    'Identifier of the write in the UI: the same write delivered twice is one row; of two at one time the greater counts';
comment on column inventory_strategies.user_id is 'Who saved it';
comment on column inventory_strategies.created_at is
    'When it was saved; the newest row of a key is in force';
comment on column inventory_strategies.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column inventory_strategies.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table client_settings (
    id bigint not null primary key check (id >= 0),
    base_currency_id bigint not null references cw_global.currencies (id),
    event_id text not null check (octet_length(event_id) <= 256),
    user_id bigint not null references cw_global.users (id),
    created_at timestamptz not null,
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint client_settings_natural_key unique (event_id)
);
create index client_settings_base_currency_id_idx on client_settings (base_currency_id);
create index client_settings_user_id_idx on client_settings (user_id);
comment on table client_settings is
    'What is set for the tenant as a whole. An addition: cw_global.client_config is one row for each tenant and keeps what its file says; this is what people set since';
comment on column client_settings.id is
    'Key of the table and (event_id): 63 bits, the same on every machine';
comment on column client_settings.base_currency_id is 'Currency of statistics: MODERATE';
comment on column client_settings.event_id is
    'Identifier of the write in the UI: the same write delivered twice is one row; of two at one time the greater counts';
comment on column client_settings.user_id is 'Who saved it';
comment on column client_settings.created_at is
    'When it was saved; the newest row of a key is in force';
comment on column client_settings.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column client_settings.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

-- The topology has rows of two owners: one versioned row per (parent, child, type) from the source, and
-- rows from the UI, which are only added and win. event_id is null in the former.
alter table load_ledger
    add column kind text not null default 'delivery' check (kind in ('delivery', 'fix', 'ui_event', 'derived'));
comment on column load_ledger.kind is
    'Kind of the entry; only a delivery moves the tenant''s newest day';

alter table location_relationships
    add column is_active boolean not null default true,
    add column event_id text check (octet_length(event_id) <= 256),
    add column user_id bigint references cw_global.users (id),
    add column created_at timestamptz,
    drop constraint location_relationships_natural_key,
    add constraint location_relationships_natural_key unique nulls not distinct
        (parent_location_id, child_location_id, location_relationship_type_id, event_id),
    add constraint location_relationships_owner_check
        check ((event_id is null) = (user_id is null) and (event_id is null) = (created_at is null)),
    add constraint location_relationships_itself_check check (parent_location_id <> child_location_id);
create index location_relationships_user_id_idx on location_relationships (user_id);
comment on table location_relationships is
    'Supply topology: what the source says, part of the child''s record, and beside it what the UI says, which wins';
comment on column location_relationships.is_active is
    'Whether the child is supplied this way; a row of the UI can say that it is not';
comment on column location_relationships.event_id is
    'Identifier of the write in the UI; null in a row of the source';
comment on column location_relationships.user_id is 'Who saved it; null in a row of the source';
comment on column location_relationships.created_at is
    'When it was saved: the newest row of the UI is in force; null in a row of the source';

do $append_only$
declare
    each_table text;
begin
    foreach each_table in array array[
        'product_settings', 'category_settings', 'supplier_settings', 'location_settings',
        'inventory_strategies', 'client_settings'
    ] loop
        execute format(
            'create trigger append_only before update or delete on %I
                 for each row execute function cw_global.refuse_change_of_setting()', each_table);
        execute format(
            'create trigger append_only_whole before truncate on %I
                 for each statement execute function cw_global.refuse_change_of_setting()', each_table);
    end loop;
end
$append_only$;
create trigger append_only before update or delete on location_relationships
    for each row when (old.event_id is not null)
    execute function cw_global.refuse_change_of_setting();
create trigger append_only_whole before truncate on location_relationships
    for each statement execute function cw_global.refuse_change_of_setting();
