drop table transfer_order_lines;
drop table transfer_orders;
drop table store_order_lines;
drop table store_orders;
drop table receiving_order_lines;
drop table receiving_orders;
drop table purchase_order_lines;
drop table purchase_orders;
