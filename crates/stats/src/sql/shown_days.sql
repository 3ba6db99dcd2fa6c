-- A period of a stock shows the tenant's last day in it that has facts, the same for all places.
insert into refresh_rows
    (granularity, location_id, period_start, period_end, total_qty, total_value, product_count)
select c.granularity, d.location_id, c.period_start, c.period_end, d.total_qty, d.total_value, d.product_count
from (
    select granularity, period_start, period_end, max(day) as day
    from refresh_calendar
    where subject = '{subject}' and granularity <> 'daily'
    group by granularity, period_start, period_end
) as c
join {daily} as d on d.period_start = c.day;

analyze refresh_rows;
