-- What loads have noted. Places are not kept apart: the row of all places needs every one of them.
with taken as (
    delete from statistics_touched returning subject, from_day, thru_day
)
insert into refresh_changes (subject, from_day, thru_day)
select distinct
    case t.subject when 'costs' then 'inventory' else t.subject end,
    t.from_day,
    coalesce(t.thru_day, 'infinity')
from taken as t
where t.subject <> 'rates'
union
select s.subject, t.from_day, coalesce(t.thru_day, 'infinity')
from taken as t
cross join (values ('sales'), ('inventory'), ('purchases')) as s (subject)
where t.subject = 'rates'
