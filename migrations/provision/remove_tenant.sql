-- Takes a tenant out of this database. Its roles stay: they belong to the whole cluster, another
-- database may use them, and once the schemas are gone they may do nothing here.
do $remove$
declare
    owner_role constant text := current_setting('catwing.owner_role');
    loader_role constant text := current_setting('catwing.loader_role');
    reader_role constant text := current_setting('catwing.reader_role');
begin
    perform set_config('role', owner_role, true);
    execute format(
        'drop schema if exists %I, %I, %I cascade',
        current_setting('catwing.schema'),
        current_setting('catwing.staging_schema'),
        current_setting('catwing.stats_schema')
    );

    perform set_config('role', 'cw_global_owner', true);
    execute format('revoke all on all tables in schema cw_global from %I, %I, %I', owner_role, loader_role, reader_role);
    execute format('revoke all on all functions in schema cw_global from %I', loader_role);
    execute format('revoke all on schema cw_global from %I, %I, %I', owner_role, loader_role, reader_role);
    execute format(
        'alter default privileges in schema cw_global revoke all on tables from %I, %I, %I',
        owner_role, loader_role, reader_role
    );
    perform set_config('role', 'none', true);
    execute format('revoke all on database %I from %I', current_database(), loader_role);
end
$remove$;
