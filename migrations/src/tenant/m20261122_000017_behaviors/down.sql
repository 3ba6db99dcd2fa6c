drop table category_behaviors;
drop table supplier_behaviors;
drop table location_behaviors;
drop table product_behaviors;
