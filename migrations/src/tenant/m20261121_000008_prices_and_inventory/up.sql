-- Prices in force, and stock by day.

create table price_kinds (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    rank integer not null check (rank >= 0),
    is_active boolean not null,
    source_rank smallint not null check (source_rank between 0 and 3),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint price_kinds_natural_key unique (name)
) with (fillfactor = 50);
comment on table price_kinds is 'Kinds of prices; the highest-ranked active one wins';
comment on column price_kinds.id is 'Key of the table and name: 63 bits, the same on every machine';
comment on column price_kinds.name is
    'Kind as delivered and folded by the mapping: regular, promo, clearance';
comment on column price_kinds.rank is 'Highest wins; 0 where no record says';
comment on column price_kinds.is_active is 'Whether prices of the kind count';
comment on column price_kinds.source_rank is
    'Strength of what wrote the row: 0 only referenced, 1 embedded without a usable name, 2 embedded in another record, 3 a record of its own; the greater (source_rank, version) wins';
comment on column price_kinds.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column price_kinds.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table pricing_lists (
    id bigint not null primary key check (id >= 0),
    product_id bigint not null references products (id),
    location_id bigint references locations (id),
    price_kind_id bigint not null references price_kinds (id),
    price numeric(19,4) not null check (price >= 0),
    currency_id bigint not null references cw_global.currencies (id),
    from_date date not null,
    thru_date date,
    is_active boolean not null,
    declared_active boolean not null,
    source_rank smallint not null check (source_rank between 0 and 3),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint pricing_lists_natural_key unique nulls not distinct (product_id, location_id, price_kind_id, from_date),
    constraint pricing_lists_active_check check (declared_active or not is_active),
    constraint pricing_lists_dates_check check (from_date <= thru_date)
) with (fillfactor = 50);
create index pricing_lists_location_id_idx on pricing_lists (location_id);
create index pricing_lists_price_kind_id_idx on pricing_lists (price_kind_id);
create index pricing_lists_currency_id_idx on pricing_lists (currency_id);
comment on table pricing_lists is 'Prices with the days on which they are in force';
comment on column pricing_lists.id is
    'Key of the table and (product, location, price kind, from_date): 63 bits, the same on every machine';
comment on column pricing_lists.product_id is 'Product';
comment on column pricing_lists.location_id is 'Location; null everywhere';
comment on column pricing_lists.price_kind_id is 'Kind';
comment on column pricing_lists.price is 'Price of one unit';
comment on column pricing_lists.currency_id is 'Currency of price';
comment on column pricing_lists.from_date is 'First day';
comment on column pricing_lists.thru_date is 'Last day, inclusive; null without end';
comment on column pricing_lists.is_active is
    'Whether the row counts now: declared active, and held by the newest complete snapshot of its source or a later delta';
comment on column pricing_lists.declared_active is
    'What the winning record says of is_active, before presence is asked';
comment on column pricing_lists.source_rank is
    'Strength of what wrote the row: 0 only referenced, 1 embedded without a usable name, 2 embedded in another record, 3 a record of its own; the greater (source_rank, version) wins';
comment on column pricing_lists.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column pricing_lists.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table inventory_quantities (
    id bigint not null primary key check (id >= 0),
    product_id bigint not null references products (id),
    location_id bigint not null references locations (id),
    snapshot_date date not null,
    scope text not null check (octet_length(scope) <= 1000),
    on_hand_qty numeric(15,3) not null,
    reserved_qty numeric(15,3),
    in_transit_qty numeric(15,3),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint inventory_quantities_natural_key unique (product_id, location_id, snapshot_date, scope)
);
create index inventory_quantities_location_id_idx on inventory_quantities (location_id);
create index inventory_quantities_snapshot_date_idx on inventory_quantities (snapshot_date, location_id);
comment on table inventory_quantities is
    'Stock of a product at a location at the end of a day. The newest complete delivery of a day and scope replaces the day';
comment on column inventory_quantities.id is
    'Key of the table and (product, location, snapshot_date, scope): 63 bits, the same on every machine';
comment on column inventory_quantities.product_id is 'Product';
comment on column inventory_quantities.location_id is 'Location';
comment on column inventory_quantities.snapshot_date is 'Day whose end is meant';
comment on column inventory_quantities.scope is
    'What the delivery is complete for, as the mapping declares; empty for all of it';
comment on column inventory_quantities.on_hand_qty is
    'Quantity in stock; negative where the source books ahead';
comment on column inventory_quantities.reserved_qty is
    'Quantity promised to orders; null where unknown';
comment on column inventory_quantities.in_transit_qty is
    'Quantity on its way to the location; null where unknown';
comment on column inventory_quantities.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column inventory_quantities.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table inventory_sets (
    snapshot_date date not null,
    scope text not null check (octet_length(scope) <= 1000),
    newest_position bigint not null check (newest_position > 0),
    primary key (snapshot_date, scope)
);
comment on table inventory_sets is 'Newest complete delivery of the stock of a day and scope';
comment on column inventory_sets.snapshot_date is 'Day of the stock';
comment on column inventory_sets.scope is 'What the delivery is complete for; empty for all of it';
comment on column inventory_sets.newest_position is
    'Position of the delivery: older rows of the day and scope are gone';

create table delivered_days (
    entity text not null check (octet_length(entity) <= 63),
    business_day date not null,
    primary key (entity, business_day)
);
comment on table delivered_days is
    'Business days on which something was delivered of a kind of record: what statistics of stocks show';
comment on column delivered_days.entity is 'Kind of record';
comment on column delivered_days.business_day is 'Business day of the delivery';
