-- Sixteen tables of one shape: what the UI reads. They have no id and no key into other schemas: rows
-- are computed from the tenant's tables, which have those keys, and are replaced whenever these change.
do $statistics$
declare
    granularity record;
    subject record;
    each_table text;
begin
    for granularity in
        select * from (values
            ('daily', 'day', 'period_end = period_start'),
            ('weekly', 'ISO week', 'extract(isodow from period_start) = 1 and period_end = period_start + 6'),
            ('monthly', 'month', 'extract(day from period_start) = 1'
                ' and period_end + 1 = period_start + interval ''1 month'''),
            ('quarterly', 'quarter', 'extract(day from period_start) = 1 and extract(month from period_start) in (1, 4, 7, 10)'
                ' and period_end + 1 = period_start + interval ''3 months''')
        ) as g (name, period, bounds)
    loop
        for subject in
            select * from (values
                ('inventory_values', 'Stock and its value at cost, on the last day of the %s that stock was delivered for',
                    'Quantity on hand',
                    'Value at the cost in force on the day, in the base currency; null where no cost was known'),
                ('sales_values', 'Sales of a %s, returns included with their sign',
                    'Quantity sold, less what came back',
                    'Value in the base currency'),
                ('pending_po_values', 'What purchase orders still wait for, on the last day of the %s with purchase data',
                    'Quantity ordered and not received',
                    'Value at the cost of the order''s line, in the base currency'),
                ('expected_demand', 'Demand of a %s that the forecasts in force expect',
                    'Quantity expected', 'Value in the base currency')
            ) as s (name, meaning, qty, value)
        loop
            each_table := granularity.name || '_' || subject.name;
            execute format(
                'create table %1$I (
                    location_id bigint check (location_id >= 0),
                    period_start date not null,
                    period_end date not null,
                    total_qty numeric(38,4) not null,
                    total_value numeric(38,4),
                    product_count bigint not null check (product_count > 0),
                    constraint %2$I unique nulls not distinct (location_id, period_start),
                    constraint %3$I check (period_start <= period_end and %4$s)
                )',
                each_table, each_table || '_natural_key', each_table || '_period_check', granularity.bounds
            );
            execute format('create index %I on %I (period_start)', each_table || '_period_start_idx', each_table);
            execute format('comment on table %I is %L', each_table, format(subject.meaning, granularity.period));
            execute format('comment on column %I.location_id is %L', each_table, 'Location; null for all of them');
            execute format('comment on column %I.period_start is %L', each_table, format('First day of the %s', granularity.period));
            execute format('comment on column %I.period_end is %L', each_table, format('Last day of the %s, inclusive', granularity.period));
            execute format('comment on column %I.total_qty is %L', each_table, subject.qty);
            execute format('comment on column %I.total_value is %L', each_table, subject.value);
            execute format('comment on column %I.product_count is %L', each_table, 'Distinct products with a row');
            if subject.name <> 'inventory_values' then
                execute format('alter table %I alter column total_value set not null', each_table);
            end if;
        end loop;
    end loop;
end
$statistics$;
