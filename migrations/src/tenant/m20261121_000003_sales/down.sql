drop table sales_order_line_updates;
drop table sales_order_lines;
drop table sales_orders;
