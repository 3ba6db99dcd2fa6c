-- Purchase orders, receipts, store orders and transfers. A document and its lines are one unit; a
-- header that only another document has named so far is inferred, a line never is.

create table purchase_orders (
    id bigint not null primary key check (id >= 0),
    external_id text not null check (octet_length(external_id) <= 256),
    supplier_id bigint references suppliers (id),
    location_id bigint references locations (id),
    purchase_order_status_id bigint references purchase_order_statuses (id),
    order_date date,
    expected_date date,
    closed_date date,
    total_value numeric(19,4),
    currency_id bigint references cw_global.currencies (id),
    source_rank smallint not null check (source_rank between 0 and 3),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint purchase_orders_natural_key unique (external_id),
    constraint purchase_orders_known_check check (source_rank < 3 or (supplier_id is not null and location_id is not null
            and order_date is not null and total_value is not null and currency_id is not null))
);
create index purchase_orders_supplier_id_idx on purchase_orders (supplier_id);
create index purchase_orders_location_id_idx on purchase_orders (location_id);
create index purchase_orders_purchase_order_status_id_idx on purchase_orders (purchase_order_status_id);
create index purchase_orders_currency_id_idx on purchase_orders (currency_id);
comment on table purchase_orders is 'Purchase orders; inferred from the receipts that name them';
comment on column purchase_orders.id is
    'Key of the table and external_id: 63 bits, the same on every machine';
comment on column purchase_orders.external_id is
    'Identifier of the document in the source, as delivered: leading zeros and case count';
comment on column purchase_orders.supplier_id is 'Supplier; null while inferred';
comment on column purchase_orders.location_id is 'Location that receives; null while inferred';
comment on column purchase_orders.purchase_order_status_id is 'State; null where unknown';
comment on column purchase_orders.order_date is
    'Day of the order in the tenant''s time zone; null while inferred';
comment on column purchase_orders.expected_date is
    'Day on which receipt is expected; null where unknown';
comment on column purchase_orders.closed_date is
    'Day from which nothing more is expected, where the source says so; null otherwise';
comment on column purchase_orders.total_value is
    'Sum of ordered_qty x unit_cost over the lines, in the currency of the document; null while inferred';
comment on column purchase_orders.currency_id is
    'Currency of all values of the document; null while inferred';
comment on column purchase_orders.source_rank is
    'Strength of what wrote the row: 0 only referenced, 1 embedded without a usable name, 2 embedded in another record, 3 a record of its own; the greater (source_rank, version) wins';
comment on column purchase_orders.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column purchase_orders.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table purchase_order_lines (
    id bigint not null primary key check (id >= 0),
    purchase_order_id bigint not null references purchase_orders (id),
    line_no integer not null check (line_no >= 0),
    external_id text check (char_length(external_id) <= 1000),
    product_id bigint not null references products (id),
    ordered_qty numeric(15,3) not null check (ordered_qty >= 0),
    unit_cost numeric(19,4) not null check (unit_cost >= 0),
    expected_date date,
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    received_qty numeric(15,3) not null default 0,
    constraint purchase_order_lines_natural_key unique (purchase_order_id, line_no)
);
create index purchase_order_lines_product_id_idx on purchase_order_lines (product_id);
comment on table purchase_order_lines is 'Lines of purchase orders';
comment on column purchase_order_lines.id is
    'Key of the table and (document, line_no): 63 bits, the same on every machine';
comment on column purchase_order_lines.purchase_order_id is 'Document';
comment on column purchase_order_lines.line_no is
    'Number of the line as delivered, else its ordinal within the document';
comment on column purchase_order_lines.external_id is
    'Identifier of the line in the source; not unique; null where it has none';
comment on column purchase_order_lines.product_id is 'Product ordered';
comment on column purchase_order_lines.ordered_qty is 'Quantity ordered';
comment on column purchase_order_lines.unit_cost is
    'Cost of one unit, in the currency of the document';
comment on column purchase_order_lines.expected_date is
    'Day on which receipt of the line is expected; null where only the document says, or nobody';
comment on column purchase_order_lines.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column purchase_order_lines.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';
comment on column purchase_order_lines.received_qty is
    'Derived: quantity received by receipts that are not cancelled';

