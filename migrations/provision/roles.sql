-- The three roles of a scope, by the settings catwing.owner_role, .loader_role and .reader_role.
-- Roles belong to the whole cluster, so other databases may have made them, or make them right now.
do $roles$
declare
    owner_role constant text := current_setting('catwing.owner_role');
    loader_role constant text := current_setting('catwing.loader_role');
    reader_role constant text := current_setting('catwing.reader_role');
    each_role text;
    may_assume boolean;
begin
    foreach each_role in array array[owner_role, loader_role, reader_role] loop
        if not exists (select from pg_roles where rolname = each_role) then
            begin
                -- noinherit: what a role may do as owner it does by assuming the owner, aloud.
                execute format('create role %I nologin noinherit', each_role);
            exception when duplicate_object or unique_violation then
                null; -- Another database's migration was faster; the role is there.
            end;
        end if;
        if exists (
            select from pg_roles
            where rolname = each_role and (rolsuper or rolbypassrls or rolcreaterole or rolreplication)
        ) then
            raise exception 'role % may do more than one tenant admits', each_role
                using errcode = 'invalid_role_specification',
                    hint = format(
                        'alter role %I nosuperuser nobypassrls nocreaterole noreplication', each_role
                    );
        end if;

        -- Who migrates must be able to become the role; a superuser is already.
        if current_setting('server_version_num')::integer >= 160000 then
            may_assume := pg_has_role(session_user, each_role, 'SET');
        else
            may_assume := pg_has_role(session_user, each_role, 'MEMBER');
        end if;
        if not may_assume then
            execute format('grant %I to %I', each_role, session_user);
        end if;
    end loop;

    if not pg_has_role(loader_role, owner_role, 'MEMBER') then
        begin
            execute format('grant %I to %I', owner_role, loader_role);
        exception when unique_violation then
            null;
        end;
    end if;
end
$roles$;
