-- Purchase orders as they were: where and from which day on they counted as open.
insert into statistics_touched (subject, location_id, from_day, thru_day)
select distinct 'purchases', purchase.location_id, purchase.order_date, null::date
from purchase_orders as purchase
join won_purchase_orders as won on won.id = purchase.id
where won.replaces and purchase.order_date is not null
on conflict do nothing;
