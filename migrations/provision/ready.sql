-- Which of some tenants were migrated by this very version: all three lists of migrations say so, and the
-- schemas and roles are there, also in a cluster that a database was restored to.
select coalesce(
    (
        select count(*) = 3
        from pg_class as list
        join pg_namespace as schema on schema.oid = list.relnamespace
        where list.relname = 'seaql_migrations' and list.relkind = 'r'
            and obj_description(list.oid, 'pg_class') like '%; version ' || case schema.nspname
                when tenant.schema then $7 when tenant.staging_schema then $8 when tenant.stats_schema then $9
            end
    )
    and (
        select count(*) = 3
        from pg_namespace as schema
        where schema.nspname in (tenant.schema, tenant.staging_schema, tenant.stats_schema)
            and schema.nspowner = owner.oid
    )
    and not exists (
        select from pg_roles as role
        where role.oid in (owner.oid, loader.oid, reader.oid)
            and (role.rolsuper or role.rolbypassrls or role.rolcreaterole or role.rolreplication)
    )
    and pg_has_role(loader.oid, owner.oid, 'member') and not pg_has_role(loader.oid, owner.oid, 'usage')
    and pg_has_role(owner.oid, to_regrole('cw_global_tenant_owner'), 'usage')
    and pg_has_role(loader.oid, to_regrole('cw_global_tenant_loader'), 'usage')
    and pg_has_role(reader.oid, to_regrole('cw_global_tenant_reader'), 'usage'),
    false
) as ready
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
    with ordinality as tenant (schema, staging_schema, stats_schema, owner_role, loader_role, reader_role, place)
left join pg_roles as owner on owner.rolname = tenant.owner_role
left join pg_roles as loader on loader.rolname = tenant.loader_role
left join pg_roles as reader on reader.rolname = tenant.reader_role
order by tenant.place
