-- Stock of each day by place, valued at the cost in force on it: what one of each product was worth then.
create temporary table refresh_stock_days (day date not null primary key) on commit drop;
insert into refresh_stock_days (day)
select day from refresh_calendar where subject = 'inventory' and granularity = 'daily';
analyze refresh_stock_days;

create temporary table refresh_costs on commit drop as
with span as materialized (
    select min(day) as from_day, max(day) as thru_day from refresh_stock_days
)
select d.day, k.product_id, k.unit_cost * r.rate as value, k.currency_id
from span as s
join product_costs as k
    on k.from_date <= s.thru_day and (k.thru_date is null or k.thru_date >= s.from_day) and k.unit_cost is not null
cross join lateral generate_series(
    0, least(coalesce(k.thru_date, s.thru_day), s.thru_day) - greatest(k.from_date, s.from_day)
) as n (number)
join refresh_stock_days as d on d.day = greatest(k.from_date, s.from_day) + n.number
left join refresh_day_rates as r on r.day = d.day and r.currency_id = k.currency_id;
analyze refresh_costs;

create temporary table refresh_stock on commit drop as
select
    c.day,
    q.location_id,
    p.ordinals,
    sum(q.on_hand_qty) as qty,
    sum(round(q.on_hand_qty * k.value, 4)) as value,
    bit_or(p.bit) as products,
    bit_or(p.bit) filter (where k.product_id is null) as without_cost,
    min(k.currency_id) filter (where k.value is null) as unconverted_currency_id
from refresh_stock_days as c
join inventory_quantities as q on q.snapshot_date = c.day
join refresh_products as p on p.product_id = q.product_id
left join refresh_costs as k on k.product_id = q.product_id and k.day = c.day
group by c.day, q.location_id, p.ordinals;

create temporary table refresh_inventory on commit drop as
select
    day, location_id, sum(qty) as qty, sum(value) as value,
    sum(bit_count(products::bit(64))) as product_count,
    coalesce(sum(bit_count(without_cost::bit(64))), 0) as without_cost_count,
    min(unconverted_currency_id) as unconverted_currency_id
from refresh_stock
group by day, location_id
union all
select
    day, null, sum(qty), sum(value), sum(bit_count(products::bit(64))),
    coalesce(sum(bit_count(without_cost::bit(64))), 0), min(unconverted_currency_id)
from (
    select
        day, sum(qty) as qty, sum(value) as value, bit_or(products) as products,
        bit_or(without_cost) as without_cost, min(unconverted_currency_id) as unconverted_currency_id
    from refresh_stock
    group by day, ordinals
) as of_all
group by day;

insert into refresh_unconverted (day, currency_id)
select day, unconverted_currency_id from refresh_inventory
where location_id is null and unconverted_currency_id is not null;

insert into refresh_rows
    (granularity, location_id, period_start, period_end, total_qty, total_value, product_count)
select 'daily', location_id, day, day, qty, value, product_count from refresh_inventory;

analyze refresh_rows;
