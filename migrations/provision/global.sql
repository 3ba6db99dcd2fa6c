-- The shared schema, who owns it, and what later tables in it admit. What a tenant may do here it may
-- as a member of cw_global_tenant_owner, _loader or _reader: rights of each tenant's own would make
-- every list of rights as long as there are tenants, and each new tenant slower than the one before.
do $global$
begin
    -- Nothing of Catwing is in public, and nothing that others put there is in its search paths.
    revoke all on schema public from public;
    execute format(
        'grant temporary on database %I to cw_global_loader, cw_global_tenant_loader', current_database()
    );

    -- Lets loads check foreign keys set by set. Only a superuser can grant it; without it triggers do.
    -- The grant is the whole cluster's: another database's migration may be making it.
    if (select rolsuper from pg_roles where rolname = session_user)
        and not has_parameter_privilege('cw_global_tenant_loader', 'session_replication_role', 'SET')
    then
        begin
            grant set on parameter session_replication_role to cw_global_tenant_loader;
        exception when unique_violation or internal_error then
            null;
        end;
    end if;

    create schema if not exists cw_global authorization cw_global_owner;
    if not exists (
        select from pg_namespace
        where nspname = 'cw_global' and nspowner = 'cw_global_owner'::regrole
    ) then
        raise exception 'schema cw_global is there and is not owned by cw_global_owner'
            using hint = 'alter schema cw_global owner to cw_global_owner, or use an empty database';
    end if;

    perform set_config('role', 'cw_global_owner', true);
    comment on schema cw_global is 'Data that all tenants share';
    grant usage on schema cw_global to cw_global_loader, cw_global_reader;
    grant select, insert, update, delete on all tables in schema cw_global to cw_global_loader;
    grant select on all tables in schema cw_global to cw_global_reader;
    alter default privileges in schema cw_global
        grant select, insert, update, delete on tables to cw_global_loader;
    alter default privileges in schema cw_global grant select on tables to cw_global_reader;

    grant usage on schema cw_global
        to cw_global_tenant_owner, cw_global_tenant_loader, cw_global_tenant_reader;
    grant select on all tables in schema cw_global
        to cw_global_tenant_owner, cw_global_tenant_loader, cw_global_tenant_reader;
    grant references on all tables in schema cw_global to cw_global_tenant_owner;
    alter default privileges in schema cw_global
        grant select on tables to cw_global_tenant_owner, cw_global_tenant_loader, cw_global_tenant_reader;
    alter default privileges in schema cw_global grant references on tables to cw_global_tenant_owner;
end
$global$;
