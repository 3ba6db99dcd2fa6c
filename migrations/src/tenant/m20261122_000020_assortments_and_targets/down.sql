drop table inventory_strategy_simulations;
drop table inventory_targets;
drop table x_assortment_products;
drop table assortments;
