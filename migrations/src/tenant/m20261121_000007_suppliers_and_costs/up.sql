-- Suppliers and what hangs on masters: offers, attributes, images, translations, supply topology; and
-- what is known of costs, day by day. Snapshots touch these rows daily, so pages keep room for HOT
-- updates, and no version column is in an index.

create table suppliers (
    id bigint not null primary key check (id >= 0),
    external_id text not null check (octet_length(external_id) <= 256),
    supplier_name text not null check (char_length(supplier_name) <= 1000),
    supplier_status_id bigint references supplier_statuses (id),
    country text check (char_length(country) <= 1000),
    direct_shipment boolean not null,
    currency_id bigint references cw_global.currencies (id),
    is_active boolean not null,
    declared_active boolean not null,
    source_rank smallint not null check (source_rank between 0 and 3),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint suppliers_natural_key unique (external_id),
    constraint suppliers_active_check check (declared_active or not is_active)
) with (fillfactor = 50);
create index suppliers_supplier_status_id_idx on suppliers (supplier_status_id);
create index suppliers_currency_id_idx on suppliers (currency_id);
comment on table suppliers is 'Suppliers; inferred from the products and documents that name them';
comment on column suppliers.id is
    'Key of the table and external_id: 63 bits, the same on every machine';
comment on column suppliers.external_id is
    'Identifier of the supplier in the source, as delivered: leading zeros and case count';
comment on column suppliers.supplier_name is
    'Name; the identifier until a record names the supplier';
comment on column suppliers.supplier_status_id is 'State; null where unknown';
comment on column suppliers.country is 'Country as delivered; null where unknown';
comment on column suppliers.direct_shipment is
    'Whether it ships to stores itself; false where the source does not say';
comment on column suppliers.currency_id is
    'Currency of its offers that name none; null where the source gives none';
comment on column suppliers.is_active is
    'Whether the row counts now: declared active, and held by the newest complete snapshot of its source or a later delta';
comment on column suppliers.declared_active is
    'What the winning record says of is_active, before presence is asked';
comment on column suppliers.source_rank is
    'Strength of what wrote the row: 0 only referenced, 1 embedded without a usable name, 2 embedded in another record, 3 a record of its own; the greater (source_rank, version) wins';
comment on column suppliers.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column suppliers.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table x_supplier_brands (
    id bigint not null primary key check (id >= 0),
    supplier_id bigint not null references suppliers (id),
    brand_id bigint not null references brands (id),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint x_supplier_brands_natural_key unique (supplier_id, brand_id)
) with (fillfactor = 50);
create index x_supplier_brands_brand_id_idx on x_supplier_brands (brand_id);
comment on table x_supplier_brands is 'Brands that a supplier carries: part of its record';
comment on column x_supplier_brands.id is
    'Key of the table and (supplier, brand): 63 bits, the same on every machine';
comment on column x_supplier_brands.supplier_id is 'Supplier';
comment on column x_supplier_brands.brand_id is 'Brand';
comment on column x_supplier_brands.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column x_supplier_brands.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table x_supplier_products (
    id bigint not null primary key check (id >= 0),
    supplier_id bigint not null references suppliers (id),
    product_id bigint not null references products (id),
    unit_cost numeric(19,4) not null check (unit_cost >= 0),
    currency_id bigint not null references cw_global.currencies (id),
    supplier_sku text check (char_length(supplier_sku) <= 1000),
    package_qty integer check (package_qty > 0),
    min_order_qty integer check (min_order_qty >= 0),
    lead_time_days integer check (lead_time_days >= 0),
    is_default boolean not null,
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint x_supplier_products_natural_key unique (supplier_id, product_id)
) with (fillfactor = 50);
create index x_supplier_products_product_id_idx on x_supplier_products (product_id);
create index x_supplier_products_currency_id_idx on x_supplier_products (currency_id);
comment on table x_supplier_products is
    'What a supplier offers now: part of its record. unit_cost is the cost that counts for the supplier';
comment on column x_supplier_products.id is
    'Key of the table and (supplier, product): 63 bits, the same on every machine';
comment on column x_supplier_products.supplier_id is 'Supplier';
comment on column x_supplier_products.product_id is 'Product';
comment on column x_supplier_products.unit_cost is 'Cost of one unit, in the currency of the offer';
comment on column x_supplier_products.currency_id is 'Currency of unit_cost';
comment on column x_supplier_products.supplier_sku is
    'Identifier that the supplier uses; null where unknown';
comment on column x_supplier_products.package_qty is 'Units in a package; null where unknown';
comment on column x_supplier_products.min_order_qty is
    'Least quantity of an order; null where there is none';
comment on column x_supplier_products.lead_time_days is
    'Days from order to receipt; null where unknown';
comment on column x_supplier_products.is_default is
    'Whether the source calls this supplier the default one of the product';
