-- The shared rates as they are now, of the currencies that the tenant's facts are in.
insert into refresh_rates (currency_id, effective_date, rate)
select r.from_currency_id, r.effective_date, r.rate
from refresh_currencies as c
join cw_global.currency_rates as r on r.from_currency_id = c.currency_id
where r.to_currency_id = (select base_currency_id from refresh_base)
