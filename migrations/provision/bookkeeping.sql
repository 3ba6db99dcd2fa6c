-- The list of applied migrations is the owner's alone to write. The setting catwing.loader_role
-- says who could, since every table of the schema is the loader's by default. The comment tells by its end
-- whether a later run of the same version has anything to do.
do $bookkeeping$
begin
    execute format('revoke insert, update, delete on seaql_migrations from %I', current_setting('catwing.loader_role'));
    execute format(
        'comment on table seaql_migrations is %L',
        'Migrations that are applied to this schema; version ' || current_setting('catwing.version')
    );
    comment on column seaql_migrations.version is 'Name of the migration';
    comment on column seaql_migrations.applied_at is 'When it was applied, in seconds since 1970';
end
$bookkeeping$;
