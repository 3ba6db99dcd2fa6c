drop table customers;
drop table locations;
drop table products;
drop table product_categories;
drop table brands;
