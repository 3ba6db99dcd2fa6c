-- What markets, web shops and advertisement networks say of a day.

create table product_market_observations (
    id bigint not null primary key check (id >= 0),
    product_id bigint not null references products (id),
    market_data_source_id bigint not null references market_data_sources (id),
    observation_date date not null,
    market_price numeric(19,4) check (market_price >= 0),
    currency_id bigint references cw_global.currencies (id),
    search_interest double precision check (search_interest between 0 and 100),
    is_in_stock boolean,
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint product_market_observations_natural_key unique (product_id, market_data_source_id, observation_date)
);
create index product_market_observations_market_data_source_id_idx on product_market_observations (market_data_source_id);
create index product_market_observations_currency_id_idx on product_market_observations (currency_id);
comment on table product_market_observations is 'A day of the market for a product';
comment on column product_market_observations.id is
    'Key of the table and (product, market_data_source, observation_date): 63 bits, the same on every machine';
comment on column product_market_observations.product_id is 'Product';
comment on column product_market_observations.market_data_source_id is 'Feed';
comment on column product_market_observations.observation_date is 'Day that is observed';
comment on column product_market_observations.market_price is
    'Price on the market; null where the feed gives none';
comment on column product_market_observations.currency_id is
    'Currency of market_price; null where that is';
comment on column product_market_observations.search_interest is
    'Interest in searches, 0 to 100; null where unknown';
comment on column product_market_observations.is_in_stock is
    'Whether others have it in stock; null where unknown';
comment on column product_market_observations.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column product_market_observations.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table category_market_observations (
    id bigint not null primary key check (id >= 0),
    product_category_id bigint not null references product_categories (id),
    market_data_source_id bigint not null references market_data_sources (id),
    observation_date date not null,
    demand_index double precision check (demand_index >= 0),
    avg_market_price numeric(19,4) check (avg_market_price >= 0),
    currency_id bigint references cw_global.currencies (id),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint category_market_observations_natural_key unique (product_category_id, market_data_source_id, observation_date)
);
create index category_market_observations_market_data_source_id_idx on category_market_observations (market_data_source_id);
create index category_market_observations_currency_id_idx on category_market_observations (currency_id);
comment on table category_market_observations is 'A day of the market for a category';
comment on column category_market_observations.id is
    'Key of the table and (product_category, market_data_source, observation_date): 63 bits, the same on every machine';
comment on column category_market_observations.product_category_id is 'Category';
comment on column category_market_observations.market_data_source_id is 'Feed';
comment on column category_market_observations.observation_date is 'Day that is observed';
comment on column category_market_observations.demand_index is
    'Index of demand as the feed gives it; null where it gives none';
comment on column category_market_observations.avg_market_price is
    'Average price on the market; null where unknown';
comment on column category_market_observations.currency_id is
    'Currency of avg_market_price; null where that is';
comment on column category_market_observations.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column category_market_observations.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table product_web_analytics_daily (
    id bigint not null primary key check (id >= 0),
    product_id bigint not null references products (id),
    analytics_date date not null,
    sessions integer not null check (sessions >= 0),
    page_views integer not null check (page_views >= 0),
    add_to_carts integer not null check (add_to_carts >= 0),
    purchases integer not null check (purchases >= 0),
    conversion_rate double precision check (conversion_rate between 0 and 1),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint product_web_analytics_daily_natural_key unique (product_id, analytics_date)
);
comment on table product_web_analytics_daily is 'A day of a product in the web shop';
comment on column product_web_analytics_daily.id is
    'Key of the table and (product, analytics_date): 63 bits, the same on every machine';
comment on column product_web_analytics_daily.product_id is 'Product';
comment on column product_web_analytics_daily.analytics_date is 'Day that is observed';
comment on column product_web_analytics_daily.sessions is 'Sessions';
comment on column product_web_analytics_daily.page_views is 'Page views';
comment on column product_web_analytics_daily.add_to_carts is
    'Times that a product was put in a cart';
comment on column product_web_analytics_daily.purchases is 'Purchases';
comment on column product_web_analytics_daily.conversion_rate is
    'Purchases a session as the source gives it, 0 to 1; null where it gives none';
