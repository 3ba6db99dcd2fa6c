-- The roles of a scope and who may assume whom, by the settings catwing.roles (names) and
-- catwing.memberships (role>member), parted by commas. Roles belong to the whole cluster, so other
-- databases may have made them, or make them right now.
do $roles$
declare
    each_role text;
    each_pair text;
    is_way boolean;
    granted text;
    grantee text;
    may_assume boolean;
begin
    foreach each_role in array string_to_array(current_setting('catwing.roles'), ',') loop
        -- What a loader may do as owner it does by assuming the owner, aloud: between the two stands
        -- a role that inherits nothing. All else is inherited from what all tenants may do.
        is_way := each_role like '%\_as\_owner';
        if not exists (select from pg_roles where rolname = each_role) then
            begin
                execute format('create role %I nologin %s', each_role, case when is_way then 'noinherit' else 'inherit' end);
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
        for attempt in 1..5 loop
            exit when exists (select from pg_roles where rolname = each_role and rolinherit <> is_way);
            begin
                execute format('alter role %I %s', each_role, case when is_way then 'noinherit' else 'inherit' end);
            exception when internal_error then
                null; -- "Tuple concurrently updated": another database's migration does the same.
            end;
        end loop;

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

    foreach each_pair in array string_to_array(current_setting('catwing.memberships'), ',') loop
        granted := split_part(each_pair, '>', 1);
        grantee := split_part(each_pair, '>', 2);
        if not exists (
            select from pg_auth_members
            where roleid = quote_ident(granted)::regrole and member = quote_ident(grantee)::regrole
        ) then
            begin
                execute format('grant %I to %I', granted, grantee);
            exception when unique_violation then
                null;
            end;
        end if;
    end loop;

    -- Before loaders inherited, they were members of their owners themselves.
    granted := current_setting('catwing.owner_role');
    grantee := current_setting('catwing.loader_role');
    if exists (
        select from pg_auth_members
        where roleid = quote_ident(granted)::regrole and member = quote_ident(grantee)::regrole
    ) then
        begin
            execute format('revoke %I from %I', granted, grantee);
        exception when internal_error then
            null;
        end;
    end if;
end
$roles$;
