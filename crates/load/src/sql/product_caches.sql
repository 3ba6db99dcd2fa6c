-- Cost and price of products as they are today, the tenant's newest applied business day.
update products as product
set cost = now.cost, cost_currency_id = now.cost_currency_id,
    price = now.price, currency_id = now.currency_id
from (
    select known.id,
        coalesce(offer.unit_cost, default_offer.unit_cost, known.declared_cost) as cost,
        case
            when offer.unit_cost is not null then offer.currency_id
            when default_offer.unit_cost is not null then default_offer.currency_id
            when known.declared_cost is not null then known.declared_currency_id
        end as cost_currency_id,
        coalesce(listed.price, known.declared_price) as price,
        case
            when listed.price is not null then listed.currency_id
            when known.declared_price is not null then known.declared_currency_id
        end as currency_id
    from products as known
    left join x_supplier_products as offer
        on offer.product_id = known.id and offer.supplier_id = known.supplier_id
    left join (
        select distinct on (product_id) product_id, unit_cost, currency_id
        from x_supplier_products
        where is_default
        order by product_id, source_version desc, raw_position desc, id
    ) as default_offer on default_offer.product_id = known.id
    left join (
        select distinct on (list.product_id) list.product_id, list.price, list.currency_id
        from pricing_lists as list
        join price_kinds as kind on kind.id = list.price_kind_id
        where list.is_active and kind.is_active and list.location_id is null
            and list.from_date <= $today and coalesce(list.thru_date, $today) >= $today
        order by list.product_id, kind.rank desc, list.from_date desc, list.id
    ) as listed on listed.product_id = known.id
) as now
where product.id = now.id
    and (product.cost, product.cost_currency_id, product.price, product.currency_id)
        is distinct from (now.cost, now.cost_currency_id, now.price, now.currency_id);
