-- What a refresh works with, all of it gone when its transaction ends.

-- The currency that values are in, of one moment: what people have set, else what the tenant's file says.
-- The shared table shows a tenant its own row and no other.
create temporary table refresh_base on commit drop as
select coalesce(
    (
        select s.base_currency_id from client_settings as s
        order by s.created_at desc, s.event_id collate "C" desc
        limit 1
    ),
    c.base_currency_id
) as base_currency_id
from cw_global.client_config as c;

-- The days whose facts have changed, as they were noted, one row a change.
create temporary table refresh_changes (
    subject text not null, from_day date not null, thru_day date not null
) on commit drop;

-- Sales documents that have changed, with what they were; and their facts, those of before with a minus.
create temporary table refresh_documents (id bigint not null, facts jsonb) on commit drop;
create temporary table refresh_document_facts (
    day date not null, location_id bigint not null, currency_id bigint not null, sales_order_type_id bigint not null,
    sales_order_status_id bigint, product_id bigint not null, qty numeric not null, value numeric not null,
    times integer not null
) on commit drop;

-- The kinds of sales documents that count, and the word of those that do not.
create temporary table refresh_counted_types on commit drop as
select id from sales_order_types where lower(name) in ('sale', 'return');
create temporary table refresh_cancelled on commit drop as
select id from sales_order_statuses where lower(name) = 'cancelled';

-- Products by the set of 64 that they are in, their bit in it, and their one of a number that counts for all
-- of them, with eight decimal digits for each.
create temporary table refresh_products (
    product_id bigint not null, ordinals bigint not null, bit bigint not null, one numeric not null
) on commit drop;

-- The same without overlaps.
create temporary table refresh_ranges (
    subject text not null, from_day date not null, thru_day date not null
) on commit drop;

-- Every day that the tenant has facts of.
create temporary table refresh_data_days (
    subject text not null, day date not null, primary key (subject, day)
) on commit drop;

-- The periods that have to be computed again, with each of their days that has facts.
create temporary table refresh_calendar (
    subject text not null, granularity text not null, period_start date not null, period_end date not null,
    -- Quick to sort by.
    period_number integer not null, day date not null
) on commit drop;

-- Currencies that the tenant's facts are in, and their rates, of one moment.
create temporary table refresh_currencies (currency_id bigint not null primary key) on commit drop;
create temporary table refresh_rates (
    currency_id bigint not null, effective_date date not null, rate numeric not null,
    primary key (currency_id, effective_date)
) on commit drop;

-- The rate of each currency on each day that is computed; null where there is none yet.
create temporary table refresh_day_rates (
    day date not null, currency_id bigint not null, rate numeric, primary key (day, currency_id)
) on commit drop;

-- Values that could not be converted.
create temporary table refresh_unconverted (day date not null, currency_id bigint not null) on commit drop;

-- Rows as they have to be.
create temporary table refresh_rows (
    granularity text not null, location_id bigint, period_start date not null, period_end date not null,
    total_qty numeric not null, total_value numeric, product_count bigint not null
) on commit drop;