create table receiving_orders (
    id bigint not null primary key check (id >= 0),
    external_id text not null check (octet_length(external_id) <= 256),
    purchase_order_id bigint references purchase_orders (id),
    location_id bigint not null references locations (id),
    receiving_order_status_id bigint references receiving_order_statuses (id),
    received_date date not null,
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    supplier_id bigint references suppliers (id),
    constraint receiving_orders_natural_key unique (external_id)
);
create index receiving_orders_purchase_order_id_idx on receiving_orders (purchase_order_id);
create index receiving_orders_location_id_idx on receiving_orders (location_id);
create index receiving_orders_receiving_order_status_id_idx on receiving_orders (receiving_order_status_id);
create index receiving_orders_supplier_id_idx on receiving_orders (supplier_id);
comment on table receiving_orders is 'Receipts of goods';
comment on column receiving_orders.id is
    'Key of the table and external_id: 63 bits, the same on every machine';
comment on column receiving_orders.external_id is
    'Identifier of the document in the source, as delivered: leading zeros and case count';
comment on column receiving_orders.purchase_order_id is
    'Purchase order; null where the receipt names none';
comment on column receiving_orders.location_id is 'Location that received';
comment on column receiving_orders.receiving_order_status_id is 'State; null where unknown';
comment on column receiving_orders.received_date is 'Day of the receipt in the tenant''s time zone';
comment on column receiving_orders.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column receiving_orders.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';
comment on column receiving_orders.supplier_id is
    'Derived: supplier of the purchase order; null where that is unknown';

create table receiving_order_lines (
    id bigint not null primary key check (id >= 0),
    receiving_order_id bigint not null references receiving_orders (id),
    line_no integer not null check (line_no >= 0),
    external_id text check (char_length(external_id) <= 1000),
    purchase_order_line_no integer check (purchase_order_line_no >= 0),
    product_id bigint not null references products (id),
    received_qty numeric(15,3) not null,
    rejected_qty numeric(15,3) check (rejected_qty >= 0),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    purchase_order_line_id bigint references purchase_order_lines (id) on delete set null,
    unit_cost numeric(19,4),
    constraint receiving_order_lines_natural_key unique (receiving_order_id, line_no)
);
create index receiving_order_lines_product_id_idx on receiving_order_lines (product_id);
create index receiving_order_lines_purchase_order_line_id_idx on receiving_order_lines (purchase_order_line_id);
comment on table receiving_order_lines is 'Lines of receipts';
comment on column receiving_order_lines.id is
    'Key of the table and (document, line_no): 63 bits, the same on every machine';
comment on column receiving_order_lines.receiving_order_id is 'Document';
comment on column receiving_order_lines.line_no is
    'Number of the line as delivered, else its ordinal within the document';
comment on column receiving_order_lines.external_id is
    'Identifier of the line in the source; not unique; null where it has none';
comment on column receiving_order_lines.purchase_order_line_no is
    'Line of the purchase order as delivered; null where the receipt names none';
comment on column receiving_order_lines.product_id is 'Product received';
comment on column receiving_order_lines.received_qty is 'Quantity received';
comment on column receiving_order_lines.rejected_qty is
    'Quantity of it that was refused; null where the source does not say';
comment on column receiving_order_lines.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column receiving_order_lines.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';
comment on column receiving_order_lines.purchase_order_line_id is
    'Derived: line of the purchase order, by its number, else the first one with the product; null while it is unknown';
comment on column receiving_order_lines.unit_cost is
    'Derived: cost of one unit by the line of the purchase order, in that document''s currency; null while it is unknown';

create table store_orders (
    id bigint not null primary key check (id >= 0),
    external_id text not null check (octet_length(external_id) <= 256),
    location_id bigint references locations (id),
    source_location_id bigint references locations (id),
    store_order_status_id bigint references store_order_statuses (id),
    order_date date,
    requested_date date,
    source_rank smallint not null check (source_rank between 0 and 3),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint store_orders_natural_key unique (external_id),
    constraint store_orders_known_check check (source_rank < 3 or (location_id is not null
            and source_location_id is not null and order_date is not null))
);
create index store_orders_location_id_idx on store_orders (location_id);
create index store_orders_source_location_id_idx on store_orders (source_location_id);
create index store_orders_store_order_status_id_idx on store_orders (store_order_status_id);
comment on table store_orders is
    'Requests of stores to the location that supplies them; inferred from the transfers that name them';
comment on column store_orders.id is
    'Key of the table and external_id: 63 bits, the same on every machine';
comment on column store_orders.external_id is
    'Identifier of the document in the source, as delivered: leading zeros and case count';
comment on column store_orders.location_id is 'Store that orders; null while inferred';
comment on column store_orders.source_location_id is 'Location that is asked; null while inferred';
comment on column store_orders.store_order_status_id is 'State; null where unknown';
comment on column store_orders.order_date is
    'Day of the order in the tenant''s time zone; null while inferred';
