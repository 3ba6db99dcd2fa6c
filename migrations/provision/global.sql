-- The shared schema, who owns it, and what later tables in it admit.
do $global$
begin
    -- Nothing of Catwing is in public, and nothing that others put there is in its search paths.
    revoke all on schema public from public;

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
end
$global$;
