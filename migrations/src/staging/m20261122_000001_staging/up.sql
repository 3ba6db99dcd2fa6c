-- What is checked before it is loaded. A batch that the quality gate refuses stays here.

create table staging_entity_types (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    file_name text not null check (octet_length(file_name) <= 256),
    constraint staging_entity_types_natural_key unique (name),
    constraint staging_entity_types_file_name_key unique (file_name)
);
comment on table staging_entity_types is 'Kinds of raw files that the canonical sources have';
comment on column staging_entity_types.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column staging_entity_types.name is 'Name of the kind';
comment on column staging_entity_types.file_name is 'Name of the file';
insert into staging_entity_types (id, name, file_name) values
    (2220514504266854758, 'products', 'products.json'),
    (5594435102282669696, 'suppliers', 'suppliers.json'),
    (1280817959422026676, 'locations', 'locations.json'),
    (1863288083910919254, 'customers', 'customers.json'),
    (6643221919263711257, 'pricing_lists', 'pricing_lists.json'),
    (8815169823903000536, 'inventory', 'inventory.json'),
    (5399640369439973444, 'sales_orders', 'sales_orders.json'),
    (1471303293625064121, 'purchase_orders', 'purchase_orders.json'),
    (1696836512662009544, 'receiving_orders', 'receiving_orders.json'),
    (8786291634624667291, 'store_orders', 'store_orders.json'),
    (2073801889928582142, 'transfer_orders', 'transfer_orders.json'),
    (2583152470057223296, 'market_data', 'market_data.json'),
    (1011343667154301720, 'analytics', 'analytics.json'),
    (96508355729687028, 'social_ads', 'social_ads.json'),
    (8336245738554424288, 'currency_rates', 'currency_rates.json'),
    (5373013325108081400, 'weather', 'weather.json'),
    (8956899758170000534, 'ui_events', 'ui_events.json');

create table staging_batches (
    id bigint generated always as identity primary key,
    client_config_id bigint not null references cw_global.client_config (id),
    batch_date date not null,
    data_quality_run_id bigint references data_quality_runs (id),
    received_at timestamptz not null,
    constraint staging_batches_natural_key unique (client_config_id, batch_date)
);
create index staging_batches_data_quality_run_id_idx on staging_batches (data_quality_run_id);
comment on table staging_batches is 'What is checked together: a tenant and a day';
comment on column staging_batches.id is 'Ordinal given by this database';
comment on column staging_batches.client_config_id is 'Tenant';
comment on column staging_batches.batch_date is 'Business day';
comment on column staging_batches.data_quality_run_id is
    'Run of the quality gate; null until it was checked';
comment on column staging_batches.received_at is 'When the first file of it came';

create table staging_files (
    id bigint generated always as identity primary key,
    staging_batch_id bigint not null references staging_batches (id),
    staging_entity_type_id bigint references staging_entity_types (id),
    s3_key text not null check (octet_length(s3_key) <= 1000),
    checksum text not null check (char_length(checksum) <= 1000) check (checksum ~ '^[0-9a-f]{64}$'),
    size_bytes bigint not null check (size_bytes >= 0),
    row_count bigint not null check (row_count >= 0),
    constraint staging_files_natural_key unique (s3_key)
);
create index staging_files_staging_batch_id_idx on staging_files (staging_batch_id);
create index staging_files_staging_entity_type_id_idx on staging_files (staging_entity_type_id);
comment on table staging_files is 'Raw objects of a batch';
comment on column staging_files.id is 'Ordinal given by this database';
comment on column staging_files.staging_batch_id is 'Batch';
comment on column staging_files.staging_entity_type_id is
    'Kind of file; null where the mapping feeds something else';
comment on column staging_files.s3_key is 'Whole key of the raw object in the bucket';
comment on column staging_files.checksum is 'SHA-256 of its bytes, hex';
comment on column staging_files.size_bytes is 'Bytes';
comment on column staging_files.row_count is 'Records in it';

create table staging_records (
    id bigint generated always as identity primary key,
    staging_file_id bigint not null references staging_files (id),
    record_number bigint not null check (record_number >= 0),
    external_id text check (octet_length(external_id) <= 256),
    payload jsonb not null,
    is_valid boolean not null,
    error_message text check (char_length(error_message) <= 1000),
    constraint staging_records_natural_key unique (staging_file_id, record_number),
    constraint staging_records_error_check check (is_valid = (error_message is null))
);
comment on table staging_records is 'Records of a staged file, parsed and not typed yet';
comment on column staging_records.id is 'Ordinal given by this database';
comment on column staging_records.staging_file_id is 'File';
comment on column staging_records.record_number is 'Position of the record in its file, from 0';
comment on column staging_records.external_id is
    'Natural key of the record; null where it could not be read';
comment on column staging_records.payload is 'The record';
comment on column staging_records.is_valid is 'Whether it can be loaded';
comment on column staging_records.error_message is 'Why it can not; null where it can';

create table staging_column_profiles (
    id bigint generated always as identity primary key,
    staging_file_id bigint not null references staging_files (id),
    column_name text not null check (octet_length(column_name) <= 256),
    null_count bigint not null check (null_count >= 0),
    distinct_count bigint not null check (distinct_count >= 0),
    mean_value double precision,
    stddev_value double precision check (stddev_value >= 0),
    constraint staging_column_profiles_natural_key unique (staging_file_id, column_name)
);
comment on table staging_column_profiles is
    'What the columns of a staged file look like: baselines of anomaly checks';
comment on column staging_column_profiles.id is 'Ordinal given by this database';
comment on column staging_column_profiles.staging_file_id is 'File';
comment on column staging_column_profiles.column_name is 'Column';
comment on column staging_column_profiles.null_count is 'Records without a value';
comment on column staging_column_profiles.distinct_count is 'Different values';
comment on column staging_column_profiles.mean_value is
    'Average; null where the column has no numbers';
comment on column staging_column_profiles.stddev_value is
    'Standard deviation; null where the column has no numbers';

-- A check of the gate may be about one kind of file.
alter table data_quality_checks
    add constraint data_quality_checks_staging_entity_type_id_fkey
        foreign key (staging_entity_type_id) references staging_entity_types (id);
create index data_quality_checks_staging_entity_type_id_idx on data_quality_checks (staging_entity_type_id);