comment on column product_web_analytics_daily.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column product_web_analytics_daily.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table location_web_analytics_daily (
    id bigint not null primary key check (id >= 0),
    location_id bigint not null references locations (id),
    analytics_date date not null,
    sessions integer not null check (sessions >= 0),
    page_views integer not null check (page_views >= 0),
    add_to_carts integer not null check (add_to_carts >= 0),
    purchases integer not null check (purchases >= 0),
    conversion_rate double precision check (conversion_rate between 0 and 1),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint location_web_analytics_daily_natural_key unique (location_id, analytics_date)
);
comment on table location_web_analytics_daily is 'A day of a location in the web shop';
comment on column location_web_analytics_daily.id is
    'Key of the table and (location, analytics_date): 63 bits, the same on every machine';
comment on column location_web_analytics_daily.location_id is 'Location';
comment on column location_web_analytics_daily.analytics_date is 'Day that is observed';
comment on column location_web_analytics_daily.sessions is 'Sessions';
comment on column location_web_analytics_daily.page_views is 'Page views';
comment on column location_web_analytics_daily.add_to_carts is
    'Times that a product was put in a cart';
comment on column location_web_analytics_daily.purchases is 'Purchases';
comment on column location_web_analytics_daily.conversion_rate is
    'Purchases a session as the source gives it, 0 to 1; null where it gives none';
comment on column location_web_analytics_daily.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column location_web_analytics_daily.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table product_social_ad_daily (
    id bigint not null primary key check (id >= 0),
    product_id bigint not null references products (id),
    social_ad_platform_id bigint not null references social_ad_platforms (id),
    ad_date date not null,
    impressions integer not null check (impressions >= 0),
    clicks integer not null check (clicks >= 0),
    conversions integer not null check (conversions >= 0),
    spend numeric(19,4) not null check (spend >= 0),
    currency_id bigint not null references cw_global.currencies (id),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint product_social_ad_daily_natural_key unique (product_id, social_ad_platform_id, ad_date)
);
create index product_social_ad_daily_social_ad_platform_id_idx on product_social_ad_daily (social_ad_platform_id);
create index product_social_ad_daily_currency_id_idx on product_social_ad_daily (currency_id);
comment on table product_social_ad_daily is 'A day of advertisements for a product';
comment on column product_social_ad_daily.id is
    'Key of the table and (product, social_ad_platform, ad_date): 63 bits, the same on every machine';
comment on column product_social_ad_daily.product_id is 'Product';
comment on column product_social_ad_daily.social_ad_platform_id is 'Network';
comment on column product_social_ad_daily.ad_date is 'Day that is observed';
comment on column product_social_ad_daily.impressions is 'Times shown';
comment on column product_social_ad_daily.clicks is 'Clicks';
comment on column product_social_ad_daily.conversions is 'Conversions';
comment on column product_social_ad_daily.spend is 'Spent, in the currency of the row';
comment on column product_social_ad_daily.currency_id is 'Currency of spend';
comment on column product_social_ad_daily.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column product_social_ad_daily.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table category_social_ad_daily (
    id bigint not null primary key check (id >= 0),
    product_category_id bigint not null references product_categories (id),
    social_ad_platform_id bigint not null references social_ad_platforms (id),
    ad_date date not null,
    impressions integer not null check (impressions >= 0),
    clicks integer not null check (clicks >= 0),
    conversions integer not null check (conversions >= 0),
    spend numeric(19,4) not null check (spend >= 0),
    currency_id bigint not null references cw_global.currencies (id),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint category_social_ad_daily_natural_key unique (product_category_id, social_ad_platform_id, ad_date)
);
create index category_social_ad_daily_social_ad_platform_id_idx on category_social_ad_daily (social_ad_platform_id);
create index category_social_ad_daily_currency_id_idx on category_social_ad_daily (currency_id);
comment on table category_social_ad_daily is 'A day of advertisements for a category';
comment on column category_social_ad_daily.id is
    'Key of the table and (product_category, social_ad_platform, ad_date): 63 bits, the same on every machine';
comment on column category_social_ad_daily.product_category_id is 'Category';
comment on column category_social_ad_daily.social_ad_platform_id is 'Network';
comment on column category_social_ad_daily.ad_date is 'Day that is observed';
comment on column category_social_ad_daily.impressions is 'Times shown';
comment on column category_social_ad_daily.clicks is 'Clicks';
comment on column category_social_ad_daily.conversions is 'Conversions';
comment on column category_social_ad_daily.spend is 'Spent, in the currency of the row';
comment on column category_social_ad_daily.currency_id is 'Currency of spend';
comment on column category_social_ad_daily.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column category_social_ad_daily.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';
