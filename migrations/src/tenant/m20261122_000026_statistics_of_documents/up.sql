-- What a refresh needs to know so that a day's sales cost what changed, and not what the days that were
-- touched hold: the documents that changed, with their facts before, and which products each day has. Columns
-- are no references, since rows are notes of the past: what they name may change, and is not kept for them.

create table statistics_products (
    product bigint not null primary key,
    ordinal bigint not null
);
comment on table statistics_products is
    'Small numbers of products, so that sets of them are sets of bits: of this database alone, in no digest';
comment on column statistics_products.product is 'Product';
comment on column statistics_products.ordinal is 'Its number, from 0';

create table statistics_sales_products (
    day date not null,
    location bigint not null,
    ordinals bigint not null,
    products bigint not null,
    facts jsonb not null,
    primary key (day, location, ordinals)
);
comment on table statistics_sales_products is
    'Products with sales on a day at a place, 64 to a row: from them products of periods are counted';
comment on column statistics_sales_products.day is 'Day';
comment on column statistics_sales_products.location is 'Location';
comment on column statistics_sales_products.ordinals is 'Which ordinals the row is of: those that are it 64 times and up to 63 more';
comment on column statistics_sales_products.products is 'One bit for each product that has sales';
comment on column statistics_sales_products.facts is
    'How many lines and updates each of them has: a number with eight decimal digits for each, those of the least ordinal last';

create table statistics_sales_documents (
    sales_order bigint not null primary key,
    facts jsonb
);
comment on table statistics_sales_documents is
    'Sales documents that have changed since statistics were refreshed';
comment on column statistics_sales_documents.sales_order is 'The document';
comment on column statistics_sales_documents.facts is
    'As it was when statistics were refreshed last, a list for each line and update: day, location, currency, type, status, product, quantity, value; null where it was not there';

-- Sets of products are made where everything is computed.
delete from statistics_state;
