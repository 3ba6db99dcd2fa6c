-- Products get small numbers, so that sets of them are bits, 64 to a row: counted in one pass, without a sort,
-- and joined over days and places by a single operation. Those that have a number keep it.
insert into statistics_products (product, ordinal)
select
    p.id,
    (select coalesce(max(ordinal) + 1, 0) from statistics_products) + row_number() over (order by p.id) - 1
from products as p
where not exists (select from statistics_products as known where known.product = p.id);

insert into refresh_products (product_id, ordinals, bit, one)
select
    product, ordinal / 64, 1::bigint << (ordinal % 64)::integer,
    ('1' || repeat('0', 8 * (ordinal % 64)::integer))::numeric
from statistics_products;

analyze refresh_products;
