-- What Catwing recommends, what became of it and what it brought.

create table po_recommendations (
    id bigint not null primary key check (id >= 0),
    product_id bigint not null references products (id),
    supplier_id bigint not null references suppliers (id),
    location_id bigint not null references locations (id),
    snapshot_date date not null,
    recommended_qty integer not null check (recommended_qty > 0),
    recommended_order_date date not null,
    unit_cost numeric(19,4) not null check (unit_cost >= 0),
    currency_id bigint not null references cw_global.currencies (id),
    confidence_score double precision not null check (confidence_score between 0 and 1),
    po_recommendation_status_id bigint not null references po_recommendation_statuses (id),
    ml_model_run_id bigint references ml_model_runs (id),
    purchase_order_id bigint references purchase_orders (id),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint po_recommendations_natural_key unique (product_id, supplier_id, location_id, snapshot_date),
    constraint po_recommendations_dates_check check (snapshot_date <= recommended_order_date)
);
create index po_recommendations_supplier_id_idx on po_recommendations (supplier_id);
create index po_recommendations_location_id_idx on po_recommendations (location_id);
create index po_recommendations_currency_id_idx on po_recommendations (currency_id);
create index po_recommendations_po_recommendation_status_id_idx on po_recommendations (po_recommendation_status_id);
create index po_recommendations_ml_model_run_id_idx on po_recommendations (ml_model_run_id);
create index po_recommendations_purchase_order_id_idx on po_recommendations (purchase_order_id);
create index po_recommendations_snapshot_date_idx on po_recommendations (snapshot_date, recommended_order_date);
comment on table po_recommendations is 'Purchases that are recommended';
comment on column po_recommendations.id is
    'Key of the table and (product, supplier, location, snapshot_date): 63 bits, the same on every machine';
comment on column po_recommendations.product_id is 'Product';
comment on column po_recommendations.supplier_id is 'Supplier';
comment on column po_recommendations.location_id is 'Location';
comment on column po_recommendations.snapshot_date is 'Business day that the row is computed for';
comment on column po_recommendations.recommended_qty is
    'Units to order, rounded up to a whole number of packages';
comment on column po_recommendations.recommended_order_date is 'Day on which to order';
comment on column po_recommendations.unit_cost is 'Cost of one unit';
comment on column po_recommendations.currency_id is 'Currency of unit_cost';
comment on column po_recommendations.confidence_score is 'How sure it is, 0-1';
comment on column po_recommendations.po_recommendation_status_id is 'What became of it';
comment on column po_recommendations.ml_model_run_id is 'Model; null where a rule was used';
comment on column po_recommendations.purchase_order_id is
    'Order that came of it; null where none did';
comment on column po_recommendations.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column po_recommendations.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table to_recommendations (
    id bigint not null primary key check (id >= 0),
    product_id bigint not null references products (id),
    from_location_id bigint not null references locations (id),
    to_location_id bigint not null references locations (id),
    snapshot_date date not null,
    recommended_qty integer not null check (recommended_qty > 0),
    recommended_ship_date date not null,
    confidence_score double precision not null check (confidence_score between 0 and 1),
    to_recommendation_status_id bigint not null references to_recommendation_statuses (id),
    ml_model_run_id bigint references ml_model_runs (id),
    transfer_order_id bigint references transfer_orders (id),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint to_recommendations_natural_key unique (product_id, from_location_id, to_location_id, snapshot_date),
    constraint to_recommendations_dates_check check (snapshot_date <= recommended_ship_date),
    constraint to_recommendations_itself_check check (from_location_id <> to_location_id)
);
create index to_recommendations_from_location_id_idx on to_recommendations (from_location_id);
create index to_recommendations_to_location_id_idx on to_recommendations (to_location_id);
create index to_recommendations_to_recommendation_status_id_idx on to_recommendations (to_recommendation_status_id);
create index to_recommendations_ml_model_run_id_idx on to_recommendations (ml_model_run_id);
create index to_recommendations_transfer_order_id_idx on to_recommendations (transfer_order_id);
create index to_recommendations_snapshot_date_idx on to_recommendations (snapshot_date, recommended_ship_date);
comment on table to_recommendations is 'Transfers that are recommended';
comment on column to_recommendations.id is
    'Key of the table and (product, from_location, to_location, snapshot_date): 63 bits, the same on every machine';
comment on column to_recommendations.product_id is 'Product';
comment on column to_recommendations.from_location_id is 'Location that sends';
comment on column to_recommendations.to_location_id is 'Location that receives';
comment on column to_recommendations.snapshot_date is 'Business day that the row is computed for';
comment on column to_recommendations.recommended_qty is 'Units to send';
comment on column to_recommendations.recommended_ship_date is 'Day on which to send';
comment on column to_recommendations.confidence_score is 'How sure it is, 0-1';
comment on column to_recommendations.to_recommendation_status_id is 'What became of it';
comment on column to_recommendations.ml_model_run_id is 'Model; null where a rule was used';
comment on column to_recommendations.transfer_order_id is
    'Transfer that came of it; null where none did';
