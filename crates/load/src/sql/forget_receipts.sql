-- Purchase orders that replaced receipts counted for, and the days on which those changed what was open.
insert into touched_purchases (purchase_order_id, from_day)
select receipt.purchase_order_id, receipt.received_date
from receiving_orders as receipt
join won_receiving_orders as won on won.id = receipt.id
where won.replaces and receipt.purchase_order_id is not null;
