-- Staged facts that no file can have.

-- No text is empty: what a source leaves empty is absent, which is null. What a failure said stands as it
-- came.
do $filled$
declare
    each_table record;
begin
    for each_table in
        select c.relname, string_agg(format('%I <> ''''', a.attname), ' and ' order by a.attnum) as filled
        from pg_catalog.pg_class as c
        join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        join pg_catalog.pg_type as t on t.oid = a.atttypid
        where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and c.relname <> 'seaql_migrations'
            and t.typname = 'text' and a.attname <> 'error_message'
        group by c.relname order by c.relname
    loop
        execute format(
            'alter table %I add constraint %I check (%s)',
            each_table.relname, each_table.relname || '_filled_check', each_table.filled
        );
    end loop;
end
$filled$;

-- A column has an average and a deviation where it has numbers, else neither.
alter table staging_column_profiles
    add constraint staging_column_profiles_numbers_check check ((mean_value is null) = (stddev_value is null));
