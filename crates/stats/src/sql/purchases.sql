-- What each line of a purchase order still waited for, from one change of it to the next, and so on each
-- day. Drafts and cancelled orders wait for nothing; neither does an order from the day on that it was
-- closed: its declared end, else for a status that says so its last receipt, else the day of its record.
create temporary table refresh_receipts on commit drop as
select r.id, r.purchase_order_id, r.received_date
from receiving_orders as r
where r.purchase_order_id is not null and (
        r.receiving_order_status_id is null
        or r.receiving_order_status_id not in (select id from receiving_order_statuses where lower(name) = 'cancelled')
    );
analyze refresh_receipts;

create temporary table refresh_closed_days on commit drop as
select
    o.id,
    case
        when o.closed_date is not null then o.closed_date
        when o.purchase_order_status_id in (
            select id from purchase_order_statuses where lower(name) in ('received', 'closed')
        ) then coalesce(l.received_date, date '1970-01-01' + (o.raw_position >> 47)::integer)
        else 'infinity'
    end as closed_day
from purchase_orders as o
left join (
    select purchase_order_id, max(received_date) as received_date
    from refresh_receipts group by purchase_order_id
) as l on l.purchase_order_id = o.id
where o.order_date is not null and (
        o.purchase_order_status_id is null
        or o.purchase_order_status_id not in (
            select id from purchase_order_statuses where lower(name) in ('draft', 'cancelled')
        )
    );
analyze refresh_closed_days;

create temporary table refresh_lines on commit drop as
select
    l.id, o.location_id, o.currency_id, l.product_id, l.unit_cost, l.ordered_qty,
    o.order_date as from_day, c.closed_day
from refresh_closed_days as c
join purchase_orders as o on o.id = c.id
join purchase_order_lines as l on l.purchase_order_id = o.id
where o.order_date < c.closed_day and exists (
        select from refresh_ranges as r
        where r.subject = 'purchases' and o.order_date <= r.thru_day and c.closed_day > r.from_day
    );
analyze refresh_lines;

create temporary table refresh_purchases on commit drop as
with changes as (
    select id as line_id, date '-infinity' as day, 0::numeric as qty from refresh_lines
    union all
    select l.id, r.received_date, sum(rl.received_qty)
    from refresh_lines as l
    join receiving_order_lines as rl on rl.purchase_order_line_id = l.id
    join refresh_receipts as r on r.id = rl.receiving_order_id
    group by l.id, r.received_date
),
steps as (
    select
        line_id, day as from_day,
        coalesce(lead(day) over of_line, 'infinity') as next_day,
        sum(qty) over of_line as received_qty
    from changes
    window of_line as (partition by line_id order by day)
)
select
    l.location_id, l.currency_id, l.product_id, l.unit_cost,
    l.ordered_qty - s.received_qty as qty,
    greatest(l.from_day, s.from_day) as from_day,
    least(l.closed_day, s.next_day) as next_day
from refresh_lines as l
join steps as s on s.line_id = l.id
where l.ordered_qty > s.received_qty and greatest(l.from_day, s.from_day) < least(l.closed_day, s.next_day);

analyze refresh_purchases;

create temporary table refresh_pending on commit drop as
select
    c.day,
    p.location_id,
    sum(p.qty) as qty,
    sum(round(p.qty * p.unit_cost * r.rate, 4)) as value,
    count(distinct p.product_id) as product_count,
    min(p.currency_id) filter (where r.rate is null) as unconverted_currency_id
from refresh_calendar as c
join refresh_purchases as p on c.day >= p.from_day and c.day < p.next_day
left join refresh_day_rates as r on r.day = c.day and r.currency_id = p.currency_id
where c.subject = 'purchases' and c.granularity = 'daily'
group by grouping sets ((c.day, p.location_id), (c.day));

insert into refresh_unconverted (day, currency_id)
select day, unconverted_currency_id from refresh_pending
where location_id is null and unconverted_currency_id is not null;

insert into refresh_rows
    (granularity, location_id, period_start, period_end, total_qty, total_value, product_count)
select 'daily', location_id, day, day, qty, coalesce(value, 0), product_count from refresh_pending;

analyze refresh_rows;
