//! Migrations go up, down and up again; whole or not at all; one at a time.

use anyhow::Result;
use catwing_migrations::{
    MigrationError, Scope, down, migrate_global, migrate_tenant, remove_tenant, status,
};
use sea_orm::sqlx::{PgPool, postgres::PgPoolOptions};

use catwing_tests::servers::TestDatabase;

use crate::database::{TwoTenants, a, connect, execute, lines, names_of, options};

/// Everything that a migration could leave behind, a line each, with nothing that counts up.
async fn catalog_dump(pool: &PgPool) -> Result<Vec<String>> {
    lines(
        pool,
        "select concat_ws(' ', 'schema', nspname, nspowner::regrole, nspacl::text, obj_description(oid, 'pg_namespace'))
         from pg_namespace where nspname like 'cw\\_%' or nspname = 'public'
         union all
         select concat_ws(' ', 'relation', c.oid::regclass, c.relkind, c.relowner::regrole, c.relacl::text,
             c.reloptions::text, c.relrowsecurity, obj_description(c.oid, 'pg_class'))
         from pg_class as c join pg_namespace as n on n.oid = c.relnamespace where n.nspname like 'cw\\_%' or n.nspname = 'public'
         union all
         select concat_ws(' ', 'column', a.attrelid::regclass, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod),
             a.attnotnull, a.attidentity, a.attacl::text, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum))
         from pg_attribute as a join pg_class as c on c.oid = a.attrelid join pg_namespace as n on n.oid = c.relnamespace
         left join pg_attrdef as d on d.adrelid = c.oid and d.adnum = a.attnum
         where a.attnum > 0 and n.nspname like 'cw\\_%'
         union all
         select concat_ws(' ', 'constraint', conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid))
         from pg_constraint where connamespace in (select oid from pg_namespace where nspname like 'cw\\_%')
         union all
         select concat_ws(' ', 'index', indexrelid::regclass, pg_get_indexdef(indexrelid))
         from pg_index join pg_class as c on c.oid = indexrelid join pg_namespace as n on n.oid = c.relnamespace
         where n.nspname like 'cw\\_%'
         union all
         select concat_ws(' ', 'function', p.proacl::text, pg_get_functiondef(p.oid), obj_description(p.oid, 'pg_proc'))
         from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace where n.nspname like 'cw\\_%'
         union all
         select concat_ws(' ', 'policy', tablename, policyname, roles::text, cmd, qual, with_check)
         from pg_policies where schemaname like 'cw\\_%'
         union all
         select concat_ws(' ', 'default', defaclrole::regrole, defaclnamespace::regnamespace, defaclobjtype, defaclacl::text)
         from pg_default_acl
         union all
         select concat_ws(' ', 'type', t.typname, t.typtype) from pg_type as t join pg_namespace as n on n.oid = t.typnamespace
         where n.nspname like 'cw\\_%' and t.typtype <> 'c' and t.typelem = 0
         order by 1",
    )
    .await
}

