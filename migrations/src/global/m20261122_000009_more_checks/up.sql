-- Wrong facts that the tables before admitted; transform refuses what a record could bring here.

-- No text is empty: what a source leaves empty is absent, which is null. Scopes are: the empty one is all
-- of a dataset. What was delivered and refused, and what a failure said, stand as they came.
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
            and t.typname = 'text' and a.attname not in ('scope', 'error_message')
            and (c.relname <> 'quarantine' or a.attname in ('entity', 'object_key', 'rule', 'message'))
        group by c.relname order by c.relname
    loop
        execute format(
            'alter table %I add constraint %I check (%s)',
            each_table.relname, each_table.relname || '_filled_check', each_table.filled
        );
    end loop;
end
$filled$;

-- The highest temperature of a day is not below its lowest.
alter table weather_observations
    add constraint weather_observations_temperature_check check (temperature_min <= temperature_max),
    add constraint weather_observations_apparent_check check (apparent_temperature_min <= apparent_temperature_max);
