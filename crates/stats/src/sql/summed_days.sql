-- A period of a flow is the sum of its days; its products are those that any of them has.
insert into refresh_rows
    (granularity, location_id, period_start, period_end, total_qty, total_value, product_count)
select n.granularity, n.location_id, n.period_start, n.period_end, s.qty, s.value, n.product_count
from (
    select c.granularity, c.period_start, d.location_id, sum(d.total_qty) as qty, sum(d.total_value) as value
    from refresh_calendar as c
    join {daily} as d on d.period_start = c.day
    where c.subject = '{subject}' and c.granularity <> 'daily'
    group by c.granularity, c.period_start, d.location_id
) as s
join refresh_sales_counts as n
    on n.granularity = s.granularity and n.period_start = s.period_start
    and n.location_id is not distinct from s.location_id;

analyze refresh_rows;
