-- What a foreign key's trigger does for one row, for a set of them: a load that checks its references set
-- by set looks that the rows are there, and holds them until it commits.
create function cw_global.hold_rows(referenced regclass, ids bigint[]) returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $function$
declare
    missing bigint;
begin
    if not exists (
        select from pg_class
        where oid = referenced and relnamespace = 'cw_global'::regnamespace and relkind = 'r'
    ) then
        raise exception '% is no table of cw_global', referenced
            using errcode = 'invalid_parameter_value';
    end if;
    execute format(
        'with held as materialized (select id from %s where id = any($1) for key share)
         select given.id from unnest($1) as given (id)
         where given.id is not null and given.id not in (select id from held) limit 1',
        referenced
    ) into missing using ids;
    return missing;
end
$function$;
comment on function cw_global.hold_rows(regclass, bigint[]) is
    'Holds rows that a tenant''s load refers to, as the trigger of a foreign key does; gives an id that no row has, or null';
revoke all on function cw_global.hold_rows(regclass, bigint[]) from public;
