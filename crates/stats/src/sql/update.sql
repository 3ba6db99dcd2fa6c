update {table} as t
set period_end = f.period_end, total_qty = f.total_qty, total_value = f.total_value, product_count = f.product_count
from refresh_rows as f
where f.granularity = '{granularity}' and f.period_start = t.period_start
    and coalesce(f.location_id, -1) = coalesce(t.location_id, -1)
    and (t.period_end, t.total_qty, t.total_value, t.product_count)
        is distinct from (f.period_end, f.total_qty, f.total_value, f.product_count)
