select product.external_id, place.external_id, fact.product_id, fact.location_id, fact.day, fact.sales_qty,
    case when fact.day + 7 <= $thru then coalesce(sum(fact.sales_qty) over next_7, 0) end,
    case when fact.day + 28 <= $thru then coalesce(sum(fact.sales_qty) over next_28, 0) end
from facts as fact
join products as product on product.id = fact.product_id
join locations as place on place.id = fact.location_id
where product.product_kind = 'goods'
window
    next_7 as (
        partition by fact.product_id, fact.location_id order by fact.day
        range between interval '1 day' following and interval '7 days' following
    ),
    next_28 as (
        partition by fact.product_id, fact.location_id order by fact.day
        range between interval '1 day' following and interval '28 days' following
    )
order by product.external_id collate "C", place.external_id collate "C", fact.day
