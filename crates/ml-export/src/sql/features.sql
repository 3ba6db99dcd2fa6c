-- The last column is not exported: a currency of the row that has no rate, which is an error.
, price_windows as materialized (
    -- A price that its source no longer lists was in force until the last delivery that listed it.
    select list.id, list.product_id, list.location_id, list.from_date, kind.rank, list.price, list.currency_id,
        case
            when list.is_active then list.thru_date
            else least(list.thru_date, date '1970-01-01' + (held.newest_position >> 47)::integer)
        end as thru_date
    from pricing_lists as list
    join price_kinds as kind on kind.id = list.price_kind_id
    left join (
        select row_id, max(newest_position) as newest_position
        from presence_keys where table_name = 'pricing_lists' group by row_id
    ) as held on held.row_id = list.id
    where kind.is_active and list.declared_active and (list.is_active or held.row_id is not null)
),
-- Places with prices of their own: there these compete with the prices of everywhere, which is -1.
price_places as materialized (
    select distinct product_id, location_id from price_windows where location_id is not null
),
priced as materialized (
    select product_id, coalesce(location_id, -1) as place, id, rank, from_date, thru_date, price, currency_id
    from price_windows
    union all
    select place.product_id, place.location_id, list.id, list.rank, list.from_date, list.thru_date, list.price,
        list.currency_id
    from price_places as place
    join price_windows as list on list.product_id = place.product_id and list.location_id is null
),
price_edges as (
    select distinct product_id, place, edge.day
    from priced
    cross join lateral (values (from_date), (thru_date + 1)) as edge (day)
    where edge.day is not null
),
price_days as (
    select distinct on (edge.product_id, edge.place, edge.day)
        edge.product_id, edge.place, edge.day, priced.price, priced.currency_id
    from price_edges as edge
    left join priced
        on priced.product_id = edge.product_id and priced.place = edge.place
        and priced.from_date <= edge.day and (priced.thru_date is null or priced.thru_date >= edge.day)
    order by edge.product_id, edge.place, edge.day, priced.rank desc, priced.from_date desc, priced.id
),
prices as materialized (
    select product_id, place, day as from_date, price, currency_id,
        lead(day) over (partition by product_id, place order by day) as next_date
    from price_days
),
calendar as materialized (
    select each.day::date as day,
        extract(isodow from each.day)::integer as day_of_week,
        extract(week from each.day)::integer as iso_week,
        extract(isoyear from each.day)::integer as iso_year,
        extract(month from each.day)::integer as month,
        extract(quarter from each.day)::integer as quarter,
        extract(day from each.day)::integer as day_of_month,
        extract(isodow from each.day) >= 6 as is_weekend
    from generate_series($from::timestamp, $thru::timestamp, interval '1 day') as each (day)
)
select product.external_id, place.external_id, fact.product_id, fact.location_id, fact.day,
    product.product_kind, category.external_id, brand.name, gender.name, tier.name, supplier.external_id,
    product.birth_date, kind.name,
    fact.sales_qty, fact.sales_value, fact.returns_qty, fact.returns_value, fact.sales_orders,
    fact.on_hand_qty, fact.reserved_qty, fact.in_transit_qty, fact.open_po_qty,
    case when price.currency_id = $base then price.price else round(price.price * price_rate.rate, 4) end,
    case when cost.currency_id = $base then cost.unit_cost else round(cost.unit_cost * cost_rate.rate, 4) end,
    calendar.day_of_week, calendar.iso_week, calendar.iso_year, calendar.month, calendar.quarter,
    calendar.day_of_month, calendar.is_weekend,
    coalesce(
        fact.unconverted_currency_id,
        case when price.currency_id <> $base and price_rate.rate is null then price.currency_id end,
        case when cost.currency_id <> $base and cost_rate.rate is null then cost.currency_id end
    )
from facts as fact
join products as product on product.id = fact.product_id
join locations as place on place.id = fact.location_id
join calendar on calendar.day = fact.day
left join product_categories as category on category.id = product.product_category_id
left join brands as brand on brand.id = product.brand_id
left join genders as gender on gender.id = product.gender_id
left join price_tiers as tier on tier.id = product.price_tier_id
left join suppliers as supplier on supplier.id = product.supplier_id
left join location_types as kind on kind.id = place.location_type_id
left join price_places as own
    on own.product_id = fact.product_id and own.location_id = fact.location_id
left join prices as price
    on price.product_id = fact.product_id and price.place = coalesce(own.location_id, -1)
    and price.from_date <= fact.day and (price.next_date is null or price.next_date > fact.day)
left join rates as price_rate on price_rate.currency_id = price.currency_id and price_rate.day = fact.day
left join product_costs as cost
    on cost.product_id = fact.product_id
    and cost.from_date <= fact.day and (cost.thru_date is null or cost.thru_date >= fact.day)
left join rates as cost_rate on cost_rate.currency_id = cost.currency_id and cost_rate.day = fact.day
order by product.external_id collate "C", place.external_id collate "C", fact.day
