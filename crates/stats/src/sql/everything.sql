-- Everything has to be computed again. No forecast is in force yet: what stands there is none of ours.
delete from statistics_sales_documents;
delete from statistics_sales_products;
delete from statistics_products;
insert into refresh_changes (subject, from_day, thru_day)
values
    ('sales', '-infinity', 'infinity'),
    ('inventory', '-infinity', 'infinity'),
    ('purchases', '-infinity', 'infinity'),
    ('demand', '-infinity', 'infinity');
