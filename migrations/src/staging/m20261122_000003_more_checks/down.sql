alter table staging_column_profiles drop constraint staging_column_profiles_numbers_check;
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
