-- Sales documents. A document and its parts are one unit: the greater version replaces all of them.
-- Quantities and values carry no sign check: returns and corrections are negative.

create table sales_orders (
    id bigint not null primary key check (id >= 0),
    external_id text not null check (octet_length(external_id) <= 256),
    sales_order_type_id bigint not null references sales_order_types (id),
    customer_id bigint references customers (id),
    location_id bigint not null references locations (id),
    sales_channel_id bigint references sales_channels (id),
    sales_order_status_id bigint references sales_order_statuses (id),
    order_date date not null,
    requested_date date,
    shipped_date date,
    freight_value numeric(19,4),
    total_value numeric(19,4) not null,
    currency_id bigint not null references cw_global.currencies (id),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint sales_orders_natural_key unique (external_id)
);
create index sales_orders_sales_order_type_id_idx on sales_orders (sales_order_type_id);
create index sales_orders_customer_id_idx on sales_orders (customer_id);
create index sales_orders_location_id_idx on sales_orders (location_id);
create index sales_orders_sales_channel_id_idx on sales_orders (sales_channel_id);
create index sales_orders_sales_order_status_id_idx on sales_orders (sales_order_status_id);
create index sales_orders_currency_id_idx on sales_orders (currency_id);
comment on table sales_orders is 'Sales documents: sales, returns and adjustments';
comment on column sales_orders.id is
    'Key of the table and external_id: 63 bits, the same on every machine';
comment on column sales_orders.external_id is
    'Identifier of the document in the source, as delivered: leading zeros and case count';
comment on column sales_orders.sales_order_type_id is 'Kind of document: sale, return, adjustment';
comment on column sales_orders.customer_id is 'Customer; null where the document names none';
comment on column sales_orders.location_id is 'Location that sold';
comment on column sales_orders.sales_channel_id is 'Channel; null where unknown';
comment on column sales_orders.sales_order_status_id is 'State; null where unknown';
comment on column sales_orders.order_date is 'Day of the order in the tenant''s time zone';
comment on column sales_orders.requested_date is
    'Day for which the customer wants it; null where unknown';
comment on column sales_orders.shipped_date is 'Day of shipping; null where not shipped or unknown';
comment on column sales_orders.freight_value is
    'Freight charged, in the currency of the document; null where the source gives none';
comment on column sales_orders.total_value is
    'Sum of line_value over the lines of the document as delivered, in its currency';
comment on column sales_orders.currency_id is 'Currency of all values of the document';

create table sales_order_lines (
    id bigint not null primary key check (id >= 0),
    sales_order_id bigint not null references sales_orders (id),
    line_no integer not null check (line_no >= 0),
    external_id text check (char_length(external_id) <= 1000),
    product_id bigint not null references products (id),
    qty numeric(15,3) not null,
    unit_price numeric(19,4) not null,
    discount_rate numeric(9,6) check (discount_rate between 0 and 1),
    discount_value numeric(19,4) not null,
    line_value numeric(19,4) not null,
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint sales_order_lines_natural_key unique (sales_order_id, line_no)
);
create index sales_order_lines_product_id_idx on sales_order_lines (product_id);
comment on table sales_order_lines is 'Lines of sales documents';
comment on column sales_order_lines.id is
    'Key of the table and (document, line_no): 63 bits, the same on every machine';
comment on column sales_order_lines.sales_order_id is 'Document';
comment on column sales_order_lines.line_no is
    'Number of the line as delivered, else its ordinal within the document';
comment on column sales_order_lines.external_id is
    'Identifier of the line in the source; not unique; null where it has none';
comment on column sales_order_lines.product_id is 'Product sold or returned';
comment on column sales_order_lines.qty is 'Quantity: gross in a sale, negative in a return';
comment on column sales_order_lines.unit_price is
    'Price of one unit before discount, in the currency of the document';
comment on column sales_order_lines.discount_rate is
    'Discount as a share of the gross value; null where the source gives none';
comment on column sales_order_lines.discount_value is
    'Discount as an amount, in the currency of the document';
comment on column sales_order_lines.line_value is
    'qty x unit_price less the discount, in the currency of the document';

create table sales_order_line_updates (
    id bigint not null primary key check (id >= 0),
    sales_order_id bigint not null references sales_orders (id),
    sales_order_line_id bigint not null references sales_order_lines (id),
    update_no integer not null check (update_no >= 0),
    external_id text check (char_length(external_id) <= 1000),
    sales_order_line_update_type_id bigint not null references sales_order_line_update_types (id),
    update_date date not null,
    qty_delta numeric(15,3) not null,
    value_delta numeric(19,4) not null,
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint sales_order_line_updates_natural_key unique (sales_order_line_id, update_no)
);
create index sales_order_line_updates_sales_order_id_idx on sales_order_line_updates (sales_order_id);
create index sales_order_line_updates_sales_order_line_update_type_id_idx on sales_order_line_updates (sales_order_line_update_type_id);
comment on table sales_order_line_updates is
    'Later changes to a line, kept beside it: returns, cancellations, corrections';
comment on column sales_order_line_updates.id is
    'Key of the table and (document, line_no, update_no): 63 bits, the same on every machine';
comment on column sales_order_line_updates.sales_order_id is
    'Document of the line: the unit that is replaced as a whole';
comment on column sales_order_line_updates.sales_order_line_id is 'Line that is changed';
comment on column sales_order_line_updates.update_no is 'Ordinal of the change within its line';
comment on column sales_order_line_updates.external_id is
    'Identifier of the change in the source; not unique; null where it has none';
comment on column sales_order_line_updates.sales_order_line_update_type_id is 'Kind of change';
comment on column sales_order_line_updates.update_date is 'Day on which the change counts';
comment on column sales_order_line_updates.qty_delta is
    'Quantity added to the line; negative in a return';
comment on column sales_order_line_updates.value_delta is
    'Value added to the line, in the currency of the document; negative in a return';

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
                'sales_orders', 'sales_order_lines', 'sales_order_line_updates'
            )
    loop
        execute format('comment on column %s.%I is %L', described.relation, described.attname, described.text);
    end loop;
end
$comments$;
