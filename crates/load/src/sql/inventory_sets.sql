-- Which delivery of a day and scope is the newest complete one.
insert into inventory_sets (snapshot_date, scope, newest_position)
select snapshot_date, scope, max(newest_position)
from stage_inventory_sets
group by snapshot_date, scope
on conflict (snapshot_date, scope) do update
set newest_position = excluded.newest_position
where inventory_sets.newest_position < excluded.newest_position;
