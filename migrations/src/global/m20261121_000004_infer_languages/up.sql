-- Beside currencies, what a tenant's load may write outside of its own schema: languages that only
-- records have named so far. What is written depends on the key alone, so that it is the same
-- whichever tenant comes first.

create function cw_global.infer_languages(ids bigint[], codes text[]) returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $function$
declare
    wrong record;
begin
    if cardinality(ids) <> cardinality(codes) then
        raise exception '% ids were given for % language codes', cardinality(ids), cardinality(codes)
            using errcode = 'invalid_parameter_value';
    end if;
    select given.code into wrong
    from unnest(ids, codes) as given (id, code)
    where given.id is null or given.id < 0 or given.code is null or given.code !~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'
    limit 1;
    if found then
        raise exception 'language code "%" is not like en or pt-BR, or its id is not a key', wrong.code
            using errcode = 'invalid_parameter_value';
    end if;

    -- Nothing is locked for writing unless a code is new: a load must not hold up the migrations
    -- and loads of other tenants. The order by id keeps two of them from waiting for each other.
    if exists (
        select from unnest(ids) as given (id)
        where not exists (select from cw_global.languages as known where known.id = given.id)
    ) then
        insert into cw_global.languages (id, code, name)
        select distinct given.id, given.code, given.code
        from unnest(ids, codes) as given (id, code)
        order by given.id
        on conflict do nothing;
    end if;

    select given.id, given.code, known.code as known_code into wrong
    from unnest(ids, codes) as given (id, code)
    left join cw_global.languages as known on known.id = given.id
    where known.code is distinct from given.code
    limit 1;
    if found then
        raise exception 'language % can''t have the key %: the key or the code belongs to another row',
            wrong.code, wrong.id
            using errcode = 'unique_violation',
                detail = coalesce('the key is that of ' || wrong.known_code, 'the code has another key'),
                hint = 'keys of languages are computed without a salt, by one formula';
    end if;
end
$function$;

comment on function cw_global.infer_languages(bigint[], text[]) is
    'Adds languages that records name: name is the code; rows that exist stay as they are';
revoke all on function cw_global.infer_languages(bigint[], text[]) from public;

-- The shared tenant's own loads name currencies too.
grant execute on function cw_global.infer_currencies(bigint[], text[]) to cw_global_loader;
grant execute on function cw_global.infer_languages(bigint[], text[]) to cw_global_loader;
