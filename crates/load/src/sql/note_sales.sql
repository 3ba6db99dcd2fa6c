-- Sales documents as they are now: the places and days on which they count.
insert into statistics_touched (subject, location_id, from_day, thru_day)
select distinct 'sales', sale.location_id, counted.day, counted.day
from won_sales_orders as won
join sales_orders as sale on sale.id = won.id
cross join lateral (
    select sale.order_date as day
    union
    select change.update_date
    from sales_order_line_updates as change
    where change.sales_order_id = sale.id
) as counted
on conflict do nothing;
