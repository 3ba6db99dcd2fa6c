-- Sales by day, place and product: lines on the day of their order, updates of lines on their own.
-- Documents that are neither a sale nor a return, and cancelled ones, do not count.
create temporary table refresh_sales on commit drop as
with days as materialized (
    select distinct day from refresh_calendar where subject = 'sales'
),
counted_types as materialized (
    select id from sales_order_types where lower(name) in ('sale', 'return')
),
cancelled as materialized (
    select id from sales_order_statuses where lower(name) = 'cancelled'
),
facts as (
    select d.day, o.location_id, o.currency_id, l.product_id, l.qty, l.line_value as value
    from days as d
    join sales_orders as o on o.order_date = d.day
    join sales_order_lines as l on l.sales_order_id = o.id
    where o.sales_order_type_id in (select id from counted_types)
        and (o.sales_order_status_id is null or o.sales_order_status_id not in (select id from cancelled))
    union all
    select d.day, o.location_id, o.currency_id, l.product_id, u.qty_delta, u.value_delta
    from days as d
    join sales_order_line_updates as u on u.update_date = d.day
    join sales_order_lines as l on l.id = u.sales_order_line_id
    join sales_orders as o on o.id = l.sales_order_id
    where o.sales_order_type_id in (select id from counted_types)
        and (o.sales_order_status_id is null or o.sales_order_status_id not in (select id from cancelled))
)
select
    f.day,
    f.location_id,
    f.product_id,
    sum(f.qty) as qty,
    sum(round(f.value * r.rate, 4)) as value,
    min(f.currency_id) filter (where r.rate is null) as unconverted_currency_id
from facts as f
left join refresh_day_rates as r on r.day = f.day and r.currency_id = f.currency_id
group by f.day, f.location_id, f.product_id;

insert into refresh_unconverted (day, currency_id)
select distinct day, unconverted_currency_id from refresh_sales where unconverted_currency_id is not null;

analyze refresh_sales;

insert into refresh_rows
    (granularity, location_id, period_start, period_end, total_qty, total_value, product_count)
select p.granularity, s.location_id, p.period_start, p.period_end, s.qty, coalesce(s.value, 0), s.product_count
from (
    select
        c.period_number, f.location_id,
        sum(f.qty) as qty, sum(f.value) as value, count(distinct f.product_id) as product_count
    from refresh_sales as f
    join refresh_calendar as c on c.subject = 'sales' and c.day = f.day
    group by grouping sets ((c.period_number, f.location_id), (c.period_number))
) as s
join (
    select distinct period_number, granularity, period_start, period_end from refresh_calendar
) as p on p.period_number = s.period_number;

analyze refresh_rows;
