-- The one thing that a tenant's load may write outside of its own schema: currencies that only
-- documents have named so far. What is written depends on the key alone, so that it is the same
-- whichever tenant comes first.

create function cw_global.infer_currencies(ids bigint[], codes text[]) returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $function$
declare
    wrong record;
begin
    if cardinality(ids) <> cardinality(codes) then
        raise exception '% ids were given for % currency codes', cardinality(ids), cardinality(codes)
            using errcode = 'invalid_parameter_value';
    end if;
    select given.code into wrong
    from unnest(ids, codes) as given (id, code)
    where given.id is null or given.id < 0 or given.code is null or given.code !~ '^[A-Z]{3}$'
    limit 1;
    if found then
        raise exception 'currency code "%" is not three capital letters, or its id is not a key', wrong.code
            using errcode = 'invalid_parameter_value';
    end if;

    -- Nothing is locked for writing unless a code is new: a load must not hold up the migrations
    -- and loads of other tenants. The order by id keeps two of them from waiting for each other.
    if exists (
        select from unnest(ids) as given (id)
        where not exists (select from cw_global.currencies as known where known.id = given.id)
    ) then
        insert into cw_global.currencies (id, code, name, symbol)
        select distinct given.id, given.code, given.code, null
        from unnest(ids, codes) as given (id, code)
        order by given.id
        on conflict do nothing;
    end if;

    select given.id, given.code, known.code as known_code into wrong
    from unnest(ids, codes) as given (id, code)
    left join cw_global.currencies as known on known.id = given.id
    where known.code is distinct from given.code
    limit 1;
    if found then
        raise exception 'currency % can''t have the key %: the key or the code belongs to another row',
            wrong.code, wrong.id
            using errcode = 'unique_violation',
                detail = coalesce('the key is that of ' || wrong.known_code, 'the code has another key'),
                hint = 'keys of currencies are computed without a salt, by one formula';
    end if;
end
$function$;

comment on function cw_global.infer_currencies(bigint[], text[]) is
    'Adds currencies that documents name: name is the code, symbol is null; rows that exist stay as they are';
revoke all on function cw_global.infer_currencies(bigint[], text[]) from public;
