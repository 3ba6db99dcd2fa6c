drop table delivered_days;
drop table inventory_sets;
drop table inventory_quantities;
drop table pricing_lists;
drop table price_kinds;
