-- Sales by day and place, and the products of each: lines on the day of their order, updates of lines on their
-- own. Days that were named are read whole; of others only documents that have changed.
create temporary table refresh_sales_days on commit drop as
select d.day, exists (
    select from refresh_changes as r
    where r.subject = 'sales' and d.day between r.from_day and r.thru_day
) as is_whole
from (
    select day from refresh_calendar where subject = 'sales' and granularity = 'daily'
    union
    select from_day from refresh_changes where subject = 'documents'
) as d;
analyze refresh_sales_days;

create temporary table refresh_sales on commit drop as
with days as materialized (
    select day from refresh_sales_days where is_whole
),
facts as (
    select d.day, o.location_id, o.currency_id, l.product_id, l.qty, l.line_value as value
    from days as d
    join sales_orders as o on o.order_date = d.day
    join sales_order_lines as l on l.sales_order_id = o.id
    where o.sales_order_type_id in (select id from refresh_counted_types)
        and (o.sales_order_status_id is null or o.sales_order_status_id not in (select id from refresh_cancelled))
    union all
    select d.day, o.location_id, o.currency_id, l.product_id, u.qty_delta, u.value_delta
    from days as d
    join sales_order_line_updates as u on u.update_date = d.day
    join sales_order_lines as l on l.id = u.sales_order_line_id
    join sales_orders as o on o.id = l.sales_order_id
    where o.sales_order_type_id in (select id from refresh_counted_types)
        and (o.sales_order_status_id is null or o.sales_order_status_id not in (select id from refresh_cancelled))
)
select
    f.day,
    f.location_id,
    p.ordinals,
    bit_or(p.bit) as products,
    sum(p.one) as facts,
    sum(f.qty) as qty,
    -- Values have four decimals as they are.
    sum(case when f.currency_id = (select base_currency_id from refresh_base) then f.value
        else round(f.value * r.rate, 4) end) as value,
    min(f.currency_id) filter (where r.rate is null) as unconverted_currency_id
from facts as f
join refresh_products as p on p.product_id = f.product_id
left join refresh_day_rates as r on r.day = f.day and r.currency_id = f.currency_id
group by f.day, f.location_id, p.ordinals;

create temporary table refresh_sales_documents on commit drop as
select
    f.day,
    f.location_id,
    f.product_id,
    sum(f.qty * f.times) as qty,
    sum(round(f.value * r.rate, 4) * f.times) as value,
    sum(f.times) as facts,
    min(f.currency_id) filter (where r.rate is null) as unconverted_currency_id
from refresh_document_facts as f
left join refresh_day_rates as r on r.day = f.day and r.currency_id = f.currency_id
where f.day not in (select day from refresh_sales_days where is_whole)
group by f.day, f.location_id, f.product_id;
analyze refresh_sales_documents;

insert into refresh_unconverted (day, currency_id)
select day, unconverted_currency_id from refresh_sales where unconverted_currency_id is not null
union
select day, unconverted_currency_id from refresh_sales_documents where unconverted_currency_id is not null;

-- The products of each day and place, and how many facts they have: one that has none any more is gone.
delete from statistics_sales_products as t
using refresh_changes as r
where r.subject = 'sales' and t.day between r.from_day and r.thru_day;
insert into statistics_sales_products (day, location, ordinals, products, facts)
select day, location_id, ordinals, products, to_jsonb(facts) from refresh_sales;

insert into statistics_sales_products as t (day, location, ordinals, products, facts)
select
    d.day, d.location_id, p.ordinals,
    coalesce(bit_or(p.bit) filter (where d.facts > 0), 0),
    to_jsonb(sum(d.facts * p.one))
from refresh_sales_documents as d
join refresh_products as p on p.product_id = d.product_id
where d.facts <> 0
group by d.day, d.location_id, p.ordinals
on conflict (day, location, ordinals) do update
set products = t.products | excluded.products, facts = to_jsonb(t.facts::numeric + excluded.facts::numeric);

update statistics_sales_products as t
set products = t.products & ~gone.products
from (
    select d.day, d.location_id, p.ordinals, bit_or(p.bit) as products
    from refresh_sales_documents as d
    join refresh_products as p on p.product_id = d.product_id
    join statistics_sales_products as t
        on t.day = d.day and t.location = d.location_id and t.ordinals = p.ordinals
    where d.facts < 0 and mod(div(t.facts::numeric, p.one), 100000000) = 0
    group by d.day, d.location_id, p.ordinals
) as gone
where t.day = gone.day and t.location = gone.location_id and t.ordinals = gone.ordinals;

delete from statistics_sales_products as t
using (select distinct day, location_id from refresh_sales_documents where facts < 0) as d
where t.day = d.day and t.location = d.location_id and t.products = 0;

-- How many products each period has, at a place and at all of them.
create temporary table refresh_sales_counts on commit drop as
with sets as materialized (
    select c.period_number, t.location, t.ordinals, bit_or(t.products) as products
    from refresh_calendar as c
    join statistics_sales_products as t on t.day = c.day
    where c.subject = 'sales'
    group by c.period_number, t.location, t.ordinals
),
counts as (
    select period_number, location, sum(bit_count(products::bit(64))) as product_count
    from sets
    group by period_number, location
    union all
    select period_number, null, sum(bit_count(products::bit(64)))
    from (
        select period_number, bit_or(products) as products from sets group by period_number, ordinals
    ) as of_all
    group by period_number
)
select p.granularity, n.location as location_id, p.period_start, p.period_end, n.product_count
from counts as n
join (
    select distinct period_number, granularity, period_start, period_end
    from refresh_calendar
    where subject = 'sales'
) as p on p.period_number = n.period_number;
analyze refresh_sales_counts;

insert into refresh_rows
    (granularity, location_id, period_start, period_end, total_qty, total_value, product_count)
select n.granularity, n.location_id, n.period_start, n.period_end, s.qty, coalesce(s.value, 0), n.product_count
from (
    select f.day, f.location_id, sum(f.qty) as qty, sum(f.value) as value
    from (
        select day, location_id, qty, value from refresh_sales
        union all
        select day, location_id, qty, value from refresh_sales_documents
        union all
        select t.period_start, t.location_id, t.total_qty, t.total_value
        from refresh_sales_days as d
        join {daily} as t on t.period_start = d.day
        where not d.is_whole and t.location_id is not null
    ) as f
    group by grouping sets ((f.day, f.location_id), (f.day))
) as s
join refresh_sales_counts as n
    on n.granularity = 'daily' and n.period_start = s.day and n.location_id is not distinct from s.location_id;

analyze refresh_rows;
