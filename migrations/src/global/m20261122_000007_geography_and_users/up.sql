-- Where things are, what the weather was there, and the people who use the UI. A tenant's load may add the
-- cities and people that its records name, through one function each whose rows depend on the key alone.

create table regions (
    id bigint not null primary key check (id >= 0),
    country_id bigint not null references countries (id),
    name text not null check (octet_length(name) <= 256),
    constraint regions_natural_key unique (country_id, name)
);
comment on table regions is 'First-level divisions of countries: states, Bundesländer, regions';
comment on column regions.id is
    'Key of the table and (country, name): 63 bits, the same on every machine';
comment on column regions.country_id is 'Country';
comment on column regions.name is 'Name';

create table municipalities (
    id bigint not null primary key check (id >= 0),
    region_id bigint not null references regions (id),
    name text not null check (octet_length(name) <= 256),
    constraint municipalities_natural_key unique (region_id, name)
);
comment on table municipalities is 'Municipalities';
comment on column municipalities.id is
    'Key of the table and (region, name): 63 bits, the same on every machine';
comment on column municipalities.region_id is 'Region';
comment on column municipalities.name is 'Name';

create table cities (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    country text check (octet_length(country) <= 256),
    municipality_id bigint references municipalities (id),
    postal_code text check (char_length(postal_code) <= 1000),
    latitude double precision check (latitude between -90 and 90),
    longitude double precision check (longitude between -180 and 180),
    constraint cities_natural_key unique nulls not distinct (name, country),
    constraint cities_place_check check ((latitude is null) = (longitude is null))
);
create index cities_municipality_id_idx on cities (municipality_id);
comment on table cities is
    'Cities; one that only a record has named so far is inferred. Name and country are as delivered, the rest is known later';
comment on column cities.id is
    'Key of the table and (name, country): 63 bits, the same on every machine';
comment on column cities.name is 'Name as delivered';
comment on column cities.country is 'Country as delivered; null where it was not told';
comment on column cities.municipality_id is 'Municipality; null while the row is inferred';
comment on column cities.postal_code is 'Postal code; null while the row is inferred';
comment on column cities.latitude is 'Degrees north; null while the row is inferred';
comment on column cities.longitude is 'Degrees east; null while the row is inferred';

create table weather_observations (
    id bigint not null primary key check (id >= 0),
    city_id bigint not null references cities (id),
    observation_date date not null,
    temperature_max double precision check (temperature_max between -100 and 70),
    temperature_min double precision check (temperature_min between -100 and 70),
    temperature_mean double precision check (temperature_mean between -100 and 70),
    apparent_temperature_max double precision check (apparent_temperature_max between -100 and 70),
    apparent_temperature_min double precision check (apparent_temperature_min between -100 and 70),
    apparent_temperature_mean double precision check (apparent_temperature_mean between -100 and 70),
    precipitation_sum double precision check (precipitation_sum >= 0),
    rain_sum double precision check (rain_sum >= 0),
    snowfall_sum double precision check (snowfall_sum >= 0),
    precipitation_hours double precision check (precipitation_hours between 0 and 25),
    windspeed_max double precision check (windspeed_max >= 0),
    windgusts_max double precision check (windgusts_max >= 0),
    wind_direction_dominant double precision check (wind_direction_dominant between 0 and 360),
    shortwave_radiation_sum double precision check (shortwave_radiation_sum >= 0),
    weather_code integer check (weather_code between 0 and 99),
    source_version timestamptz not null,
    raw_position bigint not null check (raw_position > 0),
    constraint weather_observations_natural_key unique (city_id, observation_date)
);
comment on table weather_observations is 'Weather of a city and day, shared by all tenants';
comment on column weather_observations.id is
    'Key of the table and (city, observation_date): 63 bits, the same on every machine';
comment on column weather_observations.city_id is 'City';
comment on column weather_observations.observation_date is 'Day, in the time zone of the city';
comment on column weather_observations.temperature_max is
    'Highest temperature of the day, degrees Celsius; null where it was not measured';
