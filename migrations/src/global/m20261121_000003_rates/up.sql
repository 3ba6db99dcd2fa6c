-- Rates of exchange, and the languages that translations are in.

create table cw_global.languages (
    id bigint not null primary key check (id >= 0),
    code text not null check (code ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
    name text not null check (char_length(name) <= 1000),
    constraint languages_natural_key unique (code)
);
comment on table cw_global.languages is
    'Languages of translations; a code that only a record has named so far is inferred';
comment on column cw_global.languages.id is
    'Key of the table and code: 63 bits, the same on every machine';
comment on column cw_global.languages.code is 'BCP 47 tag: en, bg, pt-BR';
comment on column cw_global.languages.name is 'Name; the code while the row is inferred';

create table cw_global.currency_rates (
    id bigint not null primary key check (id >= 0),
    from_currency_id bigint not null references cw_global.currencies (id),
    to_currency_id bigint not null references cw_global.currencies (id),
    effective_date date not null,
    rate numeric(20,10) not null check (rate > 0),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint currency_rates_natural_key unique (from_currency_id, to_currency_id, effective_date),
    constraint currency_rates_pair_check check (from_currency_id <> to_currency_id)
);
create index currency_rates_to_currency_id_idx on cw_global.currency_rates (to_currency_id);
comment on table cw_global.currency_rates is
    'Rates of exchange; the latest on or before a day is in force on it';
comment on column cw_global.currency_rates.id is
    'Key of the table and (from, to, effective_date): 63 bits, the same on every machine';
comment on column cw_global.currency_rates.from_currency_id is 'Currency of which one unit is worth rate';
comment on column cw_global.currency_rates.to_currency_id is 'Currency that rate is in';
comment on column cw_global.currency_rates.effective_date is 'First day on which the rate is in force';
comment on column cw_global.currency_rates.rate is 'Units of the second currency for one of the first';
comment on column cw_global.currency_rates.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column cw_global.currency_rates.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';
