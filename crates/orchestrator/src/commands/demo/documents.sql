-- Documents by kind and the day that they stand for, as the simulated retailer counts them.
with sales_line as (
    select sales_order_id as id, count(*) as lines, sum(qty) as qty, sum(line_value) as value
    from sales_order_lines group by 1
), change as (
    select sales_order_id as id, count(*) as changes, sum(value_delta) as value
    from sales_order_line_updates group by 1
), document as (
    select 'sales_orders' as kind, d.order_date as day, l.lines, l.qty, 0 as other_qty, l.value,
        c.changes, c.value as changes_value
    from sales_orders as d
    left join sales_line as l using (id)
    left join change as c using (id)
    union all
    select 'purchase_orders', d.order_date, l.lines, l.qty, l.other_qty, l.value, 0, 0
    from purchase_orders as d
    left join (
        select purchase_order_id as id, count(*) as lines, sum(ordered_qty) as qty,
            sum(received_qty) as other_qty, sum(round(ordered_qty * unit_cost, 4)) as value
        from purchase_order_lines group by 1
    ) as l using (id)
    where d.order_date is not null
    union all
    select 'receiving_orders', d.received_date, l.lines, l.qty, l.other_qty, 0, 0, 0
    from receiving_orders as d
    left join (
        select receiving_order_id as id, count(*) as lines, sum(received_qty) as qty,
            sum(rejected_qty) as other_qty
        from receiving_order_lines group by 1
    ) as l using (id)
    union all
    select 'store_orders', d.order_date, l.lines, l.qty, l.other_qty, 0, 0, 0
    from store_orders as d
    left join (
        select store_order_id as id, count(*) as lines, sum(requested_qty) as qty,
            sum(allocated_qty) as other_qty
        from store_order_lines group by 1
    ) as l using (id)
    where d.order_date is not null
    union all
    select 'transfer_orders', d.shipped_date, l.lines, l.qty, l.other_qty, 0, 0, 0
    from transfer_orders as d
    left join (
        select transfer_order_id as id, count(*) as lines, sum(shipped_qty) as qty,
            sum(received_qty) as other_qty
        from transfer_order_lines group by 1
    ) as l using (id)
)
select kind || ' ' || day as what,
    format(
        '%s documents, %s lines, %s pieces, %s other pieces, value %s, %s changes of value %s',
        count(*), coalesce(sum(lines), 0), coalesce(sum(qty), 0)::numeric(20,3),
        coalesce(sum(other_qty), 0)::numeric(20,3), coalesce(sum(value), 0)::numeric(20,4),
        coalesce(sum(changes), 0), coalesce(sum(changes_value), 0)::numeric(20,4)
    ) as value
from document
group by kind, day
