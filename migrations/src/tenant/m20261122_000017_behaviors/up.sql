-- What a day's facts say of products, locations, suppliers and categories: dated snapshots. What a step
-- computes with the past as known then is written to raw before it is loaded, so rows have lineage.

create table product_behaviors (
    id bigint not null primary key check (id >= 0),
    product_id bigint not null references products (id),
    snapshot_date date not null,
    velocity double precision not null check (velocity >= 0),
    trend double precision not null,
    hotness_score double precision not null check (hotness_score between 0 and 100),
    fmr_class_id bigint not null references fmr_classes (id),
    abc_class_id bigint not null references abc_classes (id),
    xyz_class_id bigint not null references xyz_classes (id),
    freq_class_id bigint not null references freq_classes (id),
    demand_cv double precision not null check (demand_cv >= 0),
    seasonality_strength double precision not null check (seasonality_strength between 0 and 1),
    shelf_time_days double precision not null check (shelf_time_days >= 0),
    lead_time_days integer not null check (lead_time_days >= 0),
    reorder_time_days integer not null check (reorder_time_days >= 0),
    n_stores integer not null check (n_stores >= 0),
    n_stores_optimized integer not null check (n_stores_optimized >= 0),
    min_inv_qty integer not null check (min_inv_qty >= 0),
    demand_coverage_scale double precision not null check (demand_coverage_scale >= 0),
    supplier_availability_score double precision check (supplier_availability_score between 0 and 100),
    is_supplier_availability_confirmed boolean not null,
    phase_out_recommendation_score double precision check (phase_out_recommendation_score between 0 and 100),
    is_phase_out_recommendation_confirmed boolean not null,
    phase_out_execution_score double precision check (phase_out_execution_score between 0 and 100),
    is_phase_out_execution_confirmed boolean not null,
    phase_out_efficiency_score double precision check (phase_out_efficiency_score between 0 and 100),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint product_behaviors_natural_key unique (product_id, snapshot_date)
);
create index product_behaviors_fmr_class_id_idx on product_behaviors (fmr_class_id);
create index product_behaviors_abc_class_id_idx on product_behaviors (abc_class_id);
create index product_behaviors_xyz_class_id_idx on product_behaviors (xyz_class_id);
create index product_behaviors_freq_class_id_idx on product_behaviors (freq_class_id);
comment on table product_behaviors is 'How a product behaves, as of a day';
comment on column product_behaviors.id is
    'Key of the table and (product, snapshot_date): 63 bits, the same on every machine';
comment on column product_behaviors.product_id is 'Product';
comment on column product_behaviors.snapshot_date is 'Business day that the row is computed for';
comment on column product_behaviors.velocity is 'Units sold a day';
comment on column product_behaviors.trend is 'Change of velocity a day, relative';
comment on column product_behaviors.hotness_score is 'How much it is asked for now, 0-100';
comment on column product_behaviors.fmr_class_id is 'How fast it moves';
comment on column product_behaviors.abc_class_id is 'What part of revenue it makes';
comment on column product_behaviors.xyz_class_id is 'How steady its demand is';
comment on column product_behaviors.freq_class_id is 'How often it is asked for';
comment on column product_behaviors.demand_cv is 'Coefficient of variation of demand';
comment on column product_behaviors.seasonality_strength is
    'Share of variance that seasons explain, 0-1';
comment on column product_behaviors.shelf_time_days is 'Days that a unit stays on stock';
comment on column product_behaviors.lead_time_days is 'Days from order to receipt';
comment on column product_behaviors.reorder_time_days is 'Days between two orders';
comment on column product_behaviors.n_stores is 'Stores that have it';
comment on column product_behaviors.n_stores_optimized is 'Stores that should have it';
comment on column product_behaviors.min_inv_qty is 'Floor under the target of stock';
comment on column product_behaviors.demand_coverage_scale is
    'Factor on the days that stock shall cover';
comment on column product_behaviors.supplier_availability_score is
    'How surely suppliers have it, 0-100; null where unknown';
comment on column product_behaviors.is_supplier_availability_confirmed is
    'Whether a person confirmed the score: the last event up to the end of the day';
comment on column product_behaviors.phase_out_recommendation_score is
    'How much it should be phased out, 0-100; null where unknown';
comment on column product_behaviors.is_phase_out_recommendation_confirmed is
    'Whether a person confirmed the score: the last event up to the end of the day';
comment on column product_behaviors.phase_out_execution_score is
    'How far phasing out has come, 0-100; null where it has not begun';
comment on column product_behaviors.is_phase_out_execution_confirmed is
    'Whether a person confirmed the score: the last event up to the end of the day';
comment on column product_behaviors.phase_out_efficiency_score is
    'How well it was phased out, 0-100; null unless it is confirmed NOT-STOCK';
