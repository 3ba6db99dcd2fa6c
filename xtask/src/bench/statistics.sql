-- The yardstick S: the statistics by plain SQL, as one writes them by hand from their definitions, into tables
-- of the same shape. Expected demand waits for forecasts: its four tables are empty on both sides.

-- Memory for sorts, as Catwing gives itself.
set local work_mem = '64MB';

create temporary table base on commit drop as
select base_currency_id as id from cw_global.client_config where client_id = '{client}';

-- The latest rate on or before each day.
create temporary table day_rates on commit drop as
select d.day::date as day, r.currency_id, r.rate
from (
    select from_currency_id as currency_id, effective_date, rate,
        lead(effective_date) over (partition by from_currency_id order by effective_date) as next_date
    from cw_global.currency_rates
    where to_currency_id = (select id from base)
) as r
cross join lateral generate_series(
    r.effective_date::timestamp, coalesce(r.next_date - 1, date '{last}')::timestamp, interval '1 day'
) as d (day)
union all
select d.day::date, (select id from base), 1
from generate_series(date '{first}' - 400, date '{last}', interval '1 day') as d (day);
analyze day_rates;

create temporary view sales_facts as
with documents as (
    select o.id, o.order_date, o.location_id, o.currency_id
    from sales_orders as o
    join sales_order_types as t on t.id = o.sales_order_type_id
    left join sales_order_statuses as s on s.id = o.sales_order_status_id
    where lower(t.name) in ('sale', 'return') and lower(s.name) is distinct from 'cancelled'
)
select f.day, f.location_id, f.product_id, f.qty, round(f.value * r.rate, 4) as value
from (
    select o.order_date as day, o.location_id, o.currency_id, l.product_id, l.qty, l.line_value as value
    from documents as o join sales_order_lines as l on l.sales_order_id = o.id
    union all
    select u.update_date, o.location_id, o.currency_id, l.product_id, u.qty_delta, u.value_delta
    from documents as o
    join sales_order_lines as l on l.sales_order_id = o.id
    join sales_order_line_updates as u on u.sales_order_line_id = l.id
) as f
join day_rates as r on r.day = f.day and r.currency_id = f.currency_id;

insert into {own}.daily_sales_values
select location_id, day, day, sum(qty), sum(value), count(distinct product_id)
from sales_facts group by grouping sets ((day, location_id), (day));

insert into {own}.weekly_sales_values
select location_id, start, start + 6, sum(qty), sum(value), count(distinct product_id)
from (select *, date_trunc('week', day::timestamp)::date as start from sales_facts) as f
group by grouping sets ((start, location_id), (start));

insert into {own}.monthly_sales_values
select location_id, start, (start + interval '1 month')::date - 1, sum(qty), sum(value), count(distinct product_id)
from (select *, date_trunc('month', day::timestamp)::date as start from sales_facts) as f
group by grouping sets ((start, location_id), (start));

insert into {own}.quarterly_sales_values
select location_id, start, (start + interval '3 months')::date - 1, sum(qty), sum(value), count(distinct product_id)
from (select *, date_trunc('quarter', day::timestamp)::date as start from sales_facts) as f
group by grouping sets ((start, location_id), (start));

-- Stock of each day, valued at the cost in force on it.
insert into {own}.daily_inventory_values
select q.location_id, q.snapshot_date, q.snapshot_date, sum(q.on_hand_qty),
    sum(round(q.on_hand_qty * c.unit_cost * r.rate, 4)), count(distinct q.product_id)
from inventory_quantities as q
left join product_costs as c
    on c.product_id = q.product_id and c.from_date <= q.snapshot_date
    and (c.thru_date is null or c.thru_date >= q.snapshot_date)
left join day_rates as r on r.day = q.snapshot_date and r.currency_id = c.currency_id
group by grouping sets ((q.snapshot_date, q.location_id), (q.snapshot_date));

-- What lines of purchase orders still wait for, on each day on which purchase orders or receipts came.
create temporary view purchase_facts as
with receipts as (
    select r.id, r.purchase_order_id, r.received_date
    from receiving_orders as r
    left join receiving_order_statuses as s on s.id = r.receiving_order_status_id
    where r.purchase_order_id is not null and lower(s.name) is distinct from 'cancelled'
),
orders as (
    select o.id, o.location_id, o.currency_id, o.order_date,
        case
            when o.closed_date is not null then o.closed_date
            when lower(s.name) in ('received', 'closed') then coalesce(
                (select max(r.received_date) from receipts as r where r.purchase_order_id = o.id),
                date '1970-01-01' + (o.raw_position >> 47)::integer
            )
            else 'infinity'
        end as closed_day
    from purchase_orders as o
    left join purchase_order_statuses as s on s.id = o.purchase_order_status_id
    where o.order_date is not null and coalesce(lower(s.name) not in ('draft', 'cancelled'), true)
),
days as (
    select distinct business_day as day from delivered_days
    where entity in ('purchase_orders', 'receiving_orders')
),
received as (
    select rl.purchase_order_line_id, r.received_date, sum(rl.received_qty) as qty
    from receiving_order_lines as rl join receipts as r on r.id = rl.receiving_order_id
    where rl.purchase_order_line_id is not null
    group by rl.purchase_order_line_id, r.received_date
),
pending as (
    select d.day, l.id, o.location_id, o.currency_id, l.product_id, l.unit_cost,
        l.ordered_qty - coalesce(sum(r.qty), 0) as qty
    from days as d
    join orders as o on o.order_date <= d.day and d.day < o.closed_day
    join purchase_order_lines as l on l.purchase_order_id = o.id
    left join received as r on r.purchase_order_line_id = l.id and r.received_date <= d.day
    group by d.day, l.id, o.location_id, o.currency_id, l.product_id, l.unit_cost, l.ordered_qty
)
select p.day, p.location_id, p.product_id, p.qty, round(p.qty * p.unit_cost * r.rate, 4) as value
from pending as p join day_rates as r on r.day = p.day and r.currency_id = p.currency_id
where p.qty > 0;

insert into {own}.daily_pending_po_values
select location_id, day, day, sum(qty), coalesce(sum(value), 0), count(distinct product_id)
from purchase_facts group by grouping sets ((day, location_id), (day));