#[tokio::test]
async fn up_down_up_leaves_no_difference() -> Result<()> {
    let database = TestDatabase::create().await?;
    let pool = connect(options(&database)?).await?;
    let names = names_of(a());
    let tenant = Scope::Tenant(&names);

    let global_up = migrate_global(&pool).await?;
    let of_global = catalog_dump(&pool).await?;
    let tenant_up = migrate_tenant(&pool, &names).await?;
    let of_both = catalog_dump(&pool).await?;
    // Those of the tenant's own schema come first, then staging's, then those of statistics.
    let all = &tenant_up.migrations;
    let of_tenant = status(&pool, tenant).await?.len();
    let of_staging = status(&pool, Scope::Staging(&names)).await?.len();
    let of_stats = status(&pool, Scope::Stats(&names)).await?.len();
    assert!(global_up.migrations.len() > 7 && of_tenant > 20 && of_staging > 1 && of_stats > 1);
    assert_eq!(of_tenant + of_staging + of_stats, all.len());

    // Staging refers to the tenant's tables, which can't go before it.
    assert!(matches!(
        down(&pool, tenant, None).await,
        Err(MigrationError::Revert { .. })
    ));
    let staging = down(&pool, Scope::Staging(&names), None).await?;
    let newest_first = |migrations: &[String]| migrations.iter().rev().cloned().collect::<Vec<_>>();
    assert_eq!(
        staging.migrations,
        newest_first(&all[of_tenant..of_tenant + of_staging])
    );

    // One step back, then all of them: the newest goes first, and nothing but the list stays.
    let one = down(&pool, tenant, Some(1)).await?;
    assert_eq!(one.migrations, all[of_tenant - 1..of_tenant]);
    let pending: Vec<_> = status(&pool, tenant)
        .await?
        .into_iter()
        .filter(|m| !m.applied)
        .map(|m| m.name)
        .collect();
    assert_eq!(pending, one.migrations);
    assert_eq!(
        down(&pool, tenant, None).await?.migrations,
        newest_first(&all[..of_tenant - 1])
    );
    let statistics = down(&pool, Scope::Stats(&names), None).await?;
    assert_eq!(
        statistics.migrations,
        newest_first(&all[of_tenant + of_staging..])
    );
    let relations = lines(
        &pool,
        "select relname::text from pg_class where relkind = 'r' and relnamespace in \
         ('cw_200'::regnamespace, 'cw_200_staging'::regnamespace, 'cw_200_stats'::regnamespace)",
    )
    .await?;
    assert_eq!(relations, ["seaql_migrations"; 3]);

    assert_eq!(migrate_tenant(&pool, &names).await?, tenant_up);
    assert_eq!(catalog_dump(&pool).await?, of_both);
    assert_eq!(
        migrate_tenant(&pool, &names).await?.migrations,
        Vec::<String>::new()
    );
    assert_eq!(
        catalog_dump(&pool).await?,
        of_both,
        "once more changes nothing"
    );

    // The shared tables can't go while a tenant refers to them.
    assert!(matches!(
        down(&pool, Scope::Global, None).await,
        Err(MigrationError::Revert { .. })
    ));
    remove_tenant(&pool, &names).await?;
    assert_eq!(
        catalog_dump(&pool).await?,
        of_global,
        "a removed tenant leaves nothing"
    );
    assert_eq!(
        down(&pool, Scope::Global, None).await?.migrations.len(),
        global_up.migrations.len()
    );
    assert_eq!(migrate_global(&pool).await?, global_up);
    assert_eq!(catalog_dump(&pool).await?, of_global);
    pool.close().await;
    Ok(())
}

#[tokio::test]
async fn a_tenant_is_migrated_whole_or_not_at_all() -> Result<()> {
    let database = TestDatabase::create().await?;
    let pool = connect(options(&database)?).await?;
    let names = names_of(a());
    assert!(matches!(
        migrate_tenant(&pool, &names).await,
        Err(MigrationError::GlobalFirst)
    ));
    migrate_global(&pool).await?;

    let states = status(&pool, Scope::Tenant(&names)).await?;
    assert!(!states.is_empty() && states.iter().all(|state| !state.applied));
    // Something stands where the fourth of the migrations makes a table.
    migrate_tenant(&pool, &names).await?;
    down(&pool, Scope::Staging(&names), None).await?;
    down(&pool, Scope::Tenant(&names), None).await?;
    execute(
        &mut *pool.acquire().await?,
        "set role cw_200_owner; create table cw_200.quarantine (id bigint); reset role",
    )
    .await?;
    let before = catalog_dump(&pool).await?;
    let error = migrate_tenant(&pool, &names)
        .await
        .expect_err("a table is in the way");
    assert!(matches!(error, MigrationError::Migrate { .. }), "{error:?}");
    assert_eq!(catalog_dump(&pool).await?, before);

    let mut hostile = names.clone();
    hostile.schema = "cw_200\"; drop schema cw_200 cascade; --".into();
    assert!(matches!(
        migrate_tenant(&pool, &hostile).await,
        Err(MigrationError::Name(_))
    ));
    let mut another = names.clone();
    another.schema = "cw_200_stats".into();
    another.owner_role = "cw_201_owner".into();
    another.loader_role = "cw_201_loader".into();
    another.reader_role = "cw_201_reader".into();
    let error = migrate_tenant(&pool, &another)
        .await
        .expect_err("the schema has another owner");
    assert!(matches!(error, MigrationError::Prepare { .. }), "{error:?}");
    pool.close().await;
    Ok(())
}

