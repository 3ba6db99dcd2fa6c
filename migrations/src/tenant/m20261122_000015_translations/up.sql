-- Texts in other languages of what is not a product, and what suppliers say they have.

create table product_category_translations (
    id bigint not null primary key check (id >= 0),
    product_category_id bigint not null references product_categories (id),
    field_name text not null check (octet_length(field_name) <= 256),
    language_id bigint not null references cw_global.languages (id),
    value text not null check (char_length(value) <= 1000),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint product_category_translations_natural_key unique (product_category_id, field_name, language_id)
) with (fillfactor = 50);
create index product_category_translations_language_id_idx on product_category_translations (language_id);
comment on table product_category_translations is 'Texts of categories in other languages';
comment on column product_category_translations.id is
    'Key of the table and (product_category, field_name, language): 63 bits, the same on every machine';
comment on column product_category_translations.product_category_id is 'Category';
comment on column product_category_translations.field_name is 'Field that is translated: name';
comment on column product_category_translations.language_id is 'Language';
comment on column product_category_translations.value is 'The text';
comment on column product_category_translations.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column product_category_translations.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table location_translations (
    id bigint not null primary key check (id >= 0),
    location_id bigint not null references locations (id),
    field_name text not null check (octet_length(field_name) <= 256),
    language_id bigint not null references cw_global.languages (id),
    value text not null check (char_length(value) <= 1000),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint location_translations_natural_key unique (location_id, field_name, language_id)
) with (fillfactor = 50);
create index location_translations_language_id_idx on location_translations (language_id);
comment on table location_translations is 'Texts of locations in other languages';
comment on column location_translations.id is
    'Key of the table and (location, field_name, language): 63 bits, the same on every machine';
comment on column location_translations.location_id is 'Location';
comment on column location_translations.field_name is 'Field that is translated: name';
comment on column location_translations.language_id is 'Language';
comment on column location_translations.value is 'The text';
comment on column location_translations.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column location_translations.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table supplier_translations (
    id bigint not null primary key check (id >= 0),
    supplier_id bigint not null references suppliers (id),
    field_name text not null check (octet_length(field_name) <= 256),
    language_id bigint not null references cw_global.languages (id),
    value text not null check (char_length(value) <= 1000),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint supplier_translations_natural_key unique (supplier_id, field_name, language_id)
) with (fillfactor = 50);
create index supplier_translations_language_id_idx on supplier_translations (language_id);
comment on table supplier_translations is 'Texts of suppliers in other languages';
comment on column supplier_translations.id is
    'Key of the table and (supplier, field_name, language): 63 bits, the same on every machine';
comment on column supplier_translations.supplier_id is 'Supplier';
comment on column supplier_translations.field_name is 'Field that is translated: name';
comment on column supplier_translations.language_id is 'Language';
comment on column supplier_translations.value is 'The text';
comment on column supplier_translations.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column supplier_translations.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table supplier_available_products (
    id bigint not null primary key check (id >= 0),
    product_id bigint not null references products (id),
    supplier_id bigint not null references suppliers (id),
    supplier_ref text not null check (octet_length(supplier_ref) <= 256),
    code text not null check (octet_length(code) <= 256),
    is_available boolean not null,
    match_method_id bigint not null references match_methods (id),
    file_date date not null,
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint supplier_available_products_natural_key unique (product_id, supplier_id, file_date)
);
create index supplier_available_products_supplier_id_idx on supplier_available_products (supplier_id);
create index supplier_available_products_match_method_id_idx on supplier_available_products (match_method_id);
comment on table supplier_available_products is
    'What suppliers say they have: matched rows of the sheets that they send';
comment on column supplier_available_products.id is
    'Key of the table and (product, supplier, file_date): 63 bits, the same on every machine';
comment on column supplier_available_products.product_id is 'Product';
comment on column supplier_available_products.supplier_id is 'Supplier';
comment on column supplier_available_products.supplier_ref is 'What the sheet calls its supplier';
comment on column supplier_available_products.code is
    'Code of the product in the sheet, as delivered';
comment on column supplier_available_products.is_available is 'Whether the supplier has it';
comment on column supplier_available_products.match_method_id is
    'How the code was matched to the product';
comment on column supplier_available_products.file_date is 'Business day of the sheet';
comment on column supplier_available_products.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column supplier_available_products.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';
