alter table products
    drop column supplier_id,
    drop column declared_cost,
    drop column declared_price,
    drop column declared_currency_id,
    drop column cost,
    drop column cost_currency_id,
    drop column price,
    drop column currency_id;
comment on table products is
    'Products and services that documents name. Cost, price and supplier come with the tables that they derive from';
drop table product_costs;
drop table product_cost_records;
drop table supplier_price_list_lines;
drop table supplier_price_lists;
drop table location_relationships;
drop table product_translations;
drop table product_images;
drop table product_attributes;
drop table x_supplier_products;
drop table x_supplier_brands;
drop table suppliers;