comment on column product_behaviors.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column product_behaviors.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table location_behaviors (
    id bigint not null primary key check (id >= 0),
    location_id bigint not null references locations (id),
    snapshot_date date not null,
    fill_rate double precision not null check (fill_rate between 0 and 1),
    stockout_rate double precision not null check (stockout_rate between 0 and 1),
    avg_inventory_value numeric(19,4) not null check (avg_inventory_value >= 0),
    revenue numeric(19,4) not null,
    currency_id bigint not null references cw_global.currencies (id),
    active_products integer not null check (active_products >= 0),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint location_behaviors_natural_key unique (location_id, snapshot_date)
);
create index location_behaviors_currency_id_idx on location_behaviors (currency_id);
comment on table location_behaviors is 'How a location behaves, as of a day';
comment on column location_behaviors.id is
    'Key of the table and (location, snapshot_date): 63 bits, the same on every machine';
comment on column location_behaviors.location_id is 'Location';
comment on column location_behaviors.snapshot_date is 'Business day that the row is computed for';
comment on column location_behaviors.fill_rate is 'Share of demand that stock met, 0-1';
comment on column location_behaviors.stockout_rate is 'Share of product-days without stock, 0-1';
comment on column location_behaviors.avg_inventory_value is 'Average value of stock';
comment on column location_behaviors.revenue is 'Value of sales, returns taken off';
comment on column location_behaviors.currency_id is 'Currency of the values';
comment on column location_behaviors.active_products is 'Products with sales or stock';
comment on column location_behaviors.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column location_behaviors.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table supplier_behaviors (
    id bigint not null primary key check (id >= 0),
    supplier_id bigint not null references suppliers (id),
    snapshot_date date not null,
    avg_lead_time_days double precision not null check (avg_lead_time_days >= 0),
    lead_time_p90 double precision not null check (lead_time_p90 >= 0),
    fill_rate double precision not null check (fill_rate between 0 and 1),
    on_time_rate double precision not null check (on_time_rate between 0 and 1),
    open_po_count integer not null check (open_po_count >= 0),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint supplier_behaviors_natural_key unique (supplier_id, snapshot_date)
);
comment on table supplier_behaviors is 'How a supplier behaves, as of a day';
comment on column supplier_behaviors.id is
    'Key of the table and (supplier, snapshot_date): 63 bits, the same on every machine';
comment on column supplier_behaviors.supplier_id is 'Supplier';
comment on column supplier_behaviors.snapshot_date is 'Business day that the row is computed for';
comment on column supplier_behaviors.avg_lead_time_days is 'Average days from order to receipt';
comment on column supplier_behaviors.lead_time_p90 is 'Days within which nine of ten orders came';
comment on column supplier_behaviors.fill_rate is 'Share of ordered quantity that came, 0-1';
comment on column supplier_behaviors.on_time_rate is
    'Share of orders that came by the expected date, 0-1';
comment on column supplier_behaviors.open_po_count is 'Purchase orders that are open';
comment on column supplier_behaviors.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column supplier_behaviors.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table category_behaviors (
    id bigint not null primary key check (id >= 0),
    product_category_id bigint not null references product_categories (id),
    snapshot_date date not null,
    product_count integer not null check (product_count >= 0),
    active_product_count integer not null check (active_product_count >= 0),
    total_revenue numeric(19,4) not null,
    total_inventory_value numeric(19,4) not null check (total_inventory_value >= 0),
    currency_id bigint not null references cw_global.currencies (id),
    avg_hotness_score double precision not null check (avg_hotness_score between 0 and 100),
    avg_velocity double precision not null check (avg_velocity >= 0),
    growth_rate double precision not null check (growth_rate >= -1),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint category_behaviors_natural_key unique (product_category_id, snapshot_date),
    constraint category_behaviors_active_check check (active_product_count <= product_count)
);
create index category_behaviors_currency_id_idx on category_behaviors (currency_id);
comment on table category_behaviors is 'How a category behaves, as of a day';
comment on column category_behaviors.id is
    'Key of the table and (product_category, snapshot_date): 63 bits, the same on every machine';
comment on column category_behaviors.product_category_id is 'Category';
comment on column category_behaviors.snapshot_date is 'Business day that the row is computed for';
comment on column category_behaviors.product_count is 'Products of the category';
comment on column category_behaviors.active_product_count is 'Of these, active ones';
comment on column category_behaviors.total_revenue is 'Value of sales, returns taken off';
comment on column category_behaviors.total_inventory_value is 'Value of stock';
comment on column category_behaviors.currency_id is 'Currency of the values';
comment on column category_behaviors.avg_hotness_score is 'Average score of its products, 0-100';
comment on column category_behaviors.avg_velocity is 'Average units sold a day of its products';
comment on column category_behaviors.growth_rate is
    'Change of revenue to the window before, relative; -1 is all of it gone';
comment on column category_behaviors.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column category_behaviors.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';
