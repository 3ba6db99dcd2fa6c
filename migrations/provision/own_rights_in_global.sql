-- Takes away what a tenant's roles were once granted in cw_global themselves; now they are members of
-- the roles that hold such rights for all tenants.
do $own$
declare
    owner_role constant text := current_setting('catwing.owner_role');
    loader_role constant text := current_setting('catwing.loader_role');
    reader_role constant text := current_setting('catwing.reader_role');
    each_function text;
begin
    if not exists (
        select from pg_default_acl as defaults, aclexplode(defaults.defaclacl) as entry
        where defaults.defaclnamespace = to_regnamespace('cw_global')
            and entry.grantee = to_regrole(quote_ident(loader_role))
    ) then
        return;
    end if;
    perform set_config('role', 'cw_global_owner', true);
    execute format('revoke all on all tables in schema cw_global from %I, %I, %I', owner_role, loader_role, reader_role);
    -- Of a function without rights of its own, a revoke would make a list of them.
    for each_function in
        select distinct p.oid::regprocedure::text from pg_proc as p, aclexplode(p.proacl) as entry
        where p.pronamespace = to_regnamespace('cw_global')
            and entry.grantee in (to_regrole(quote_ident(owner_role)), to_regrole(quote_ident(loader_role)))
    loop
        execute format('revoke all on function %s from %I, %I', each_function, owner_role, loader_role);
    end loop;
    execute format('revoke all on schema cw_global from %I, %I, %I', owner_role, loader_role, reader_role);
    execute format(
        'alter default privileges in schema cw_global revoke all on tables from %I, %I, %I',
        owner_role, loader_role, reader_role
    );
    perform set_config('role', 'none', true);
    execute format('revoke all on database %I from %I', current_database(), loader_role);
end
$own$;
