alter table weather_observations
    drop constraint weather_observations_apparent_check,
    drop constraint weather_observations_temperature_check;
do $filled$
declare
    each_constraint record;
begin
    for each_constraint in
        select conrelid::regclass as relation, conname from pg_catalog.pg_constraint
        where connamespace = current_schema()::regnamespace and conname like '%\_filled\_check'
    loop
        execute format('alter table %s drop constraint %I', each_constraint.relation, each_constraint.conname);
    end loop;
end
$filled$;
