//! One tenant's roles reach nothing of another tenant.

use anyhow::Result;
use catwing_domain::{Identifier, TenantId};
use sea_orm::sqlx::{self, PgConnection, PgPool};

use crate::database::{TwoTenants, a, b, execute, sqlstate};

const NOT_PERMITTED: &str = "42501";

/// Runs a statement as a role that logged in itself, and takes it back.
async fn attempt(pool: &PgPool, role: &Identifier, sql: &str) -> Result<(), sqlx::Error> {
    let mut transaction = pool.begin().await?;
    execute(
        &mut transaction,
        &format!("set local session authorization {role}"),
    )
    .await?;
    let outcome = execute(&mut transaction, sql).await;
    transaction.rollback().await?;
    outcome
}

async fn refused(pool: &PgPool, role: &Identifier, sql: &str) {
    match attempt(pool, role, sql).await {
        Ok(()) => panic!("{role} may {sql}"),
        Err(error) => assert_eq!(sqlstate(&error), NOT_PERMITTED, "{role}: {sql}: {error}"),
    }
}

async fn permitted(pool: &PgPool, role: &Identifier, sql: &str) {
    if let Err(error) = attempt(pool, role, sql).await {
        panic!("{role} may not {sql}: {error}");
    }
}

/// Tables, indexes and sequences of a tenant's three schemas.
async fn relations(pool: &PgPool, tenant: TenantId) -> Result<Vec<(String, String)>> {
    let schemas = [
        tenant.schema(),
        tenant.staging_schema(),
        tenant.stats_schema(),
    ];
    let schemas = schemas.map(|schema| schema.name().to_owned());
    Ok(sqlx::query_as(
        "select c.oid::regclass::text, c.relkind::text from pg_class as c
         join pg_namespace as n on n.oid = c.relnamespace
         where n.nspname = any ($1) and c.relkind in ('r', 'S') order by 1",
    )
    .bind(schemas)
    .fetch_all(pool)
    .await?)
}

async fn with_rows(connection: &mut PgConnection) -> Result<()> {
    execute(
        connection,
        "select cw_global.infer_currencies(array[1], array['XQA']);
         insert into cw_global.client_config values
             (200, 'CW-000200', 'First', 1, '{}'), (201, 'CW-000201', 'Second', 1, '{}'),
             (2010, 'CW-002010', 'Third', 1, '{}');
         insert into cw_200.genders select n, 'word ' || n, now(), 1 from generate_series(1, 50) as n;
         insert into cw_201.genders select n, 'word ' || n, now(), 1 from generate_series(1, 50) as n;
         analyze cw_200.genders; analyze cw_201.genders;",
    )
    .await?;
    Ok(())
}

#[tokio::test]
async fn every_object_of_another_tenant_is_refused() -> Result<()> {
    let two = TwoTenants::create().await?;
    with_rows(&mut *two.pool.acquire().await?).await?;
    let pool = &two.pool;
    let others = relations(pool, b()).await?;
    assert!(others.len() >= 46, "{others:?}");
    for role in [a().loader_role(), a().reader_role(), a().owner_role()] {
        for (relation, kind) in &others {
            if kind == "S" {
                refused(pool, &role, &format!("select nextval('{relation}')")).await;
                refused(pool, &role, &format!("select last_value from {relation}")).await;
                continue;
            }
            refused(pool, &role, &format!("select from {relation}")).await;
            refused(
                pool,
                &role,
                &format!("insert into {relation} default values"),
            )
            .await;
            refused(pool, &role, &format!("delete from {relation}")).await;
            refused(pool, &role, &format!("truncate {relation}")).await;
            refused(pool, &role, &format!("lock table {relation} in share mode")).await;
            refused(pool, &role, &format!("drop table {relation}")).await;
            refused(pool, &role, &format!("copy {relation} to stdout")).await;
        }
        for schema in [b().schema(), b().staging_schema(), b().stats_schema()] {
            refused(
                pool,
                &role,
                &format!("create table {schema}.mine (id bigint)"),
            )
            .await;
            refused(pool, &role, &format!("drop schema {schema} cascade")).await;
        }
        for other in [b().loader_role(), b().reader_role(), b().owner_role()] {
            refused(pool, &role, &format!("set role {other}")).await;
        }
        let seen: i64 = {
            let mut transaction = pool.begin().await?;
            execute(&mut transaction, &format!("set local role {role}")).await?;
            sqlx::query_scalar("select count(*) from pg_stats where schemaname = 'cw_201'")
                .fetch_one(&mut *transaction)
                .await?
        };
        assert_eq!(seen, 0, "{role} sees statistics of columns");
    }
    Ok(())
}

