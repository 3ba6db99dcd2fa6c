-- Products whose dated offers a new list of the same supplier and day replaces, with the day.
insert into touched_costs (product_id, from_day)
select line.product_id, line.list_date
from supplier_price_list_lines as line
join won_supplier_price_lists as won on won.id = line.supplier_price_list_id
where won.replaces;
