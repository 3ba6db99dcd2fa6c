-- The sixteen tables as their definitions read, one fact and one day at a time, with no thought for
-- speed: what the statistics are compared with.
create function pg_temp.in_base(value numeric, currency bigint, on_day date) returns numeric
language sql as $$
    select round(value * case
        when currency = (select base_currency_id from cw_global.client_config where client_id = 'CW-000200') then 1
        else (
            select rate from cw_global.currency_rates
            where from_currency_id = currency and effective_date <= on_day
            order by effective_date desc limit 1
        )
    end, 4)
$$;

create function pg_temp.closed_by(purchase cw_200.purchase_orders, on_day date) returns boolean
language plpgsql as $$
declare
    status text := (select lower(name) from cw_200.purchase_order_statuses where id = purchase.purchase_order_status_id);
    last_receipt date := (
        select max(received_date) from cw_200.receiving_orders as r
        where purchase_order_id = purchase.id and not exists (
            select from cw_200.receiving_order_statuses as s
            where s.id = r.receiving_order_status_id and lower(s.name) = 'cancelled'
        )
    );
begin
    if purchase.closed_date is not null then
        return purchase.closed_date <= on_day;
    elsif status not in ('received', 'closed') or status is null then
        return false;
    elsif last_receipt is not null then
        return last_receipt <= on_day;
    end if;
    return date '1970-01-01' + (purchase.raw_position >> 47)::integer <= on_day;
end
$$;

create function pg_temp.received(line bigint, on_day date) returns numeric
language sql as $$
    select coalesce(sum(l.received_qty), 0)
    from cw_200.receiving_order_lines as l
    join cw_200.receiving_orders as r on r.id = l.receiving_order_id and r.received_date <= on_day
    left join cw_200.receiving_order_statuses as s on s.id = r.receiving_order_status_id
    where l.purchase_order_line_id = line and coalesce(lower(s.name), '') <> 'cancelled'
$$;

create temporary table plain_facts (subject text, day date, location_id bigint, product_id bigint, qty numeric, value numeric);

insert into plain_facts
select 'sales_values', f.day, o.location_id, f.product_id, f.qty, pg_temp.in_base(f.value, o.currency_id, f.day)
from cw_200.sales_orders as o
join cw_200.sales_order_types as t on t.id = o.sales_order_type_id
cross join lateral (
    select o.order_date as day, product_id, qty, line_value as value
    from cw_200.sales_order_lines where sales_order_id = o.id
    union all
    select u.update_date, l.product_id, u.qty_delta, u.value_delta
    from cw_200.sales_order_line_updates as u
    join cw_200.sales_order_lines as l on l.id = u.sales_order_line_id
    where u.sales_order_id = o.id
) as f
where t.name <> 'adjustment' and not exists (
    select from cw_200.sales_order_statuses as s where s.id = o.sales_order_status_id and s.name ilike 'cancelled'
);

insert into plain_facts
select 'inventory_values', q.snapshot_date, q.location_id, q.product_id, q.on_hand_qty, (
    select pg_temp.in_base(q.on_hand_qty * c.unit_cost, c.currency_id, q.snapshot_date)
    from cw_200.product_costs as c
    where c.product_id = q.product_id and q.snapshot_date between c.from_date and coalesce(c.thru_date, 'infinity')
)
from cw_200.inventory_quantities as q;

insert into plain_facts
select 'pending_po_values', d.business_day, o.location_id, l.product_id,
    l.ordered_qty - pg_temp.received(l.id, d.business_day),
    pg_temp.in_base((l.ordered_qty - pg_temp.received(l.id, d.business_day)) * l.unit_cost, o.currency_id, d.business_day)
from (
    select distinct business_day from cw_200.delivered_days where entity in ('purchase_orders', 'receiving_orders')
) as d
join cw_200.purchase_orders as o on o.order_date <= d.business_day and not pg_temp.closed_by(o, d.business_day)
join cw_200.purchase_order_lines as l on l.purchase_order_id = o.id
where l.ordered_qty > pg_temp.received(l.id, d.business_day) and not exists (
    select from cw_200.purchase_order_statuses as s
    where s.id = o.purchase_order_status_id and lower(s.name) in ('draft', 'cancelled')
);

create temporary table plain_days (subject text, day date);
insert into plain_days
select 'sales_values', day from plain_facts where subject = 'sales_values'
union select 'inventory_values', snapshot_date from cw_200.inventory_sets
union select 'inventory_values', snapshot_date from cw_200.inventory_quantities
union select 'pending_po_values', business_day from cw_200.delivered_days where entity in ('purchase_orders', 'receiving_orders');

create temporary table plain_rows as
with periods as (
    select distinct d.subject, p.*
    from plain_days as d
    cross join lateral (values
        ('daily', d.day, d.day),
        ('weekly', d.day - extract(isodow from d.day)::integer + 1, d.day - extract(isodow from d.day)::integer + 7),
        ('monthly', make_date(extract(year from d.day)::integer, extract(month from d.day)::integer, 1),
            (make_date(extract(year from d.day)::integer, extract(month from d.day)::integer, 1) + interval '1 month - 1 day')::date),
        ('quarterly', make_date(extract(year from d.day)::integer, extract(quarter from d.day)::integer * 3 - 2, 1),
            (make_date(extract(year from d.day)::integer, extract(quarter from d.day)::integer * 3 - 2, 1) + interval '3 months - 1 day')::date)
    ) as p (granularity, period_start, period_end)
),
counted as (
    select p.*, f.location_id, f.product_id, f.qty, f.value
    from periods as p
    join plain_facts as f on f.subject = p.subject and f.day between p.period_start and p.period_end
    where p.subject = 'sales_values' or f.day = (
        select max(d.day) from plain_days as d
        where d.subject = p.subject and d.day between p.period_start and p.period_end
    )
)
select granularity || '_' || subject as table_name, place.location_id, period_start, period_end,
    sum(qty) as total_qty, sum(value) as total_value, count(distinct product_id) as product_count
from counted
cross join lateral (values (counted.location_id), (null)) as place (location_id)
group by granularity, subject, place.location_id, period_start, period_end;