#[tokio::test]
async fn each_role_may_do_its_own_work_and_no_more() -> Result<()> {
    let two = TwoTenants::create().await?;
    with_rows(&mut *two.pool.acquire().await?).await?;
    let pool = &two.pool;
    let (loader, reader, owner) = (a().loader_role(), a().reader_role(), a().owner_role());
    for (relation, kind) in relations(pool, a()).await? {
        if kind == "S" {
            continue;
        }
        permitted(pool, &reader, &format!("select from {relation}")).await;
        permitted(pool, &loader, &format!("select from {relation}")).await;
        refused(pool, &reader, &format!("delete from {relation}")).await;
        refused(pool, &loader, &format!("drop table {relation}")).await;
        if relation.ends_with(".seaql_migrations") {
            refused(pool, &loader, &format!("delete from {relation}")).await;
        } else {
            permitted(pool, &loader, &format!("delete from {relation}")).await;
        }
    }
    permitted(
        pool,
        &loader,
        "insert into cw_200.genders values (99, 'x', now(), 1)",
    )
    .await;
    permitted(
        pool,
        &loader,
        "update cw_200.genders set source_version = now()",
    )
    .await;
    permitted(
        pool,
        &loader,
        "insert into cw_200.pipeline_runs (run_key, kind, from_day, thru_day, status, started_at)
         values ('r', 'run', '2011-01-18', '2011-01-18', 'running', now())",
    )
    .await;
    permitted(
        pool,
        &loader,
        "create temporary table stage (id bigint) on commit drop",
    )
    .await;
    refused(pool, &loader, "create table cw_200.mine (id bigint)").await;
    permitted(
        pool,
        &loader,
        "set role cw_200_owner; create table cw_200.mine (id bigint)",
    )
    .await;
    refused(
        pool,
        &reader,
        "insert into cw_200.genders values (99, 'x', now(), 1)",
    )
    .await;
    refused(pool, &reader, "set role cw_200_owner").await;
    for role in [&loader, &reader] {
        refused(pool, role, "create table public.mine (id bigint)").await;
        refused(pool, role, "create schema mine").await;
    }

    // Tables that come later follow, whoever of the owners makes them.
    execute(
        &mut *pool.acquire().await?,
        "set role cw_200_owner; create table cw_200_stats.later (id bigint); reset role",
    )
    .await?;
    permitted(pool, &loader, "insert into cw_200_stats.later values (1)").await;
    permitted(pool, &reader, "select from cw_200_stats.later").await;
    refused(pool, &b().reader_role(), "select from cw_200_stats.later").await;
    permitted(pool, &owner, "drop table cw_200_stats.later").await;
    Ok(())
}

#[tokio::test]
async fn shared_data_is_read_and_only_currencies_are_added() -> Result<()> {
    let two = TwoTenants::create().await?;
    with_rows(&mut *two.pool.acquire().await?).await?;
    let pool = &two.pool;
    let (loader, reader) = (a().loader_role(), a().reader_role());
    for role in [&loader, &reader] {
        for table in ["countries", "currencies", "client_config"] {
            permitted(pool, role, &format!("select from cw_global.{table}")).await;
            refused(pool, role, &format!("delete from cw_global.{table}")).await;
            refused(
                pool,
                role,
                &format!("insert into cw_global.{table} default values"),
            )
            .await;
        }
        refused(pool, role, "create table cw_global.mine (id bigint)").await;
        let mut transaction = pool.begin().await?;
        execute(&mut transaction, &format!("set local role {role}")).await?;
        let clients: Vec<String> =
            sqlx::query_scalar("select client_id from cw_global.client_config")
                .fetch_all(&mut *transaction)
                .await?;
        assert_eq!(clients, ["CW-000200"], "{role}");
    }

    let infer = "select cw_global.infer_currencies(array[2, 1, 2], array['XQB', 'XQA', 'XQB'])";
    refused(pool, &reader, infer).await;
    permitted(pool, &loader, infer).await;
    execute(
        &mut *pool.acquire().await?,
        &format!("set role {loader}; {infer}; {infer}; reset role"),
    )
    .await?;
    let found: Vec<(i64, String, String, Option<String>)> = sqlx::query_as(
        "select id, code, name, symbol from cw_global.currencies where id < 9 order by id",
    )
    .fetch_all(pool)
    .await?;
    let row = |id, code: &str| (id, code.to_owned(), code.to_owned(), None);
    assert_eq!(found, [row(1, "XQA"), row(2, "XQB")]);

    for (arguments, code) in [
        ("array[1], array['USD']", "23505"),
        ("array[3], array['GBP']", "23505"),
        ("array[3, 3], array['XQC', 'XQD']", "23505"),
        ("array[3], array['usd']", "22023"),
        ("array[3], array['US D']", "22023"),
        ("array[3], array[null]", "22023"),
        ("array[-3], array['USD']", "22023"),
        ("array[3, 4], array['USD']", "22023"),
    ] {
        let sql = format!("select cw_global.infer_currencies({arguments})");
        let error = attempt(pool, &loader, &sql).await.expect_err(&sql);
        assert_eq!(sqlstate(&error), code, "{sql}: {error}");
    }
    Ok(())
}

/// A name that came from outside is a name and never more.
#[tokio::test]
async fn hostile_names_stay_names() -> Result<()> {
    let two = TwoTenants::create().await?;
    let mut connection = two.pool.acquire().await?;
    for hostile in [
        "x\"; drop schema cw_201 cascade; --",
        "cw_200\".\"genders",
        "cw_200; select 1",
        "select",
        "CW_200",
        "a'b",
        "$$",
        "caf\u{e9} \u{1f408}",
        "nul\0nul",
        "\\",
    ] {
        let name = Identifier::new(hostile);
        execute(&mut connection, &format!("create schema {name}")).await?;
        let there: bool =
            sqlx::query_scalar("select exists (select from pg_namespace where nspname = $1)")
                .bind(name.name())
                .fetch_one(&mut *connection)
                .await?;
        assert!(there, "{hostile:?}");
        execute(&mut connection, &format!("drop schema {name}")).await?;
        assert!(hostile.parse::<TenantId>().is_err(), "{hostile:?}");
    }
    let kept: i64 = sqlx::query_scalar(
        "select count(*) from pg_namespace where nspname in ('cw_200', 'cw_201')",
    )
    .fetch_one(&mut *connection)
    .await?;
    assert_eq!(kept, 2);
    Ok(())
}