comment on column weather_observations.temperature_min is
    'Lowest temperature of the day, degrees Celsius; null where it was not measured';
comment on column weather_observations.temperature_mean is
    'Average temperature of the day, degrees Celsius; null where it was not measured';
comment on column weather_observations.apparent_temperature_max is
    'Highest temperature of the day as people feel it, degrees Celsius; null where it was not measured';
comment on column weather_observations.apparent_temperature_min is
    'Lowest temperature of the day as people feel it, degrees Celsius; null where it was not measured';
comment on column weather_observations.apparent_temperature_mean is
    'Average temperature of the day as people feel it, degrees Celsius; null where it was not measured';
comment on column weather_observations.precipitation_sum is
    'Rain, showers and snow, millimetres; null where it was not measured';
comment on column weather_observations.rain_sum is
    'Rain, millimetres; null where it was not measured';
comment on column weather_observations.snowfall_sum is
    'Snow, centimetres; null where it was not measured';
comment on column weather_observations.precipitation_hours is
    'Hours with precipitation; null where it was not measured';
comment on column weather_observations.windspeed_max is
    'Greatest speed of wind, kilometres an hour; null where it was not measured';
comment on column weather_observations.windgusts_max is
    'Greatest speed of gusts, kilometres an hour; null where it was not measured';
comment on column weather_observations.wind_direction_dominant is
    'Direction that the wind mostly came from, degrees; null where it was not measured';
comment on column weather_observations.shortwave_radiation_sum is
    'Radiation of the sun, megajoules a square metre; null where it was not measured';
comment on column weather_observations.weather_code is
    'WMO code of the gravest weather of the day; null where it was not observed';
comment on column weather_observations.source_version is
    'Update time of the winning record, else the end of its business day; greater wins';
comment on column weather_observations.raw_position is
    'Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed; breaks ties of source_version';