comment on column x_supplier_products.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column x_supplier_products.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table product_attributes (
    id bigint not null primary key check (id >= 0),
    product_id bigint not null references products (id),
    attribute_name text not null check (octet_length(attribute_name) <= 256),
    attribute_value text not null check (char_length(attribute_value) <= 1000),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint product_attributes_natural_key unique (product_id, attribute_name)
) with (fillfactor = 50);
comment on table product_attributes is
    'Attributes of products by name: part of the products record';
comment on column product_attributes.id is
    'Key of the table and (product, attribute_name): 63 bits, the same on every machine';
comment on column product_attributes.product_id is 'Product';
comment on column product_attributes.attribute_name is 'Name of the attribute as delivered';
comment on column product_attributes.attribute_value is 'Value as delivered';
comment on column product_attributes.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column product_attributes.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table product_images (
    id bigint not null primary key check (id >= 0),
    product_id bigint not null references products (id),
    s3_key text not null check (octet_length(s3_key) <= 256),
    image_type_id bigint references image_types (id),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint product_images_natural_key unique (product_id, s3_key)
) with (fillfactor = 50);
create index product_images_image_type_id_idx on product_images (image_type_id);
comment on table product_images is
    'Images of products: part of the product''s record; the bytes are in S3 under product-images/';
comment on column product_images.id is
    'Key of the table and (product, s3_key): 63 bits, the same on every machine';
comment on column product_images.product_id is 'Product';
comment on column product_images.s3_key is 'Key of the image in the bucket';
comment on column product_images.image_type_id is 'Kind; null where the source gives none';
comment on column product_images.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column product_images.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table product_translations (
    id bigint not null primary key check (id >= 0),
    product_id bigint not null references products (id),
    field_name text not null check (octet_length(field_name) <= 256),
    language_id bigint not null references cw_global.languages (id),
    value text not null check (char_length(value) <= 1000),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint product_translations_natural_key unique (product_id, field_name, language_id)
) with (fillfactor = 50);
create index product_translations_language_id_idx on product_translations (language_id);
comment on table product_translations is
    'Texts of products in other languages: part of the product''s record';
comment on column product_translations.id is
    'Key of the table and (product, field_name, language): 63 bits, the same on every machine';
comment on column product_translations.product_id is 'Product';
comment on column product_translations.field_name is 'Field that is translated: product_name';
comment on column product_translations.language_id is 'Language';
comment on column product_translations.value is 'The text';
comment on column product_translations.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column product_translations.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table location_relationships (
    id bigint not null primary key check (id >= 0),
    parent_location_id bigint not null references locations (id),
    child_location_id bigint not null references locations (id),
    location_relationship_type_id bigint not null references location_relationship_types (id),
    priority integer check (priority >= 0),
    lead_time_days integer check (lead_time_days >= 0),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint location_relationships_natural_key unique (parent_location_id, child_location_id, location_relationship_type_id)
) with (fillfactor = 50);
create index location_relationships_child_location_id_idx on location_relationships (child_location_id);
create index location_relationships_location_relationship_type_id_idx on location_relationships (location_relationship_type_id);
comment on table location_relationships is
    'Supply topology as the source gives it: part of the child''s record';
comment on column location_relationships.id is
    'Key of the table and (parent, child, type): 63 bits, the same on every machine';
comment on column location_relationships.parent_location_id is 'Location that supplies';
comment on column location_relationships.child_location_id is 'Location that is supplied';
comment on column location_relationships.location_relationship_type_id is 'Kind of relation';
comment on column location_relationships.priority is
    'Order among the parents of a location, 1 first; null where the source gives none';
comment on column location_relationships.lead_time_days is
    'Days from request to receipt; null where unknown';
comment on column location_relationships.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column location_relationships.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table supplier_price_lists (
    id bigint not null primary key check (id >= 0),
    supplier_id bigint not null references suppliers (id),
    list_date date not null,
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint supplier_price_lists_natural_key unique (supplier_id, list_date)
);
comment on table supplier_price_lists is
    'What each suppliers records have offered, a list a day: the history behind costs';
comment on column supplier_price_lists.id is
    'Key of the table and (supplier, list_date): 63 bits, the same on every machine';
comment on column supplier_price_lists.supplier_id is 'Supplier';
comment on column supplier_price_lists.list_date is
    'Day of the records version in the tenants time zone, at most its business day';
