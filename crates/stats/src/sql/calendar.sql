-- From changed days to the periods that they are in.
insert into refresh_data_days (subject, day)
select 'inventory', snapshot_date from inventory_sets
union
select 'purchases', business_day from delivered_days where entity in ('purchase_orders', 'receiving_orders')
on conflict do nothing;

insert into refresh_calendar (subject, granularity, period_start, period_end, period_number, day)
select
    d.subject, p.granularity, p.period_start, p.period_end,
    dense_rank() over (order by d.subject, p.granularity, p.period_start),
    d.day
from refresh_data_days as d
cross join lateral (
    select
        date_trunc('week', d.day::timestamp)::date as week_start,
        date_trunc('month', d.day::timestamp)::date as month_start,
        date_trunc('quarter', d.day::timestamp)::date as quarter_start
) as s
cross join lateral (
    values
        ('daily', d.day, d.day),
        ('weekly', s.week_start, s.week_start + 6),
        ('monthly', s.month_start, (s.month_start + interval '1 month')::date - 1),
        ('quarterly', s.quarter_start, (s.quarter_start + interval '3 months')::date - 1)
) as p (granularity, period_start, period_end)
where exists (
    select from refresh_ranges as r
    where r.subject = d.subject and p.period_start <= r.thru_day and p.period_end >= r.from_day
);

-- The latest rate on or before the day; the base currency is worth itself.
insert into refresh_rates (currency_id, effective_date, rate)
select base_currency_id, '-infinity', 1 from refresh_base;

insert into refresh_day_rates (day, currency_id, rate)
select d.day, c.currency_id, latest.rate
from (
    -- Stocks are valued on the days of their own; of longer periods they show one of these.
    select day from refresh_calendar where subject = 'sales' or granularity = 'daily'
    union
    -- Where the last document of a day has gone, there are no facts of it but what was.
    select from_day from refresh_changes where subject = 'documents'
) as d
cross join (
    select currency_id from refresh_currencies
    union
    select base_currency_id from refresh_base
) as c
left join lateral (
    select r.rate from refresh_rates as r
    where r.currency_id = c.currency_id and r.effective_date <= d.day
    order by r.effective_date desc limit 1
) as latest on true;

analyze refresh_calendar;
analyze refresh_day_rates;
