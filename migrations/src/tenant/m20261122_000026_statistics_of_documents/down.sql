-- What a refresh noted here is known nowhere else, so that everything has to be computed again.
drop table statistics_sales_documents, statistics_sales_products, statistics_products;
delete from statistics_state;
