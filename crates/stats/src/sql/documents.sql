-- What documents that have changed say less than before, and more: their facts of before with a minus, and
-- those of now. Documents that are neither a sale nor a return, and cancelled ones, do not count.
with taken as (
    delete from statistics_sales_documents returning sales_order, facts
)
insert into refresh_documents (id, facts)
select sales_order, facts from taken
-- Neighbours in an index are read together.
order by sales_order;

analyze refresh_documents;

insert into refresh_document_facts
    (day, location_id, currency_id, sales_order_type_id, sales_order_status_id, product_id, qty, value, times)
select
    (f.fact ->> 0)::date, (f.fact ->> 1)::bigint, (f.fact ->> 2)::bigint, (f.fact ->> 3)::bigint,
    (f.fact ->> 4)::bigint, (f.fact ->> 5)::bigint, (f.fact ->> 6)::numeric, (f.fact ->> 7)::numeric, -1
from refresh_documents as d
cross join lateral jsonb_array_elements(d.facts) as f (fact)
where d.facts is not null
    and (f.fact ->> 3)::bigint in (select id from refresh_counted_types)
    and ((f.fact ->> 4) is null or (f.fact ->> 4)::bigint not in (select id from refresh_cancelled))
union all
-- One probe each: there are few of them, however many documents there are.
select f.day, o.location_id, o.currency_id, o.sales_order_type_id, o.sales_order_status_id, f.product_id, f.qty, f.value, 1
from refresh_documents as d
cross join lateral (select * from sales_orders as s where s.id = d.id offset 0) as o
cross join lateral (
    select o.order_date as day, l.product_id, l.qty, l.line_value as value
    from sales_order_lines as l
    where l.sales_order_id = o.id
    union all
    select u.update_date, l.product_id, u.qty_delta, u.value_delta
    from sales_order_line_updates as u
    join sales_order_lines as l on l.id = u.sales_order_line_id
    where u.sales_order_id = o.id
    offset 0
) as f
where o.sales_order_type_id in (select id from refresh_counted_types)
    and (o.sales_order_status_id is null or o.sales_order_status_id not in (select id from refresh_cancelled));

insert into refresh_changes (subject, from_day, thru_day)
select distinct 'documents', day, day from refresh_document_facts;
