-- The cost of products in force by day, worked out again from the first day on which anything that
-- was known of it has changed. A cost stays in force until another one is known.
create temp table stage_costs on commit drop as
with touched as (
    select product_id, min(from_day) as from_day
    from touched_costs
    group by product_id
), days as (
    select touched.product_id, touched.from_day as day from touched
    union
    select touched.product_id, line.list_date
    from touched
    join supplier_price_list_lines as line
        on line.product_id = touched.product_id and line.list_date > touched.from_day
    union
    select touched.product_id, record.record_date
    from touched
    join product_cost_records as record
        on record.product_id = touched.product_id and record.record_date > touched.from_day
), known as (
    select days.product_id, days.day, own.unit_cost as own_cost, own.currency_id as own_currency_id,
        -- The second look is only taken where the first finds nothing.
        coalesce(
            (
                select line.id
                from supplier_price_list_lines as line
                where line.product_id = days.product_id
                    and line.list_date <= days.day
                    and line.supplier_id = own.supplier_id
                order by line.list_date desc
                limit 1
            ),
            (
                select line.id
                from supplier_price_list_lines as line
                where line.product_id = days.product_id
                    and line.list_date <= days.day
                    and line.is_default
                    and not exists (
                        select
                        from supplier_price_list_lines as later
                        where later.product_id = line.product_id
                            and later.supplier_id = line.supplier_id
                            and later.list_date > line.list_date
                            and later.list_date <= days.day
                    )
                order by line.source_version desc, line.raw_position desc, line.id
                limit 1
            )
        ) as line_id
    from days
    left join lateral (
        select record.supplier_id, record.unit_cost, record.currency_id
        from product_cost_records as record
        where record.product_id = days.product_id and record.record_date <= days.day
        order by record.record_date desc
        limit 1
    ) as own on true
)
select known.product_id, known.day,
    case when line.id is null then known.own_cost else line.unit_cost end as unit_cost,
    case when line.id is null then known.own_currency_id else line.currency_id end as currency_id
from known
left join supplier_price_list_lines as line on line.id = known.line_id;

create temp table gone_costs on commit drop as
with gone as (
    delete from product_costs as cost
    using (select product_id, min(from_day) as from_day from touched_costs group by product_id) as touched
    where cost.product_id = touched.product_id and cost.from_date >= touched.from_day
    returning cost.product_id, cost.from_date, cost.thru_date, cost.unit_cost, cost.currency_id
)
select * from gone;

insert into product_costs (product_id, from_date, thru_date, unit_cost, currency_id)
select changed.product_id, changed.day, null, changed.unit_cost, changed.currency_id
from (
    select stage.product_id, stage.day, stage.unit_cost, stage.currency_id,
        case
            when lag(stage.day) over days is null
            then (before.unit_cost, before.currency_id) is distinct from (stage.unit_cost, stage.currency_id)
            else (lag(stage.unit_cost) over days, lag(stage.currency_id) over days)
                is distinct from (stage.unit_cost, stage.currency_id)
        end as is_change
    from stage_costs as stage
    left join lateral (
        select cost.unit_cost, cost.currency_id
        from product_costs as cost
        where cost.product_id = stage.product_id and cost.from_date < stage.day
        order by cost.from_date desc
        limit 1
    ) as before on true
    window days as (partition by stage.product_id order by stage.day)
) as changed
where changed.is_change;

update product_costs as cost
set thru_date = follows.thru_date
from (
    select product_id, from_date,
        lead(from_date) over (partition by product_id order by from_date) - 1 as thru_date
    from product_costs
    where product_id in (select product_id from touched_costs)
) as follows
where cost.product_id = follows.product_id
    and cost.from_date = follows.from_date
    and cost.thru_date is distinct from follows.thru_date;

-- What differs is named by its days, for the value of stock.
insert into statistics_touched (subject, location_id, from_day, thru_day)
select distinct 'costs', null::bigint, changed.from_day, changed.thru_day
from (
    select min(from_date) as from_day,
        case when bool_or(thru_date is null) then null else max(thru_date) end as thru_day
    from (
        select coalesce(now.product_id, gone.product_id) as product_id,
            coalesce(now.from_date, gone.from_date) as from_date,
            case
                when now.product_id is null then gone.thru_date
                when gone.product_id is null then now.thru_date
                when now.thru_date is null or gone.thru_date is null then null
                else greatest(now.thru_date, gone.thru_date)
            end as thru_date
        from (
            select cost.*
            from product_costs as cost
            join (select product_id, min(from_day) as from_day from touched_costs group by product_id) as touched
                on touched.product_id = cost.product_id and touched.from_day <= cost.from_date
        ) as now
        full join gone_costs as gone
            on gone.product_id = now.product_id and gone.from_date = now.from_date
        where (now.from_date, now.unit_cost, now.currency_id)
            is distinct from (gone.from_date, gone.unit_cost, gone.currency_id)
    ) as differing
    group by product_id
) as changed
on conflict do nothing;
