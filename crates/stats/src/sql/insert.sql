insert into {table} (location_id, period_start, period_end, total_qty, total_value, product_count)
select f.location_id, f.period_start, f.period_end, f.total_qty, f.total_value, f.product_count
from refresh_rows as f
where f.granularity = '{granularity}' and not exists (
        select from {table} as t
        where t.period_start = f.period_start and coalesce(t.location_id, -1) = coalesce(f.location_id, -1)
    )
