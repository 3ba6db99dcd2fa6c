-- A tenant's three schemas, who owns them, what its roles may do in them and in cw_global, by the
-- settings catwing.*. Whatever is granted already stays granted.
do $tenant$
declare
    owner_role constant text := current_setting('catwing.owner_role');
    loader_role constant text := current_setting('catwing.loader_role');
    reader_role constant text := current_setting('catwing.reader_role');
    each_schema text;
begin
    execute format('grant temporary on database %I to %I', current_database(), loader_role);

    foreach each_schema in array array[
        current_setting('catwing.schema'),
        current_setting('catwing.staging_schema'),
        current_setting('catwing.stats_schema')
    ] loop
        execute format('create schema if not exists %I authorization %I', each_schema, owner_role);
        if not exists (
            select from pg_namespace
            where nspname = each_schema and nspowner = owner_role::regrole
        ) then
            raise exception 'schema % is there and is not owned by %', each_schema, owner_role
                using hint = format('alter schema %I owner to %I, or use an empty database', each_schema, owner_role);
        end if;
    end loop;

    perform set_config('role', owner_role, true);
    foreach each_schema in array array[
        current_setting('catwing.schema'),
        current_setting('catwing.staging_schema'),
        current_setting('catwing.stats_schema')
    ] loop
        execute format('grant usage on schema %I to %I, %I', each_schema, loader_role, reader_role);
        execute format(
            'grant select, insert, update, delete on all tables in schema %I to %I',
            each_schema, loader_role
        );
        execute format('grant select on all tables in schema %I to %I', each_schema, reader_role);
        execute format(
            'alter default privileges in schema %I grant select, insert, update, delete on tables to %I',
            each_schema, loader_role
        );
        execute format(
            'alter default privileges in schema %I grant select on tables to %I',
            each_schema, reader_role
        );
    end loop;
    execute format('comment on schema %I is %L', current_setting('catwing.schema'), 'One tenant: what its raw archive says');
    execute format('comment on schema %I is %L', current_setting('catwing.staging_schema'), 'One tenant: what is checked before it is loaded');
    execute format('comment on schema %I is %L', current_setting('catwing.stats_schema'), 'One tenant: statistics, which can be dropped and rebuilt');

    perform set_config('role', 'cw_global_owner', true);
    execute format('grant usage on schema cw_global to %I, %I, %I', owner_role, loader_role, reader_role);
    execute format('grant select on all tables in schema cw_global to %I, %I, %I', owner_role, loader_role, reader_role);
    execute format('grant references on all tables in schema cw_global to %I', owner_role);
    execute format(
        'alter default privileges in schema cw_global grant select on tables to %I, %I, %I',
        owner_role, loader_role, reader_role
    );
    execute format('alter default privileges in schema cw_global grant references on tables to %I', owner_role);
    execute format('grant execute on function cw_global.infer_currencies(bigint[], text[]) to %I', loader_role);
    execute format('grant execute on function cw_global.infer_languages(bigint[], text[]) to %I', loader_role);
    execute format('grant execute on function cw_global.infer_cities(bigint[], text[], text[]) to %I', loader_role);
    execute format('grant execute on function cw_global.infer_users(bigint[], text[], bigint[]) to %I', loader_role);
    perform set_config('role', 'none', true);
end
$tenant$;
