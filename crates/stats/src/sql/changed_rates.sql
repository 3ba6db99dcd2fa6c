-- A rate that is new, other than noted, or gone counts from its day to the day before the next one's, in
-- whatever is valued on these days.
insert into refresh_changes (subject, from_day, thru_day)
select s.subject, d.effective_date, coalesce(d.next_date - 1, 'infinity')
from (
    select
        effective_date,
        lead(effective_date) over (partition by currency_id order by effective_date) as next_date,
        now_in_force.rate is distinct from noted.rate as is_changed
    from refresh_rates as now_in_force
    full join statistics_rates as noted using (currency_id, effective_date)
) as d
cross join (values ('sales'), ('inventory'), ('purchases')) as s (subject)
where d.is_changed
