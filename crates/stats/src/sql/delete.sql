delete from {table} as t
where exists (
        select from refresh_ranges as r
        where r.subject = '{subject}' and t.period_start <= r.thru_day and t.period_end >= r.from_day
    )
    and not exists (
        select from refresh_rows as f
        where f.granularity = '{granularity}' and f.period_start = t.period_start
            and coalesce(f.location_id, -1) = coalesce(t.location_id, -1)
    )
