-- Models, what they foresee, and what products look like to them.

create table ml_model_runs (
    id bigint not null primary key check (id >= 0),
    run_date date not null,
    model_name text not null check (octet_length(model_name) <= 256) check (model_name in ('classifier', 'regressor', 'warehouse_model')),
    s3_key text not null check (octet_length(s3_key) <= 256),
    config jsonb not null check (jsonb_typeof(config) = 'object'),
    metrics jsonb check (jsonb_typeof(metrics) = 'object'),
    trained_at timestamptz not null,
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint ml_model_runs_natural_key unique (run_date, model_name)
);
create index ml_model_runs_s3_key_idx on ml_model_runs (s3_key);
comment on table ml_model_runs is 'Models that were trained; their artifacts are in S3';
comment on column ml_model_runs.id is
    'Key of the table and (run_date, model_name): 63 bits, the same on every machine';
comment on column ml_model_runs.run_date is 'Business day';
comment on column ml_model_runs.model_name is 'What the model is for';
comment on column ml_model_runs.s3_key is 'Key of the artifact in the bucket';
comment on column ml_model_runs.config is 'Settings of the training by name';
comment on column ml_model_runs.metrics is
    'Measures of the model by name; null where none were taken';
comment on column ml_model_runs.trained_at is 'When the training ended';
comment on column ml_model_runs.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column ml_model_runs.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table demand_forecasts (
    id bigint not null primary key check (id >= 0),
    snapshot_date date not null,
    forecast_horizon_id bigint not null references forecast_horizons (id),
    ml_model_run_id bigint references ml_model_runs (id),
    is_oos_adjusted boolean not null,
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint demand_forecasts_natural_key unique (snapshot_date, forecast_horizon_id)
);
create index demand_forecasts_forecast_horizon_id_idx on demand_forecasts (forecast_horizon_id);
create index demand_forecasts_ml_model_run_id_idx on demand_forecasts (ml_model_run_id);
comment on table demand_forecasts is 'Forecasts of demand: a run for a horizon';
comment on column demand_forecasts.id is
    'Key of the table and (snapshot_date, forecast_horizon): 63 bits, the same on every machine';
comment on column demand_forecasts.snapshot_date is 'Business day that the row is computed for';
comment on column demand_forecasts.forecast_horizon_id is 'How far it looks';
comment on column demand_forecasts.ml_model_run_id is 'Model; null where a rule was used';
comment on column demand_forecasts.is_oos_adjusted is
    'Whether days without stock were filled in before';
comment on column demand_forecasts.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column demand_forecasts.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table demand_forecast_products (
    id bigint not null primary key check (id >= 0),
    demand_forecast_id bigint not null references demand_forecasts (id),
    product_id bigint not null references products (id),
    location_id bigint not null references locations (id),
    period_start date not null,
    period_end date not null,
    expected_qty numeric(15,3) not null check (expected_qty >= 0),
    oos_adjusted_qty numeric(15,3) not null check (oos_adjusted_qty >= 0),
    confidence_score double precision check (confidence_score between 0 and 1),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint demand_forecast_products_natural_key unique (demand_forecast_id, product_id, location_id, period_start),
    constraint demand_forecast_products_period_check check (period_start <= period_end),
    constraint demand_forecast_products_oos_check check (oos_adjusted_qty >= expected_qty)
);
create index demand_forecast_products_product_id_idx on demand_forecast_products (product_id, location_id, period_start);
create index demand_forecast_products_location_id_idx on demand_forecast_products (location_id, period_start);
comment on table demand_forecast_products is
    'Demand that is expected of a product at a location in a period';
comment on column demand_forecast_products.id is
    'Key of the table and (demand_forecast, product, location, period_start): 63 bits, the same on every machine';
comment on column demand_forecast_products.demand_forecast_id is 'Forecast';
comment on column demand_forecast_products.product_id is 'Product';
comment on column demand_forecast_products.location_id is 'Location';
comment on column demand_forecast_products.period_start is 'First day';
comment on column demand_forecast_products.period_end is 'Last day, inclusive';
comment on column demand_forecast_products.expected_qty is 'Units that will be asked for';
comment on column demand_forecast_products.oos_adjusted_qty is
    'Units that would be asked for if stock never ran out';
comment on column demand_forecast_products.confidence_score is
    'How sure the model is, 0-1; null where it does not say';
comment on column demand_forecast_products.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column demand_forecast_products.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table embedding_models (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    version text not null check (octet_length(version) <= 256),
    dimension integer not null check (dimension between 1 and 65536),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint embedding_models_natural_key unique (name)
);
comment on table embedding_models is 'Models that turn products into vectors';
comment on column embedding_models.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column embedding_models.name is 'Name';
comment on column embedding_models.version is 'Version of the model';
comment on column embedding_models.dimension is 'Numbers in a vector';
comment on column embedding_models.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column embedding_models.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table product_embeddings (
    id bigint not null primary key check (id >= 0),
    product_id bigint not null references products (id),
    embedding_model_id bigint not null references embedding_models (id),
    snapshot_date date not null,
    vector jsonb not null check (jsonb_typeof(vector) = 'array'),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint product_embeddings_natural_key unique (product_id, embedding_model_id, snapshot_date)
);
create index product_embeddings_embedding_model_id_idx on product_embeddings (embedding_model_id);
comment on table product_embeddings is 'Products as vectors, as of a day';
comment on column product_embeddings.id is
    'Key of the table and (product, embedding_model, snapshot_date): 63 bits, the same on every machine';
comment on column product_embeddings.product_id is 'Product';
comment on column product_embeddings.embedding_model_id is 'Model';
comment on column product_embeddings.snapshot_date is 'Business day that the row is computed for';
comment on column product_embeddings.vector is 'The numbers, as many as the model has dimensions';
comment on column product_embeddings.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column product_embeddings.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';
