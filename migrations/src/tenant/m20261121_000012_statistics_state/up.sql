-- What statistics were computed with, so that a refresh knows what has changed beside the tenant's own
-- facts; and the days of facts as indexes, which a refresh goes by.

create table statistics_state (
    base_currency_id bigint not null primary key references cw_global.currencies (id),
    tables_identity bigint not null
);
comment on table statistics_state is
    'What statistics rest on as a whole: one row once they were computed; with anything else they are computed again from the beginning';
comment on column statistics_state.base_currency_id is 'Currency of their values';
comment on column statistics_state.tables_identity is
    'Object id of the tables that they were written to: others after a restore, or once the schema was dropped and made again';

create table statistics_rates (
    currency_id bigint not null references cw_global.currencies (id),
    effective_date date not null,
    rate numeric(20,10) not null check (rate > 0),
    primary key (currency_id, effective_date)
);
comment on table statistics_rates is
    'Rates of exchange as they were when statistics were refreshed last: a difference from the shared ones is what to compute again';
comment on column statistics_rates.currency_id is 'Currency of which one unit was worth rate';
comment on column statistics_rates.effective_date is 'First day on which the rate was in force';
comment on column statistics_rates.rate is 'Units of the base currency';

create index sales_orders_order_date_idx on sales_orders (order_date);
create index sales_order_line_updates_update_date_idx on sales_order_line_updates (update_date);
