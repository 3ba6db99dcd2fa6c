-- A complete delivery of a day and scope replaces all older rows of it, whichever came first here.
with gone as (
    delete from inventory_quantities as stock
    using inventory_sets as newest
    where newest.snapshot_date = stock.snapshot_date
        and newest.scope = stock.scope
        and stock.raw_position < newest.newest_position
        and (newest.snapshot_date, newest.scope) in (
            select snapshot_date, scope from touched_stock
        )
    returning stock.location_id, stock.snapshot_date
)
insert into statistics_touched (subject, location_id, from_day, thru_day)
select distinct 'inventory', location_id, snapshot_date, snapshot_date
from gone
on conflict do nothing;
