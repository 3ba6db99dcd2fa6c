-- Sales documents that have changed, where they are few; of many, the places and days on which they count now.
with many as (
    select count(*) > 20000 as are_many from won_sales_orders
), noted as (
    insert into statistics_sales_documents (sales_order)
    select won.id from won_sales_orders as won
    where not (select are_many from many)
    on conflict do nothing
)
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
where (select are_many from many)
on conflict do nothing;
