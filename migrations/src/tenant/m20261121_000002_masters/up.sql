-- Brands, categories, products, locations and customers: what documents refer to. Snapshots touch
-- these rows daily, so pages keep room for HOT updates, and no version column is in an index.

create table brands (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    country_of_origin text check (char_length(country_of_origin) <= 1000),
    source_rank smallint not null check (source_rank between 0 and 3),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint brands_natural_key unique (name)
) with (fillfactor = 50);
comment on table brands is
    'Brands of products; inferred from the products that name them';
comment on column brands.id is 'Key of the table and name: 63 bits, the same on every machine';
comment on column brands.name is 'Brand as delivered, trimmed';
comment on column brands.country_of_origin is
    'Country that the source gives for the brand; null where it gives none';

create table product_categories (
    id bigint not null primary key check (id >= 0),
    external_id text not null check (octet_length(external_id) <= 256),
    name text not null check (char_length(name) <= 1000),
    parent_category_id bigint references product_categories (id),
    product_category_type_id bigint references product_category_types (id),
    is_active boolean not null,
    declared_active boolean not null,
    source_rank smallint not null check (source_rank between 0 and 3),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint product_categories_natural_key unique (external_id),
    constraint product_categories_active_check check (declared_active or not is_active)
) with (fillfactor = 50);
create index product_categories_parent_category_id_idx on product_categories (parent_category_id);
create index product_categories_product_category_type_id_idx on product_categories (product_category_type_id);
comment on table product_categories is 'Tree of product categories';
comment on column product_categories.id is
    'Key of the table and external_id: 63 bits, the same on every machine';
comment on column product_categories.external_id is
    'Identifier of the category in the source, as delivered: leading zeros and case count';
comment on column product_categories.name is
    'Name of the category; its identifier until a record names it';
comment on column product_categories.parent_category_id is 'Category above; null at the top';
comment on column product_categories.product_category_type_id is
    'Level of the tree; null where the source has none';

create table products (
    id bigint not null primary key check (id >= 0),
    external_id text not null check (octet_length(external_id) <= 256),
    product_sku text check (char_length(product_sku) <= 1000),
    product_vendor_sku text check (char_length(product_vendor_sku) <= 1000),
    product_name text not null check (char_length(product_name) <= 1000),
    product_kind text not null check (product_kind in ('goods', 'service')),
    brand_id bigint references brands (id),
    product_category_id bigint references product_categories (id),
    birth_date date,
    gender_id bigint references genders (id),
    product_status_id bigint references product_statuses (id),
    price_tier_id bigint references price_tiers (id),
    is_active boolean not null,
    declared_active boolean not null,
    source_rank smallint not null check (source_rank between 0 and 3),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint products_natural_key unique (external_id),
    constraint products_active_check check (declared_active or not is_active)
) with (fillfactor = 50);
create index products_product_sku_idx on products using hash (product_sku);
create index products_brand_id_idx on products (brand_id);
create index products_product_category_id_idx on products (product_category_id);
create index products_gender_id_idx on products (gender_id);
create index products_product_status_id_idx on products (product_status_id);
create index products_price_tier_id_idx on products (price_tier_id);
comment on table products is
    'Products and services that documents name. Cost, price and supplier come with the tables that they derive from';
comment on column products.id is
    'Key of the table and external_id: 63 bits, the same on every machine';
comment on column products.external_id is
    'Identifier of the product in the source, as delivered: leading zeros and case count';
comment on column products.product_sku is
    'Stock keeping unit; not unique, since two records may swap theirs; null where the source has none';
comment on column products.product_vendor_sku is
    'Identifier that the vendor uses; null where the source has none';
comment on column products.product_name is 'Name; the identifier until a record names the product';
comment on column products.product_kind is
    'goods, or service such as postage and fees; demand reads goods only';
comment on column products.brand_id is 'Brand; null where unknown';
comment on column products.product_category_id is 'Category; null where unknown';
comment on column products.birth_date is
    'Day on which the product was introduced; null where unknown';
comment on column products.gender_id is 'Whom it is made for; null where unknown';
comment on column products.product_status_id is 'Life cycle state; null where unknown';
comment on column products.price_tier_id is 'Price segment; null where unknown';

create table locations (
    id bigint not null primary key check (id >= 0),
    external_id text not null check (octet_length(external_id) <= 256),
    location_name text not null check (char_length(location_name) <= 1000),
    location_type_id bigint references location_types (id),
    location_status_id bigint references location_statuses (id),
    city text check (char_length(city) <= 1000),
    country text check (char_length(country) <= 1000),
    opened_date date,
    closed_date date,
    is_active boolean not null,
    declared_active boolean not null,
    source_rank smallint not null check (source_rank between 0 and 3),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint locations_natural_key unique (external_id),
    constraint locations_active_check check (declared_active or not is_active)
) with (fillfactor = 50);
create index locations_location_type_id_idx on locations (location_type_id);
create index locations_location_status_id_idx on locations (location_status_id);
comment on table locations is 'Stores, warehouses and distribution centres';
comment on column locations.id is
    'Key of the table and external_id: 63 bits, the same on every machine';
comment on column locations.external_id is
    'Identifier of the location in the source, as delivered: leading zeros and case count';
comment on column locations.location_name is
    'Name; the identifier until a record names the location';
comment on column locations.location_type_id is 'Kind; null while the location is only referenced';
comment on column locations.location_status_id is 'State; null where unknown';
comment on column locations.city is 'City as delivered; null where unknown';
comment on column locations.country is 'Country as delivered; null where unknown';
comment on column locations.opened_date is 'Day on which it opened; null where unknown';
comment on column locations.closed_date is 'Day on which it closed; null while open or unknown';

create table customers (
    id bigint not null primary key check (id >= 0),
    external_id text not null check (octet_length(external_id) <= 256),
    customer_name text check (char_length(customer_name) <= 1000),
    customer_type_id bigint references customer_types (id),
    city text check (char_length(city) <= 1000),
    country text check (char_length(country) <= 1000),
    is_active boolean not null,
    declared_active boolean not null,
    source_rank smallint not null check (source_rank between 0 and 3),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint customers_natural_key unique (external_id),
    constraint customers_active_check check (declared_active or not is_active)
) with (fillfactor = 50);
create index customers_customer_type_id_idx on customers (customer_type_id);
comment on table customers is 'Customers that documents or customer files name';
comment on column customers.id is
    'Key of the table and external_id: 63 bits, the same on every machine';
comment on column customers.external_id is
    'Identifier of the customer in the source, as delivered: leading zeros and case count';
comment on column customers.customer_name is 'Name; null where the source gives none';
comment on column customers.customer_type_id is 'Kind; null where unknown';
comment on column customers.city is 'City as delivered; null where unknown';
comment on column customers.country is 'Country as delivered; null where unknown';

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
            ('source_rank', 'Strength of what wrote the row: 0 only referenced, 1 embedded without a usable name, 2 embedded in another record, 3 a record of its own; the greater (source_rank, version) wins'),
            ('source_version', 'Update time of the winning record, else the end of its business day; greater wins'),
            ('raw_position', 'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version'),
            ('is_active', 'Whether the row counts now: declared active, and held by the newest complete snapshot of its source or a later delta'),
            ('declared_active', 'What the winning record says of is_active, before presence is asked')
        ) as meaning (attname, text) on meaning.attname = a.attname
        where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'
            and c.relname in (
                'brands', 'product_categories', 'products', 'locations', 'customers'
            )
    loop
        execute format('comment on column %s.%I is %L', described.relation, described.attname, described.text);
    end loop;
end
$comments$;
