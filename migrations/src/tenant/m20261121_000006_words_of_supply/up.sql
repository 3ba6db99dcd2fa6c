-- Lookup tables of suppliers, documents of supply, prices and observations: words that records use.

create table supplier_statuses (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint supplier_statuses_natural_key unique (name)
);
comment on table supplier_statuses is 'States of suppliers';
comment on column supplier_statuses.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column supplier_statuses.name is
    'State as delivered and folded by the mapping: active, on hold, closed';
comment on column supplier_statuses.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column supplier_statuses.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table image_types (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint image_types_natural_key unique (name)
);
comment on table image_types is 'Kinds of product images';
comment on column image_types.id is 'Key of the table and name: 63 bits, the same on every machine';
comment on column image_types.name is
    'Kind as delivered and folded by the mapping: main, gallery, thumbnail';
comment on column image_types.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column image_types.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table location_relationship_types (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint location_relationship_types_natural_key unique (name)
);
comment on table location_relationship_types is 'Kinds of relations between locations';
comment on column location_relationship_types.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column location_relationship_types.name is
    'Kind as delivered and folded by the mapping: supplies, returns to';
comment on column location_relationship_types.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column location_relationship_types.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table purchase_order_statuses (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint purchase_order_statuses_natural_key unique (name)
);
comment on table purchase_order_statuses is 'States of purchase orders';
comment on column purchase_order_statuses.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column purchase_order_statuses.name is
    'State as delivered and folded by the mapping: draft, sent, partially received, received, cancelled';
comment on column purchase_order_statuses.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column purchase_order_statuses.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table receiving_order_statuses (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint receiving_order_statuses_natural_key unique (name)
);
comment on table receiving_order_statuses is 'States of receipts';
comment on column receiving_order_statuses.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column receiving_order_statuses.name is
    'State as delivered and folded by the mapping: open, posted, cancelled';
comment on column receiving_order_statuses.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column receiving_order_statuses.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table store_order_statuses (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint store_order_statuses_natural_key unique (name)
);
comment on table store_order_statuses is 'States of store orders';
comment on column store_order_statuses.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column store_order_statuses.name is
    'State as delivered and folded by the mapping: open, allocated, fulfilled, cancelled';
comment on column store_order_statuses.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column store_order_statuses.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table transfer_order_statuses (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint transfer_order_statuses_natural_key unique (name)
);
comment on table transfer_order_statuses is 'States of transfer orders';
comment on column transfer_order_statuses.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column transfer_order_statuses.name is
    'State as delivered and folded by the mapping: draft, in transit, received, cancelled';
comment on column transfer_order_statuses.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column transfer_order_statuses.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table market_data_sources (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint market_data_sources_natural_key unique (name)
);
comment on table market_data_sources is 'Feeds of market data';
comment on column market_data_sources.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column market_data_sources.name is
    'Feed as delivered: one row a feed, price intelligence included';
comment on column market_data_sources.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column market_data_sources.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table social_ad_platforms (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint social_ad_platforms_natural_key unique (name)
);
comment on table social_ad_platforms is 'Networks that show advertisements';
comment on column social_ad_platforms.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column social_ad_platforms.name is 'Network as delivered: one row a network';
comment on column social_ad_platforms.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column social_ad_platforms.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';
