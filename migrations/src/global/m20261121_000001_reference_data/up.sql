-- Data that all tenants share: countries, currencies, and who the tenants are.

create table cw_global.countries (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    iso_code_2 text not null unique check (iso_code_2 ~ '^[A-Z]{2}$'),
    iso_code_3 text not null unique check (iso_code_3 ~ '^[A-Z]{3}$'),
    constraint countries_natural_key unique (name)
);
comment on table cw_global.countries is 'Countries: top of the geography tree';
comment on column cw_global.countries.id is
    'Key of the table and name: 63 bits, the same on every machine';
comment on column cw_global.countries.name is 'English short name of ISO 3166-1';
comment on column cw_global.countries.iso_code_2 is 'ISO 3166-1 alpha-2';
comment on column cw_global.countries.iso_code_3 is 'ISO 3166-1 alpha-3';

create table cw_global.currencies (
    id bigint not null primary key check (id >= 0),
    code text not null check (code ~ '^[A-Z]{3}$'),
    name text not null check (char_length(name) <= 1000),
    symbol text check (char_length(symbol) <= 1000),
    constraint currencies_natural_key unique (code)
);
comment on table cw_global.currencies is
    'Currencies that documents use; a code that only a document has named so far is inferred';
comment on column cw_global.currencies.id is
    'Key of the table and code: 63 bits, the same on every machine';
comment on column cw_global.currencies.code is 'ISO 4217 code';
comment on column cw_global.currencies.name is 'Name; the code while the row is inferred';
comment on column cw_global.currencies.symbol is
    'Sign such as EUR has; null while the row is inferred or where there is none';

create table cw_global.client_config (
    id bigint not null primary key check (id >= 0),
    client_id text not null check (client_id ~ '^CW-[0-9]{6}$'),
    client_name text not null check (char_length(client_name) <= 1000),
    base_currency_id bigint not null references cw_global.currencies (id),
    config jsonb not null check (jsonb_typeof(config) = 'object'),
    constraint client_config_natural_key unique (client_id)
);
create index client_config_base_currency_id_idx on cw_global.client_config (base_currency_id);
comment on table cw_global.client_config is
    'The tenants, one row each; a tenant role sees its own row only';
comment on column cw_global.client_config.id is
    'Key of the table and client_id: 63 bits, the same on every machine';
comment on column cw_global.client_config.client_id is 'Client id, CW-000200';
comment on column cw_global.client_config.client_name is 'Name that people use';
comment on column cw_global.client_config.base_currency_id is
    'Currency of statistics, and of records that name none';
comment on column cw_global.client_config.config is
    'Settings of the tenant: time zone, hash of the mapping in force and the like';

-- What one tenant is called and how it is set up is not for the others. The tenant's roles are
-- named after its client id: CW-000200 has cw_200_owner, cw_200_loader and cw_200_reader.
alter table cw_global.client_config enable row level security;
create policy client_config_of_the_tenant on cw_global.client_config for select using (
    current_user in (
        'cw_' || substr(client_id, 4)::integer || '_owner',
        'cw_' || substr(client_id, 4)::integer || '_loader',
        'cw_' || substr(client_id, 4)::integer || '_reader'
    )
);
create policy client_config_of_all on cw_global.client_config
    to cw_global_loader, cw_global_reader using (true) with check (true);