comment on column to_recommendations.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column to_recommendations.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table assortment_recommendations (
    id bigint not null primary key check (id >= 0),
    product_id bigint not null references products (id),
    location_id bigint references locations (id),
    snapshot_date date not null,
    assortment_status_id bigint not null references assortment_statuses (id),
    confidence_score double precision not null check (confidence_score between 0 and 1),
    assortment_recommendation_status_id bigint not null references assortment_recommendation_statuses (id),
    user_id bigint references cw_global.users (id),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint assortment_recommendations_natural_key unique nulls not distinct (product_id, location_id, snapshot_date)
);
create index assortment_recommendations_location_id_idx on assortment_recommendations (location_id);
create index assortment_recommendations_assortment_status_id_idx on assortment_recommendations (assortment_status_id);
create index assortment_recommendations_assortment_recommendation_status_idx on assortment_recommendations (assortment_recommendation_status_id);
create index assortment_recommendations_user_id_idx on assortment_recommendations (user_id);
create index assortment_recommendations_snapshot_date_idx on assortment_recommendations (snapshot_date);
comment on table assortment_recommendations is 'Changes of assortments that are recommended';
comment on column assortment_recommendations.id is
    'Key of the table and (product, location, snapshot_date): 63 bits, the same on every machine';
comment on column assortment_recommendations.product_id is 'Product';
comment on column assortment_recommendations.location_id is 'Location; null for all';
comment on column assortment_recommendations.snapshot_date is
    'Business day that the row is computed for';
comment on column assortment_recommendations.assortment_status_id is 'Whether to stock it';
comment on column assortment_recommendations.confidence_score is 'How sure it is, 0-1';
comment on column assortment_recommendations.assortment_recommendation_status_id is
    'What became of it';
comment on column assortment_recommendations.user_id is 'Who decided; null while nobody did';
comment on column assortment_recommendations.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column assortment_recommendations.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table recommendation_outcomes (
    id bigint not null primary key check (id >= 0),
    po_recommendation_id bigint references po_recommendations (id),
    to_recommendation_id bigint references to_recommendations (id),
    assortment_recommendation_id bigint references assortment_recommendations (id),
    measured_date date not null,
    is_respected boolean not null,
    actual_qty numeric(15,3) check (actual_qty >= 0),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint recommendation_outcomes_natural_key unique nulls not distinct (po_recommendation_id, to_recommendation_id, assortment_recommendation_id, measured_date),
    constraint recommendation_outcomes_one_check check (num_nonnulls(po_recommendation_id, to_recommendation_id, assortment_recommendation_id) = 1)
);
create index recommendation_outcomes_to_recommendation_id_idx on recommendation_outcomes (to_recommendation_id);
create index recommendation_outcomes_assortment_recommendation_id_idx on recommendation_outcomes (assortment_recommendation_id);
comment on table recommendation_outcomes is
    'Whether recommendations were followed; exactly one of the three is named';
comment on column recommendation_outcomes.id is
    'Key of the table and (po_recommendation, to_recommendation, assortment_recommendation, measured_date): 63 bits, the same on every machine';
comment on column recommendation_outcomes.po_recommendation_id is
    'Purchase that was recommended; null where another is meant';
comment on column recommendation_outcomes.to_recommendation_id is
    'Transfer that was recommended; null where another is meant';
comment on column recommendation_outcomes.assortment_recommendation_id is
    'Change of assortment that was recommended; null where another is meant';
comment on column recommendation_outcomes.measured_date is 'Business day on which it was measured';
comment on column recommendation_outcomes.is_respected is 'Whether it was followed';
comment on column recommendation_outcomes.actual_qty is
    'Units that were ordered or sent; null where none apply';
comment on column recommendation_outcomes.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column recommendation_outcomes.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table uplift_measurements (
    id bigint not null primary key check (id >= 0),
    location_id bigint references locations (id),
    from_date date not null,
    thru_date date not null,
    revenue_uplift double precision not null check (revenue_uplift >= -1),
    fill_rate_uplift double precision not null check (fill_rate_uplift between -1 and 1),
    inventory_value_change numeric(19,4) not null,
    currency_id bigint not null references cw_global.currencies (id),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint uplift_measurements_natural_key unique nulls not distinct (location_id, from_date, thru_date),
    constraint uplift_measurements_dates_check check (from_date <= thru_date)
);
create index uplift_measurements_currency_id_idx on uplift_measurements (currency_id);
comment on table uplift_measurements is 'What following recommendations has brought';
comment on column uplift_measurements.id is
    'Key of the table and (location, from_date, thru_date): 63 bits, the same on every machine';
comment on column uplift_measurements.location_id is 'Location; null for all';
comment on column uplift_measurements.from_date is 'First day';
comment on column uplift_measurements.thru_date is 'Last day, inclusive';
comment on column uplift_measurements.revenue_uplift is 'Change of revenue, relative';
comment on column uplift_measurements.fill_rate_uplift is
    'Change of the share of demand that stock met, in points of 1';
comment on column uplift_measurements.inventory_value_change is 'Change of the value of stock';
comment on column uplift_measurements.currency_id is 'Currency of the value';
comment on column uplift_measurements.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column uplift_measurements.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';
