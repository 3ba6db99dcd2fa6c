drop table cw_global.client_config;
drop table cw_global.currencies;
drop table cw_global.countries;
