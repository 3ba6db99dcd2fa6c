-- Stock of each day by place, valued at the cost in force on it.
create temporary table refresh_inventory on commit drop as
select
    c.day,
    q.location_id,
    sum(q.on_hand_qty) as qty,
    sum(round(q.on_hand_qty * k.unit_cost * r.rate, 4)) as value,
    count(distinct q.product_id) as product_count,
    count(distinct q.product_id) filter (where k.unit_cost is null) as without_cost_count,
    min(k.currency_id) filter (where k.unit_cost is not null and r.rate is null) as unconverted_currency_id
from refresh_calendar as c
join inventory_quantities as q on q.snapshot_date = c.day
left join product_costs as k
    on k.product_id = q.product_id and k.from_date <= c.day and (k.thru_date is null or k.thru_date >= c.day)
left join refresh_day_rates as r on r.day = c.day and r.currency_id = k.currency_id
where c.subject = 'inventory' and c.granularity = 'daily'
group by grouping sets ((c.day, q.location_id), (c.day));

insert into refresh_unconverted (day, currency_id)
select day, unconverted_currency_id from refresh_inventory
where location_id is null and unconverted_currency_id is not null;

insert into refresh_rows
    (granularity, location_id, period_start, period_end, total_qty, total_value, product_count)
select 'daily', location_id, day, day, qty, value, product_count from refresh_inventory;

analyze refresh_rows;
