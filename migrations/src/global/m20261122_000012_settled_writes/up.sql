-- What people have set is never changed: the one thing that may move is which reading of a write was the
-- first, which depends on the order of applying. Said again for databases that got the seventh migration
-- before it allowed a load to settle that.
create or replace function refuse_change_of_setting() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
begin
    if tg_op = 'UPDATE' then
        if (new.id, new.event_id) = (old.id, old.event_id)
            and (new.source_version, new.raw_position) < (old.source_version, old.raw_position)
            and (
                to_jsonb(new) - '{source_version,raw_position}'::text[]
                    = to_jsonb(old) - '{source_version,raw_position}'::text[]
                -- Two writes in raw that claim one event_id: the earlier reading counts, whichever was
                -- applied first. Only a load, which says so for its transaction, may settle that.
                or current_setting('catwing.settle_writes', true) = 'on'
            )
        then
            return new;
        end if;
    end if;
    raise exception '% is append-only: % is refused', tg_table_name, lower(tg_op)
        using errcode = 'integrity_constraint_violation',
            hint = 'a setting is never changed: add a row with an event_id of its own';
end
$function$;
