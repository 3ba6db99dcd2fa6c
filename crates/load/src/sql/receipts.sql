-- What receipts take from their purchase orders, and what purchase orders have received. Receipts and
-- orders find each other whichever came first.
update receiving_orders as receipt
set supplier_id = purchase.supplier_id
from purchase_orders as purchase
where purchase.id = receipt.purchase_order_id
    and purchase.id in (select purchase_order_id from touched_purchases)
    and receipt.supplier_id is distinct from purchase.supplier_id;

update receiving_order_lines as line
set purchase_order_line_id = found.purchase_order_line_id, unit_cost = found.unit_cost
from (
    select received.id, ordered.id as purchase_order_line_id, ordered.unit_cost
    from receiving_orders as receipt
    join receiving_order_lines as received on received.receiving_order_id = receipt.id
    left join lateral (
        select candidate.id, candidate.unit_cost
        from purchase_order_lines as candidate
        where candidate.purchase_order_id = receipt.purchase_order_id
            and case
                when received.purchase_order_line_no is null
                then candidate.product_id = received.product_id
                else candidate.line_no = received.purchase_order_line_no
            end
        order by candidate.line_no
        limit 1
    ) as ordered on true
    where receipt.purchase_order_id in (select purchase_order_id from touched_purchases)
) as found
where line.id = found.id
    and (line.purchase_order_line_id, line.unit_cost)
        is distinct from (found.purchase_order_line_id, found.unit_cost);

update purchase_order_lines as line
set received_qty = counted.received_qty
from (
    select ordered.id, coalesce(sum(received.received_qty), 0) as received_qty
    from purchase_order_lines as ordered
    left join (
        select one.purchase_order_line_id, one.received_qty
        from receiving_orders as receipt
        join receiving_order_lines as one on one.receiving_order_id = receipt.id
        left join receiving_order_statuses as state on state.id = receipt.receiving_order_status_id
        where receipt.purchase_order_id in (select purchase_order_id from touched_purchases)
            and lower(coalesce(state.name, '')) <> 'cancelled'
    ) as received on received.purchase_order_line_id = ordered.id
    where ordered.purchase_order_id in (select purchase_order_id from touched_purchases)
    group by ordered.id
) as counted
where line.id = counted.id and line.received_qty <> counted.received_qty;

insert into statistics_touched (subject, location_id, from_day, thru_day)
select distinct 'purchases', purchase.location_id,
    least(purchase.order_date, touched.from_day), null::date
from touched_purchases as touched
join purchase_orders as purchase on purchase.id = touched.purchase_order_id
where purchase.order_date is not null
on conflict do nothing;
