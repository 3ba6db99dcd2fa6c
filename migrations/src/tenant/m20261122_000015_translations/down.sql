drop table supplier_available_products;
drop table supplier_translations;
drop table location_translations;
drop table product_category_translations;