comment on column store_orders.requested_date is
    'Day for which the store wants it; null where unknown';
comment on column store_orders.source_rank is
    'Strength of what wrote the row: 0 only referenced, 1 embedded without a usable name, 2 embedded in another record, 3 a record of its own; the greater (source_rank, version) wins';
comment on column store_orders.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column store_orders.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table store_order_lines (
    id bigint not null primary key check (id >= 0),
    store_order_id bigint not null references store_orders (id),
    line_no integer not null check (line_no >= 0),
    external_id text check (char_length(external_id) <= 1000),
    product_id bigint not null references products (id),
    requested_qty numeric(15,3) not null check (requested_qty >= 0),
    allocated_qty numeric(15,3) check (allocated_qty >= 0),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint store_order_lines_natural_key unique (store_order_id, line_no)
);
create index store_order_lines_product_id_idx on store_order_lines (product_id);
comment on table store_order_lines is 'Lines of store orders';
comment on column store_order_lines.id is
    'Key of the table and (document, line_no): 63 bits, the same on every machine';
comment on column store_order_lines.store_order_id is 'Document';
comment on column store_order_lines.line_no is
    'Number of the line as delivered, else its ordinal within the document';
comment on column store_order_lines.external_id is
    'Identifier of the line in the source; not unique; null where it has none';
comment on column store_order_lines.product_id is 'Product asked for';
comment on column store_order_lines.requested_qty is 'Quantity asked for';
comment on column store_order_lines.allocated_qty is
    'Quantity that was granted; null where unknown';
comment on column store_order_lines.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column store_order_lines.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table transfer_orders (
    id bigint not null primary key check (id >= 0),
    external_id text not null check (octet_length(external_id) <= 256),
    store_order_id bigint references store_orders (id),
    from_location_id bigint not null references locations (id),
    to_location_id bigint not null references locations (id),
    transfer_order_status_id bigint references transfer_order_statuses (id),
    shipped_date date not null,
    received_date date,
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint transfer_orders_natural_key unique (external_id)
);
create index transfer_orders_store_order_id_idx on transfer_orders (store_order_id);
create index transfer_orders_from_location_id_idx on transfer_orders (from_location_id);
create index transfer_orders_to_location_id_idx on transfer_orders (to_location_id);
create index transfer_orders_transfer_order_status_id_idx on transfer_orders (transfer_order_status_id);
comment on table transfer_orders is 'Goods on their way between locations';
comment on column transfer_orders.id is
    'Key of the table and external_id: 63 bits, the same on every machine';
comment on column transfer_orders.external_id is
    'Identifier of the document in the source, as delivered: leading zeros and case count';
comment on column transfer_orders.store_order_id is
    'Store order that it serves; null where it names none';
comment on column transfer_orders.from_location_id is 'Location that ships';
comment on column transfer_orders.to_location_id is 'Location that receives';
comment on column transfer_orders.transfer_order_status_id is 'State; null where unknown';
comment on column transfer_orders.shipped_date is 'Day of shipping in the tenant''s time zone';
comment on column transfer_orders.received_date is
    'Day of receipt; null where not received or unknown';
comment on column transfer_orders.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column transfer_orders.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table transfer_order_lines (
    id bigint not null primary key check (id >= 0),
    transfer_order_id bigint not null references transfer_orders (id),
    line_no integer not null check (line_no >= 0),
    external_id text check (char_length(external_id) <= 1000),
    product_id bigint not null references products (id),
    shipped_qty numeric(15,3) not null check (shipped_qty >= 0),
    received_qty numeric(15,3) check (received_qty >= 0),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint transfer_order_lines_natural_key unique (transfer_order_id, line_no)
);
create index transfer_order_lines_product_id_idx on transfer_order_lines (product_id);
comment on table transfer_order_lines is 'Lines of transfer orders';
comment on column transfer_order_lines.id is
    'Key of the table and (document, line_no): 63 bits, the same on every machine';
comment on column transfer_order_lines.transfer_order_id is 'Document';
comment on column transfer_order_lines.line_no is
    'Number of the line as delivered, else its ordinal within the document';
comment on column transfer_order_lines.external_id is
    'Identifier of the line in the source; not unique; null where it has none';
comment on column transfer_order_lines.product_id is 'Product moved';
comment on column transfer_order_lines.shipped_qty is 'Quantity shipped';
comment on column transfer_order_lines.received_qty is
    'Quantity received; null where not received or unknown';
comment on column transfer_order_lines.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column transfer_order_lines.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';
