drop table cw_global.currency_rates;
drop table cw_global.languages;