create table users (
    id bigint not null primary key check (id >= 0),
    email text not null check (octet_length(email) <= 256) check (email = lower(email) and email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
    display_name text not null check (char_length(display_name) <= 1000),
    is_active boolean not null,
    constraint users_natural_key unique (email)
);
comment on table users is 'People who use the UI; a tenant sees those that its own records name';
comment on column users.id is 'Key of the table and email: 63 bits, the same on every machine';
comment on column users.email is 'Address, lower case';
comment on column users.display_name is 'Name; the address while the row is inferred';
comment on column users.is_active is 'Whether the person may sign in';

create table roles (
    id bigint not null primary key check (id >= 0),
    name text not null check (octet_length(name) <= 256),
    constraint roles_natural_key unique (name)
);
comment on table roles is 'What people may do';
comment on column roles.id is 'Key of the table and name: 63 bits, the same on every machine';
comment on column roles.name is 'Name';
insert into roles (id, name) values
    (4698913552110602787, 'admin'),
    (932115274161684421, 'analyst'),
    (1198761149171339727, 'planner'),
    (3519063900680628408, 'viewer');

create table x_user_roles (
    id bigint not null primary key check (id >= 0),
    user_id bigint not null references users (id),
    role_id bigint not null references roles (id),
    constraint x_user_roles_natural_key unique (user_id, role_id)
);
create index x_user_roles_role_id_idx on x_user_roles (role_id);
comment on table x_user_roles is 'Roles of people';
comment on column x_user_roles.id is
    'Key of the table and (user, role): 63 bits, the same on every machine';
comment on column x_user_roles.user_id is 'Person';
comment on column x_user_roles.role_id is 'Role';

create table x_user_clients (
    id bigint not null primary key check (id >= 0),
    user_id bigint not null references users (id),
    client_id text not null check (char_length(client_id) <= 1000) check (client_id ~ '^CW-[0-9]{6}$'),
    constraint x_user_clients_natural_key unique (user_id, client_id)
);
comment on table x_user_clients is
    'Which tenants people have worked for: who may see them. An addition, since what one tenant''s people are called is not for the others';
comment on column x_user_clients.id is
    'Key of the table and (user, client_id): 63 bits, the same on every machine';
comment on column x_user_clients.user_id is 'Person';
comment on column x_user_clients.client_id is 'Client id, CW-000200';

-- Which tenant calls: its roles are named after it. Null for everybody else.
create function client_of_caller() returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $function$
    select 'CW-' || lpad(parts[1], 6, '0')
    from regexp_match(
        case when current_setting('role') in ('', 'none') then session_user::text else current_setting('role') end,
        '^cw_([0-9]{1,6})_(?:owner|loader|reader)$'
    ) as parts
$function$;
comment on function client_of_caller() is
    'Client id of the tenant whose role is in force; null where it is no tenant''s';

alter table users enable row level security;
create policy users_of_the_tenant on users for select using (
    exists (select from x_user_clients as of_client where of_client.user_id = users.id)
);
create policy users_of_all on users to cw_global_loader, cw_global_reader using (true) with check (true);
alter table x_user_roles enable row level security;
create policy x_user_roles_of_the_tenant on x_user_roles for select using (
    exists (select from x_user_clients as of_client where of_client.user_id = x_user_roles.user_id)
);
create policy x_user_roles_of_all on x_user_roles to cw_global_loader, cw_global_reader
    using (true) with check (true);
-- The other policies ask this table, and see of it what the tenant may see.
alter table x_user_clients enable row level security;
create policy x_user_clients_of_the_tenant on x_user_clients for select using (
    client_id = cw_global.client_of_caller()
);
create policy x_user_clients_of_all on x_user_clients to cw_global_loader, cw_global_reader
    using (true) with check (true);

create function infer_cities(ids bigint[], names text[], countries text[]) returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $function$
declare
    wrong record;
begin
    if cardinality(ids) <> cardinality(names) or cardinality(ids) <> cardinality(countries) then
        raise exception '% ids were given for % cities and % countries',
            cardinality(ids), cardinality(names), cardinality(countries)
            using errcode = 'invalid_parameter_value';
    end if;
    select given.name into wrong
    from unnest(ids, names, countries) as given (id, name, country)
    where given.id is null or given.id < 0 or coalesce(given.name, '') = ''
    limit 1;
    if found then
        raise exception 'city "%" has no name, or its id is not a key', wrong.name
            using errcode = 'invalid_parameter_value';
    end if;

    -- As with currencies: nothing is locked for writing unless a city is new, and the order by id keeps
    -- two loads from waiting for each other.
    if exists (
        select from unnest(ids) as given (id)
        where not exists (select from cw_global.cities as known where known.id = given.id)
    ) then
        insert into cw_global.cities (id, name, country)
        select distinct given.id, given.name, given.country
        from unnest(ids, names, countries) as given (id, name, country)
        order by given.id
        on conflict do nothing;
    end if;

    select given.id, given.name, given.country, known.name as known_name into wrong
    from unnest(ids, names, countries) as given (id, name, country)
    left join cw_global.cities as known on known.id = given.id
    where (known.name, known.country) is distinct from (given.name, given.country)
    limit 1;
    if found then
        raise exception 'city % can''t have the key %: the key or the name belongs to another row',
            wrong.name, wrong.id
            using errcode = 'unique_violation',
                detail = coalesce('the key is that of ' || wrong.known_name, 'the city has another key'),
                hint = 'keys of cities are computed without a salt, by one formula';
    end if;
end
$function$;
comment on function infer_cities(bigint[], text[], text[]) is
    'Adds cities that records name: name and country as delivered; rows that exist stay as they are';
revoke all on function infer_cities(bigint[], text[], text[]) from public;
-- The shared tenant's own loads name cities too: weather is of one.
grant execute on function infer_cities(bigint[], text[], text[]) to cw_global_loader;

create function infer_users(ids bigint[], emails text[], client_keys bigint[]) returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $function$
declare
    client constant text := cw_global.client_of_caller();
    wrong record;
begin
    if client is null then
        raise exception 'only a tenant''s loader names people, and % is none', session_user
            using errcode = 'insufficient_privilege';
    end if;
    if cardinality(ids) <> cardinality(emails) or cardinality(ids) <> cardinality(client_keys) then
        raise exception '% ids were given for % addresses', cardinality(ids), cardinality(emails)
            using errcode = 'invalid_parameter_value';
    end if;
    select given.email into wrong
    from unnest(ids, emails, client_keys) as given (id, email, client_key)
    where given.id is null or given.id < 0 or given.client_key is null or given.client_key < 0
        or given.email is null or given.email <> lower(given.email)
        or given.email !~ '^[^@[:space:]]+@[^@[:space:]]+$'
    limit 1;
    if found then
        raise exception '"%" is not an address in lower case, or its id is not a key', wrong.email
            using errcode = 'invalid_parameter_value';
    end if;

    if exists (
        select from unnest(client_keys) as given (id)
        where not exists (select from cw_global.x_user_clients as known where known.id = given.id)
    ) then
        insert into cw_global.users (id, email, display_name, is_active)
        select distinct given.id, given.email, given.email, true
        from unnest(ids, emails) as given (id, email)
        order by given.id
        on conflict do nothing;
        insert into cw_global.x_user_clients (id, user_id, client_id)
        select distinct given.client_key, given.id, client
        from unnest(ids, emails, client_keys) as given (id, email, client_key)
        order by given.client_key
        on conflict do nothing;
    end if;

    select given.email, given.id into wrong
    from unnest(ids, emails, client_keys) as given (id, email, client_key)
    left join cw_global.users as known on known.id = given.id
    left join cw_global.x_user_clients as linked on linked.id = given.client_key
    where known.email is distinct from given.email
        or (linked.user_id, linked.client_id) is distinct from (given.id, client)
    limit 1;
    if found then
        raise exception 'person % can''t have the key %: the key or the address belongs to another row',
            wrong.email, wrong.id
            using errcode = 'unique_violation',
                hint = 'keys of people are computed without a salt, by one formula';
    end if;
end
$function$;
comment on function infer_users(bigint[], text[], bigint[]) is
    'Adds people that a tenant''s records name, and that they work for it: display_name is the address; rows that exist stay as they are';
revoke all on function infer_users(bigint[], text[], bigint[]) from public;

-- What people have set is never changed: the one thing that may move is which reading of a write was the
-- first, which depends on the order of applying.
create function refuse_change_of_setting() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
begin
    if tg_op = 'UPDATE' then
        if (new.id, new.event_id) = (old.id, old.event_id)
            and (new.source_version, new.raw_position) < (old.source_version, old.raw_position)
            and (
                to_jsonb(new) - '{source_version,raw_position}'::text[]
                    = to_jsonb(old) - '{source_version,raw_position}'::text[]
                -- Two writes in raw that claim one event_id: the earlier reading counts, whichever was
                -- applied first. Only a load, which says so for its transaction, may settle that.
                or current_setting('catwing.settle_writes', true) = 'on'
            )
        then
            return new;
        end if;
    end if;
    raise exception '% is append-only: % is refused', tg_table_name, lower(tg_op)
        using errcode = 'integrity_constraint_violation',
            hint = 'a setting is never changed: add a row with an event_id of its own';
end
$function$;
comment on function refuse_change_of_setting() is
    'Trigger of tables of settings, to which rows are only added';

-- Everybody's right to call these is said aloud, so that taking a tenant's rights away changes nothing of it.
grant execute on function client_of_caller(), refuse_change_of_setting() to public;

-- As in each tenant's schema.
alter table load_ledger
    add column kind text not null default 'delivery' check (kind in ('delivery', 'fix', 'ui_event', 'derived'));
comment on column load_ledger.kind is
    'Kind of the entry; only a delivery moves the tenant''s newest day';
