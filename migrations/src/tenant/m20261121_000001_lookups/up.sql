-- Lookup tables: words that records use. A row is the word and the earliest record that used it.

create table product_category_types (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint product_category_types_natural_key unique (name)
);
comment on table product_category_types is 'Kinds of product categories';
comment on column product_category_types.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column product_category_types.name is
    'Kind as delivered and folded by the mapping: department, category, subcategory';

create table product_statuses (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint product_statuses_natural_key unique (name)
);
comment on table product_statuses is 'Life cycle states of products';
comment on column product_statuses.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column product_statuses.name is
    'State as delivered and folded by the mapping: active, discontinued, draft';

create table genders (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint genders_natural_key unique (name)
);
comment on table genders is 'Whom products are made for';
comment on column genders.id is 'Key of the table and name: 63 bits, the same on every machine';
comment on column genders.name is
    'Word as delivered and folded by the mapping: Male, Female, Unisex';

create table price_tiers (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint price_tiers_natural_key unique (name)
);
comment on table price_tiers is 'Price segments of products, per tenant';
comment on column price_tiers.id is 'Key of the table and name: 63 bits, the same on every machine';
comment on column price_tiers.name is
    'Tier as delivered and folded by the mapping: Entry, Mid, Premium, Luxury';

create table customer_types (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint customer_types_natural_key unique (name)
);
comment on table customer_types is 'Kinds of customers';
comment on column customer_types.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column customer_types.name is
    'Kind as delivered and folded by the mapping: retail, wholesale, online';

create table location_types (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint location_types_natural_key unique (name)
);
comment on table location_types is 'Kinds of locations';
comment on column location_types.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column location_types.name is
    'Kind as delivered and folded by the mapping: store, warehouse, distribution centre';

create table location_statuses (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint location_statuses_natural_key unique (name)
);
comment on table location_statuses is 'States of locations';
comment on column location_statuses.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column location_statuses.name is
    'State as delivered and folded by the mapping: open, closed, planned';

create table sales_order_types (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint sales_order_types_natural_key unique (name)
);
comment on table sales_order_types is
    'Kinds of sales documents; an addition to the data model, which returns and adjustments need';
comment on column sales_order_types.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column sales_order_types.name is 'Kind: sale, return, adjustment';

create table sales_order_statuses (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint sales_order_statuses_natural_key unique (name)
);
comment on table sales_order_statuses is 'States of sales documents';
comment on column sales_order_statuses.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column sales_order_statuses.name is
    'State as delivered and folded by the mapping: open, completed, cancelled';

create table sales_channels (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint sales_channels_natural_key unique (name)
);
comment on table sales_channels is 'Channels that sales come through';
comment on column sales_channels.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column sales_channels.name is
    'Channel as delivered and folded by the mapping: store, web, wholesale';

create table sales_order_line_update_types (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint sales_order_line_update_types_natural_key unique (name)
);
comment on table sales_order_line_update_types is 'Kinds of later changes to a sales line';
comment on column sales_order_line_update_types.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column sales_order_line_update_types.name is
    'Kind as delivered and folded by the mapping: return, cancellation, correction';

-- These columns mean the same in every table that has them.
do $comments$
declare
    described record;
begin
    for described in
        select c.oid::regclass as relation, a.attname, meaning.text
        from pg_class as c
        join pg_attribute as a on a.attrelid = c.oid
        join (values
            ('source_version', 'Update time of the winning record, else the end of its business day; greater wins'),
            ('raw_position', 'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version')
        ) as meaning (attname, text) on meaning.attname = a.attname
        where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'
            and c.relname in (
                'product_category_types', 'product_statuses', 'genders',
                'price_tiers', 'customer_types', 'location_types',
                'location_statuses', 'sales_order_types', 'sales_order_statuses',
                'sales_channels', 'sales_order_line_update_types'
            )
    loop
        execute format('comment on column %s.%I is %L', described.relation, described.attname, described.text);
    end loop;
end
$comments$;
