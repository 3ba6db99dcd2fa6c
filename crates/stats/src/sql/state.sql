-- What these statistics were computed with.
delete from statistics_rates as noted
where not exists (
    select from refresh_rates as r
    where r.currency_id = noted.currency_id and r.effective_date = noted.effective_date
);
insert into statistics_rates (currency_id, effective_date, rate)
select currency_id, effective_date, rate from refresh_rates where effective_date > '-infinity'
on conflict (currency_id, effective_date) do update set rate = excluded.rate
where statistics_rates.rate <> excluded.rate;

delete from statistics_state
where (base_currency_id, tables_identity) is distinct from (
    (select base_currency_id from refresh_base), 'daily_sales_values'::regclass::oid::bigint
);
insert into statistics_state (base_currency_id, tables_identity)
select base_currency_id, 'daily_sales_values'::regclass::oid::bigint from refresh_base
on conflict do nothing;
