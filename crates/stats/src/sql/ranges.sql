-- Changed days without overlaps, and the first day of all periods that they are in.
insert into refresh_ranges (subject, from_day, thru_day)
select r.subject, lower(r.days), coalesce(nullif(upper(r.days), 'infinity') - 1, 'infinity')
from (
    select
        case subject when 'documents' then 'sales' else subject end as subject,
        unnest(range_agg(daterange(from_day, nullif(thru_day, 'infinity'), '[]'))) as days
    from refresh_changes
    group by 1
) as r;

create temporary table refresh_first_day on commit drop as
select least(
    date_trunc('week', min(from_day)::timestamp), date_trunc('quarter', min(from_day)::timestamp)
)::date as day
from refresh_ranges