comment on column supplier_price_lists.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column supplier_price_lists.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table supplier_price_list_lines (
    id bigint not null primary key check (id >= 0),
    supplier_price_list_id bigint not null references supplier_price_lists (id),
    supplier_id bigint not null references suppliers (id),
    list_date date not null,
    product_id bigint not null references products (id),
    unit_cost numeric(19,4) not null check (unit_cost >= 0),
    currency_id bigint not null references cw_global.currencies (id),
    is_default boolean not null,
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint supplier_price_list_lines_natural_key unique (supplier_price_list_id, product_id)
);
create index supplier_price_list_lines_supplier_id_idx on supplier_price_list_lines (supplier_id);
create index supplier_price_list_lines_currency_id_idx on supplier_price_list_lines (currency_id);
create index supplier_price_list_lines_product_id_idx on supplier_price_list_lines (product_id, list_date);
comment on table supplier_price_list_lines is 'Offers of a dated list of a supplier';
comment on column supplier_price_list_lines.id is
    'Key of the table and (supplier, list_date, product): 63 bits, the same on every machine';
comment on column supplier_price_list_lines.supplier_price_list_id is 'List';
comment on column supplier_price_list_lines.supplier_id is 'Supplier of the list';
comment on column supplier_price_list_lines.list_date is 'Day of the list';
comment on column supplier_price_list_lines.product_id is 'Product';
comment on column supplier_price_list_lines.unit_cost is
    'Cost of one unit, in the currency of the offer';
comment on column supplier_price_list_lines.currency_id is 'Currency of unit_cost';
comment on column supplier_price_list_lines.is_default is
    'Whether the source called this supplier the default one of the product';
comment on column supplier_price_list_lines.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column supplier_price_list_lines.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table product_cost_records (
    id bigint not null primary key check (id >= 0),
    product_id bigint not null references products (id),
    record_date date not null,
    supplier_id bigint references suppliers (id),
    unit_cost numeric(19,4) check (unit_cost >= 0),
    currency_id bigint references cw_global.currencies (id),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint product_cost_records_natural_key unique (product_id, record_date)
) with (fillfactor = 50);
create index product_cost_records_supplier_id_idx on product_cost_records (supplier_id);
create index product_cost_records_currency_id_idx on product_cost_records (currency_id);
comment on table product_cost_records is
    'What each products own records have said of cost and default supplier, a row a day: the history behind costs';
comment on column product_cost_records.id is
    'Key of the table and (product, record_date): 63 bits, the same on every machine';
comment on column product_cost_records.product_id is 'Product';
comment on column product_cost_records.record_date is
    'Day of the record''s version in the tenant''s time zone, at most its business day';
comment on column product_cost_records.supplier_id is
    'Default supplier then; null where the record names none';
comment on column product_cost_records.unit_cost is
    'Own cost of one unit; null where the record gives none';
comment on column product_cost_records.currency_id is 'Currency of unit_cost; null where that is';
comment on column product_cost_records.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column product_cost_records.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table product_costs (
    product_id bigint not null references products (id),
    from_date date not null,
    thru_date date,
    unit_cost numeric(19,4),
    currency_id bigint references cw_global.currencies (id),
    primary key (product_id, from_date),
    constraint product_costs_dates_check check (from_date <= thru_date),
    constraint product_costs_currency_check check ((unit_cost is null) = (currency_id is null))
);
create index product_costs_currency_id_idx on product_costs (currency_id);
comment on table product_costs is
    'Cost of a product in force by day: that of its default supplier, else of the newest offer that is_default, else its own. A row a change';
comment on column product_costs.product_id is 'Product';
comment on column product_costs.from_date is 'First day';
comment on column product_costs.thru_date is 'Last day, inclusive; null while in force';
comment on column product_costs.unit_cost is
    'Cost of one unit; null where none is known from that day on';
comment on column product_costs.currency_id is 'Currency of unit_cost; null where that is';

alter table products
    add column supplier_id bigint references suppliers (id),
    add column declared_cost numeric(19,4) check (declared_cost >= 0),
    add column declared_price numeric(19,4) check (declared_price >= 0),
    add column declared_currency_id bigint references cw_global.currencies (id),
    add column cost numeric(19,4),
    add column cost_currency_id bigint references cw_global.currencies (id),
    add column price numeric(19,4),
    add column currency_id bigint references cw_global.currencies (id);
create index products_supplier_id_idx on products (supplier_id);
create index products_declared_currency_id_idx on products (declared_currency_id);
create index products_cost_currency_id_idx on products (cost_currency_id);
create index products_currency_id_idx on products (currency_id);
comment on table products is 'Products and services: records of their own, and what documents name';
comment on column products.supplier_id is 'Default supplier as its record says; null where it names none';
comment on column products.declared_cost is 'Cost that its own record gives; null where it gives none';
comment on column products.declared_price is 'Price that its own record gives; null where it gives none';
comment on column products.declared_currency_id is
    'Currency of declared_cost and declared_price; null where both are';
comment on column products.cost is
    'Derived: cost in force on the newest business day, from product_costs; null where unknown';
comment on column products.cost_currency_id is 'Derived: currency of cost; null where that is';
comment on column products.price is
    'Derived: price of the highest-ranked active kind in force on the newest business day everywhere, else declared_price; null where unknown';
comment on column products.currency_id is 'Derived: currency of price; null where that is';