#[tokio::test]
async fn migrators_take_turns_in_a_database_and_share_roles_between_databases() -> Result<()> {
    // Roles that no other test makes, so that here they are new.
    let number = 900_000 + std::process::id() % 99_000;
    let tenant = format!("CW-{number:06}").parse()?;
    let names = names_of(tenant);
    let (one, other) = (TestDatabase::create().await?, TestDatabase::create().await?);
    let (first, second) = (
        connect(options(&one)?).await?,
        connect(options(&other)?).await?,
    );
    tokio::try_join!(
        migrate_global(&first),
        migrate_global(&second),
        migrate_global(&first)
    )?;
    let (a, b, c) = tokio::try_join!(
        migrate_tenant(&first, &names),
        migrate_tenant(&second, &names),
        migrate_tenant(&first, &names),
    )?;
    let every = b.migrations.len();
    assert!(every > 20);
    assert_eq!(
        a.migrations.len() + c.migrations.len(),
        every,
        "one of two did it"
    );

    // Gone in one database, it is whole in the other.
    let whole = catalog_dump(&second).await?;
    remove_tenant(&first, &names).await?;
    assert_eq!(catalog_dump(&second).await?, whole);
    let mut connection = second.acquire().await?;
    execute(
        &mut connection,
        &format!(
            "set role {0}_loader; insert into {0}.genders values (1, 'x', now(), 1); reset role",
            names.schema
        ),
    )
    .await?;
    drop(connection);

    remove_tenant(&second, &names).await?;
    let roles = [&names.owner_role, &names.loader_role, &names.reader_role]
        .map(String::as_str)
        .join(", ");
    execute(&mut *second.acquire().await?, &format!("drop role {roles}")).await?;
    first.close().await;
    second.close().await;
    Ok(())
}

#[tokio::test]
async fn who_migrates_need_not_be_a_superuser() -> Result<()> {
    let database = TestDatabase::create().await?;
    let administrator = connect(options(&database)?).await?;
    migrate_global(&administrator).await?;
    let role = format!("catwing_test_migrator_{}", std::process::id());
    let mut connection = administrator.acquire().await?;
    // The shared roles may be older than this migrator, who then is told who may use them.
    execute(
        &mut connection,
        &format!(
            "create role {role} createrole;
             alter database \"{}\" owner to {role};
             grant cw_global_owner, cw_global_loader, cw_global_reader to {role} with admin option;",
            database.name()
        ),
    )
    .await?;

    let become_migrator = format!("set session authorization {role}");
    let pool = PgPoolOptions::new()
        .max_connections(2)
        .after_connect(move |connection, _| {
            let sql = become_migrator.clone();
            Box::pin(async move { execute(connection, &sql).await })
        })
        .connect_with(options(&database)?)
        .await?;
    let number = 800_000 + std::process::id() % 99_000;
    let names = names_of(format!("CW-{number:06}").parse()?);
    let applied = migrate_tenant(&pool, &names).await?.migrations;
    assert_eq!(
        applied.last().map(String::as_str),
        Some("m20261122_000003_signs")
    );
    for role in [&names.owner_role, &names.loader_role, &names.reader_role] {
        let mut connection = pool.acquire().await?;
        execute(&mut connection, &format!("set role {role}; reset role")).await?;
    }
    remove_tenant(&pool, &names).await?;
    pool.close().await;

    let roles = [&names.owner_role, &names.loader_role, &names.reader_role]
        .map(String::as_str)
        .join(", ");
    execute(
        &mut connection,
        &format!("drop role {roles}; reassign owned by {role} to current_user; drop owned by {role}; drop role {role}"),
    )
    .await?;
    drop(connection);
    administrator.close().await;
    Ok(())
}

#[tokio::test]
async fn a_migration_that_waits_too_long_says_so_and_changes_nothing() -> Result<()> {
    let two = TwoTenants::create().await?;
    let names = names_of(a());
    let hasty = connect(options(&two.database)?.options([("lock_timeout", "50ms")])).await?;
    down(&two.pool, Scope::Staging(&names), None).await?;
    let before = catalog_dump(&two.pool).await?;

    let mut reader = two.pool.begin().await?;
    execute(&mut reader, "select from cw_200.sales_orders").await?;
    let error = down(&hasty, Scope::Tenant(&names), None)
        .await
        .expect_err("somebody reads");
    assert!(matches!(error, MigrationError::Busy { .. }), "{error:?}");
    reader.rollback().await?;
    assert_eq!(catalog_dump(&two.pool).await?, before);

    let mut migrator = two.pool.begin().await?;
    execute(
        &mut migrator,
        "select pg_advisory_xact_lock(x'63617477696e67'::bigint)",
    )
    .await?;
    let error = migrate_global(&hasty).await.expect_err("another migrates");
    assert!(matches!(error, MigrationError::Busy { .. }), "{error:?}");
    migrator.rollback().await?;

    let reverted = down(&hasty, Scope::Tenant(&names), None).await?;
    assert!(reverted.migrations.len() > 20);
    hasty.close().await;
    Ok(())
}
