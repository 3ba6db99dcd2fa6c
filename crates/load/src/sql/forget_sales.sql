-- Sales documents as they were: the places and days on which they counted.
insert into statistics_touched (subject, location_id, from_day, thru_day)
select distinct 'sales', sale.location_id, counted.day, counted.day
from sales_orders as sale
join won_sales_orders as won on won.id = sale.id
cross join lateral (
    select sale.order_date as day
    union
    select change.update_date
    from sales_order_line_updates as change
    where change.sales_order_id = sale.id
) as counted
where won.replaces
on conflict do nothing;
