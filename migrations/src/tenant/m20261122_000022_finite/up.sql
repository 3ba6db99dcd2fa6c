-- No number is NaN or infinite and no date is infinity: PostgreSQL admits them in every column, and no
-- range check refuses them all.

do $finite$
declare
    each_table record;
begin
    for each_table in
        select c.relname, string_agg(
            case
                when t.typname = 'numeric' then format('%I <> ''NaN''', a.attname)
                when t.typname = 'float8' then format('%1$I > ''-infinity'' and %1$I < ''infinity''', a.attname)
                else format('isfinite(%I)', a.attname)
            end, ' and ' order by a.attnum
        ) as finite
        from pg_catalog.pg_class as c
        join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        join pg_catalog.pg_type as t on t.oid = a.atttypid
        where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'
            and t.typname in ('numeric', 'float8', 'date', 'timestamptz')
        group by c.relname order by c.relname
    loop
        execute format(
            'alter table %I add constraint %I check (%s)',
            each_table.relname, each_table.relname || '_finite_check', each_table.finite
        );
    end loop;
end
$finite$;
