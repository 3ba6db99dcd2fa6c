-- What is known of a product at a place on a day: the common part of both files. Values are in the
-- base currency, $base; days from $from to $thru make rows.
with rates as materialized (
    -- The latest rate on or before each day. The base currency itself has none.
    select known.from_currency_id as currency_id, each.day::date as day, known.rate
    from (
        select from_currency_id, effective_date, rate,
            lead(effective_date) over (partition by from_currency_id order by effective_date) as next_date
        from cw_global.currency_rates
        where to_currency_id = $base
    ) as known
    cross join lateral generate_series(
        greatest(known.effective_date, $from)::timestamp,
        least(known.next_date - 1, $thru)::timestamp,
        interval '1 day'
    ) as each (day)
),
-- Sales and returns that are not cancelled; adjustments are neither.
documents as not materialized (
    select document.id, document.location_id, document.order_date, document.currency_id,
        lower(kind.name) = 'return' as is_return
    from sales_orders as document
    join sales_order_types as kind on kind.id = document.sales_order_type_id
    left join sales_order_statuses as state on state.id = document.sales_order_status_id
    where lower(kind.name) in ('sale', 'return') and (state.name is null or lower(state.name) <> 'cancelled')
),
-- A line counts on the day of its document, a change of it on its own. What takes away is a return.
sold as not materialized (
    select line.product_id, document.location_id, document.order_date as day, document.currency_id,
        document.is_return, document.id as sales_order_id, line.qty, line.line_value as value
    from documents as document
    join sales_order_lines as line on line.sales_order_id = document.id
    where document.order_date between $from and $thru
    union all
    select line.product_id, document.location_id, change.update_date, document.currency_id,
        document.is_return or change.qty_delta < 0 or (change.qty_delta = 0 and change.value_delta < 0),
        null, change.qty_delta, change.value_delta
    from sales_order_line_updates as change
    join sales_order_lines as line on line.id = change.sales_order_line_id
    join documents as document on document.id = change.sales_order_id
    where change.update_date between $from and $thru
),
receipts as materialized (
    select receipt.id, receipt.purchase_order_id, receipt.received_date
    from receiving_orders as receipt
    left join receiving_order_statuses as state on state.id = receipt.receiving_order_status_id
    where receipt.purchase_order_id is not null and (state.name is null or lower(state.name) <> 'cancelled')
),
-- Purchase orders that wait for something from their day on, and the day from which on they no longer
-- do: the declared end, else for a status that says so the last receipt, else the day of the record.
purchases as materialized (
    select purchase.id, purchase.location_id, purchase.order_date,
        case
            when purchase.closed_date is not null then purchase.closed_date
            when lower(state.name) in ('received', 'closed')
                then coalesce(last.received_date, date '1970-01-01' + (purchase.raw_position >> 47)::integer)
        end as closed_date
    from purchase_orders as purchase
    left join purchase_order_statuses as state on state.id = purchase.purchase_order_status_id
    left join (
        select purchase_order_id, max(received_date) as received_date from receipts group by purchase_order_id
    ) as last on last.purchase_order_id = purchase.id
    where purchase.order_date <= $thru and purchase.location_id is not null
        and (state.name is null or lower(state.name) not in ('draft', 'cancelled'))
),
-- The days on which a line of a purchase order changes.
awaited as (
    select line.id as line_id, line.product_id, purchase.location_id, line.ordered_qty, purchase.closed_date,
        greatest(changed.day, purchase.order_date) as day, sum(changed.qty) as received_qty
    from purchases as purchase
    join purchase_order_lines as line on line.purchase_order_id = purchase.id
    cross join lateral (
        select purchase.order_date as day, 0::numeric as qty
        union all
        select purchase.closed_date, 0 where purchase.closed_date <= $thru
        union all
        select receipt.received_date, received.received_qty
        from receiving_order_lines as received
        join receipts as receipt on receipt.id = received.receiving_order_id
        where received.purchase_order_line_id = line.id and receipt.received_date <= $thru
    ) as changed
    group by line.id, line.product_id, purchase.location_id, line.ordered_qty, purchase.closed_date,
        greatest(changed.day, purchase.order_date)
),
awaited_steps as (
    select line_id, product_id, location_id, day,
        case
            when day >= closed_date then 0
            else greatest(ordered_qty - sum(received_qty) over (partition by line_id order by day), 0)
        end as open_qty
    from awaited
),
awaited_changes as (
    select product_id, location_id, day,
        open_qty - coalesce(lag(open_qty) over (partition by line_id order by day), 0) as change_qty
    from awaited_steps
),
entries as (
    select sold.product_id, sold.location_id, sold.day,
        case when not sold.is_return then sold.qty end as sales_qty,
        case when not sold.is_return then worth.value end as sales_value,
        case when sold.is_return then sold.qty end as returns_qty,
        case when sold.is_return then worth.value end as returns_value,
        case when not sold.is_return then sold.sales_order_id end as sales_order_id,
        case when worth.value is null then sold.currency_id end as unconverted_currency_id,
        null::numeric as on_hand_qty, null::numeric as reserved_qty, null::numeric as in_transit_qty,
        null::numeric as awaited_qty
    from sold
    left join rates as rate on rate.currency_id = sold.currency_id and rate.day = sold.day
    cross join lateral (
        select case when sold.currency_id = $base then sold.value else round(sold.value * rate.rate, 4) end as value
    ) as worth
    union all
    select product_id, location_id, snapshot_date, null, null, null, null, null, null,
        on_hand_qty, reserved_qty, in_transit_qty, null
    from inventory_quantities
    where snapshot_date between $from and $thru
    union all
    select product_id, location_id, day, null, null, null, null, null, null, null, null, null, change_qty
    from awaited_changes
    where change_qty <> 0
),
daily as (
    select product_id, location_id, day,
        coalesce(sum(sales_qty), 0) as sales_qty,
        coalesce(sum(sales_value), 0) as sales_value,
        coalesce(sum(returns_qty), 0) as returns_qty,
        coalesce(sum(returns_value), 0) as returns_value,
        count(distinct sales_order_id) as sales_orders,
        min(unconverted_currency_id) as unconverted_currency_id,
        sum(on_hand_qty) as on_hand_qty,
        sum(reserved_qty) as reserved_qty,
        sum(in_transit_qty) as in_transit_qty,
        coalesce(sum(awaited_qty), 0) as awaited_qty
    from entries
    group by product_id, location_id, day
),
-- Days before the first one only tell what is awaited on it.
facts as (
    select *
    from (
        select *, sum(awaited_qty) over (partition by product_id, location_id order by day) as open_po_qty
        from daily
    ) as every
    where day >= $from
)
