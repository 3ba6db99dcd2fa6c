-- Sales documents as they were. Of few, the facts that statistics have counted are kept, unless they are
-- already; of many, the places and days on which they counted are named, which are then read whole.
with sales as (
    select sale.*
    from sales_orders as sale
    join won_sales_orders as won on won.id = sale.id
    where won.replaces
), many as (
    select count(*) > 20000 as are_many from won_sales_orders
), kept as (
    insert into statistics_sales_documents (sales_order, facts)
    select sale.id, jsonb_agg(jsonb_build_array(
        fact.day, sale.location_id, sale.currency_id, sale.sales_order_type_id, sale.sales_order_status_id,
        fact.product_id, fact.qty, fact.value
    ))
    from sales as sale
    cross join lateral (
        select sale.order_date as day, line.product_id, line.qty, line.line_value as value
        from sales_order_lines as line
        where line.sales_order_id = sale.id
        union all
        select change.update_date, line.product_id, change.qty_delta, change.value_delta
        from sales_order_line_updates as change
        join sales_order_lines as line on line.id = change.sales_order_line_id
        where change.sales_order_id = sale.id
    ) as fact
    where not (select are_many from many)
    group by sale.id
    on conflict do nothing
)
insert into statistics_touched (subject, location_id, from_day, thru_day)
select distinct 'sales', sale.location_id, counted.day, counted.day
from sales as sale
cross join lateral (
    select sale.order_date as day
    union
    select change.update_date
    from sales_order_line_updates as change
    where change.sales_order_id = sale.id
) as counted
where (select are_many from many)
on conflict do nothing;
