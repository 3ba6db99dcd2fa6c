-- Takes a tenant out of this database. Its roles stay: they belong to the whole cluster and another
-- database may use them. Once the schemas are gone, all that they may do here is read cw_global.
do $remove$
begin
    perform set_config('role', current_setting('catwing.owner_role'), true);
    execute format(
        'drop schema if exists %I, %I, %I cascade',
        current_setting('catwing.schema'),
        current_setting('catwing.staging_schema'),
        current_setting('catwing.stats_schema')
    );
    perform set_config('role', 'none', true);
end
$remove$;
