//! The digest: every value counts, and nothing else does.

use std::collections::BTreeMap;

use anyhow::Result;
use catwing_domain::{Class, Column, ColumnType, Merge, Site, Table, TableId, TenantId};
use catwing_recovery::{
    RecoveryError,
    digest::{Comparison, TableDifference, TenantDigest, compare, digest, digest_in},
};
use sea_orm::sqlx::{PgConnection, PgPool, postgres::PgPoolOptions};

use crate::database::{TwoTenants, a, b, execute, options};

/// Days since 1970-01-01 before the samples' own.
const DAY_BEFORE: i64 = 15_000;

fn tables() -> impl Iterator<Item = &'static Table> {
    TableId::ALL
        .iter()
        .map(|id| id.table())
        .filter(|table| table.class != Class::Journal && table.id.is_of(a()))
        .filter(|table| table.merge != Merge::Seeded)
}

/// A value for a column of the sample row that came from day `n`; every second nullable one is null.
fn sample(column: &Column, n: i64) -> String {
    if column.nullable && n % 2 == 0 {
        return "null".into();
    }
    match (column.name, column.ty) {
        ("raw_position" | "newest_position", _) => {
            (((DAY_BEFORE + n) << 47) | (1 << 38) | (1 << 32)).to_string()
        }
        ("business_day", _) => format!("date '1970-01-01' + {}", DAY_BEFORE + n),
        ("closed_date" | "thru_date", _) => format!("date '2011-02-18' + {n}"),
        ("product_kind", _) => "'goods'".into(),
        ("is_active", _) => "false".into(),
        ("rule", _) => "'missing'".into(),
        (name, ColumnType::Text) => format!("'{name} {n}'"),
        (_, ColumnType::Key | ColumnType::Int | ColumnType::Small) => n.to_string(),
        (_, ColumnType::Money | ColumnType::Quantity | ColumnType::Total) => format!("{n}.5"),
        (_, ColumnType::Rate | ColumnType::Factor | ColumnType::Real) => "0.5".into(),
        (_, ColumnType::Date) => format!("date '2011-01-18' + {n}"),
        (_, ColumnType::Instant) => {
            format!("timestamptz '2011-01-18 12:00:00.000001Z' + {n} * interval '1 day'")
        }
        (_, ColumnType::Bool) => "true".into(),
        (_, ColumnType::Json) => "'[{\"rule\": \"missing\"}]'".into(),
    }
}

/// The smallest change that a column's type can hold and its checks admit.
fn changed(column: &Column) -> String {
    let name = column.name;
    match (name, column.ty) {
        ("raw_position" | "newest_position", _) => format!("{name} + 16"),
        ("product_kind", _) => "'service'".into(),
        (_, ColumnType::Text) => format!("{name} || 'x'"),
        // Beyond the keys of the other samples.
        (_, ColumnType::Key) => format!("{name} + 1000"),
        (_, ColumnType::Int | ColumnType::Small | ColumnType::Date) => {
            format!("({name} + 1)::{}", sql_type(column.ty))
        }
        (_, ColumnType::Money | ColumnType::Total) => format!("{name} + 0.0001"),
        (_, ColumnType::Quantity) => format!("{name} + 0.001"),
        (_, ColumnType::Rate) => format!("{name} + 0.000001"),
        (_, ColumnType::Factor) => format!("{name} + 0.0000000001"),
        // The next number that there is.
        (_, ColumnType::Real) => format!("{name} + 1.2e-16"),
        (_, ColumnType::Instant) => format!("{name} + interval '1 microsecond'"),
        (_, ColumnType::Bool) => format!("not {name}"),
        (_, ColumnType::Json) => format!("{name} || '[{{}}]'"),
    }
}

fn sql_type(ty: ColumnType) -> &'static str {
    match ty {
        ColumnType::Int => "integer",
        ColumnType::Small => "smallint",
        _ => "date",
    }
}

async fn fill(connection: &mut PgConnection, tenant: TenantId, order: &[i64]) -> Result<()> {
    // Samples are of single tables: what they refer to is nowhere.
    execute(connection, "set session_replication_role = replica").await?;
    for table in tables() {
        for n in order {
            let values: Vec<_> = table
                .all_columns()
                .map(|column| sample(column, *n))
                .collect();
            let names: Vec<_> = table.all_columns().map(|column| column.name).collect();
            let sql = format!(
                "insert into {}.{} ({}) values ({})",
                tenant.schema(),
                table.name,
                names.join(", "),
                values.join(", ")
            );
            execute(connection, &sql).await?;
        }
    }
    execute(connection, "reset session_replication_role").await?;
    Ok(())
}

/// The digest of the first tenant after a statement that is taken back at once.
async fn digest_after(pool: &PgPool, sql: &str) -> Result<TenantDigest> {
    let mut transaction = pool.begin().await?;
    execute(
        &mut transaction,
        "set local session_replication_role = replica",
    )
    .await?;
    execute(&mut transaction, sql).await?;
    let found = digest_in(&mut transaction, a(), Site::Live).await?;
    transaction.rollback().await?;
    Ok(found)
}

/// Samples, and what is changed of them, are to be seen as such, not refused for what they say.
async fn without_checks(pool: &PgPool) -> Result<()> {
    let guards = "do $$ declare t record; begin for t in select tgrelid::regclass as name from pg_trigger \
                  where tgname = 'append_only' loop \
                  execute format('alter table %s disable trigger user', t.name); end loop; end $$";
    execute(&mut *pool.acquire().await?, guards).await?;
    let drop = "do $$ declare c record; begin for c in select conrelid::regclass as t, conname from pg_constraint \
                where contype = 'c' and connamespace in ('cw_200'::regnamespace, 'cw_201'::regnamespace) loop \
                execute format('alter table %s drop constraint %I', c.t, c.conname); end loop; end $$";
    execute(&mut *pool.acquire().await?, drop).await?;
    Ok(())
}

async fn filled() -> Result<TwoTenants> {
    let two = TwoTenants::create().await?;
    without_checks(&two.pool).await?;
    fill(&mut *two.pool.acquire().await?, a(), &[1, 2, 3]).await?;
    Ok(two)
}

#[tokio::test]
async fn a_changed_value_shows_in_its_table_and_day_and_nowhere_else() -> Result<()> {
    let two = filled().await?;
    let before = digest(&two.pool, a()).await?;
    let day = DAY_BEFORE + 1;
    // One column of every table at a time: as many digests as the widest table has columns.
    let widest = tables().map(|table| table.all_columns().count()).max();
    for place in 0..widest.unwrap_or_default() {
        let (mut statements, mut expected) = (String::new(), BTreeMap::new());
        for table in tables() {
            assert_eq!(before.tables[table.name].rows, 3, "{}", table.name);
            let Some(column) = table.all_columns().nth(place) else {
                continue;
            };
            let position = ["raw_position", "newest_position"]
                .into_iter()
                .find(|name| table.position(name).is_some());
            let row = match position {
                Some(position) => format!("{position} >> 47 = {day}"),
                None => format!(
                    "{} = {}",
                    table.columns[0].name,
                    sample(&table.columns[0], 1)
                ),
            };
            let (name, value) = (column.name, changed(column));
            statements += &format!(
                "update cw_200.{} set {name} = {value} where {row};",
                table.name
            );
            expected.insert(
                table.name,
                position.map(|_| day).into_iter().collect::<Vec<_>>(),
            );
        }
        let after = digest_after(&two.pool, &statements).await?;
        assert_ne!(before.digest, after.digest, "{statements}");
        let Comparison::Different(different) = compare(&before, &after)? else {
            panic!("not seen: {statements}");
        };
        let of_days = |table: &TableDifference| {
            table
                .days
                .iter()
                .map(|day| i64::from(day.day.number()))
                .collect()
        };
        let seen = different
            .iter()
            .map(|table| (table.table.as_str(), of_days(table)));
        assert_eq!(
            seen.collect::<BTreeMap<&str, Vec<i64>>>(),
            expected,
            "column {place}"
        );
    }
    assert_eq!(digest(&two.pool, a()).await?, before);
    Ok(())
}

#[tokio::test]
async fn the_order_of_rows_does_not_count() -> Result<()> {
    let two = filled().await?;
    fill(&mut *two.pool.acquire().await?, b(), &[3, 1, 2]).await?;
    let (one, other) = (digest(&two.pool, a()).await?, digest(&two.pool, b()).await?);
    assert_eq!(one.tables, other.tables);
    assert_eq!(one.digest, other.digest);
    // They are of different tenants all the same.
    assert!(matches!(
        compare(&one, &other),
        Err(RecoveryError::Incomparable { .. })
    ));
    Ok(())
}

#[tokio::test]
async fn journals_do_not_count_but_say_what_made_the_rows() -> Result<()> {
    let two = filled().await?;
    let before = digest(&two.pool, a()).await?;
    assert!(!before.tables.contains_key("load_ledger"));
    let hash = "ab".repeat(32);
    let after = digest_after(
        &two.pool,
        &format!(
            "insert into cw_200.load_ledger values
                (1, '{hash}', date '2011-01-18', '{hash}', 4, 'run', now()),
                (2, '{hash}', date '2011-01-19', '{hash}', 4, 'run', now())"
        ),
    )
    .await?;
    assert_eq!(before.digest, after.digest);
    assert_eq!(
        (after.transform_versions, after.mappings),
        (vec![4], vec![hash])
    );
    Ok(())
}

#[tokio::test]
async fn null_is_not_empty_and_fields_do_not_run_together() -> Result<()> {
    let two = filled().await?;
    let mut seen = Vec::new();
    for (name, country) in [
        ("null", "null"),
        ("''", "null"),
        ("null", "''"),
        ("'~'", "null"),
        ("'ab'", "'c'"),
        ("'a'", "'bc'"),
        ("'a;1:b'", "'c'"),
        ("'a'", "'b;1:c'"),
    ] {
        let sql = format!(
            "update cw_200.customers set customer_name = {name}, country = {country} where id = 1"
        );
        let digest = digest_after(&two.pool, &sql).await?.digest;
        assert!(!seen.contains(&digest), "{name} {country}");
        seen.push(digest);
    }
    let spelt = |value: &str| format!("update cw_200.sales_orders set total_value = {value}");
    assert_eq!(
        digest_after(&two.pool, &spelt("1.5")).await?,
        digest_after(&two.pool, &spelt("1.5000")).await?
    );
    Ok(())
}

#[tokio::test]
async fn two_rows_that_are_equal_but_for_their_key_do_not_cancel_out() -> Result<()> {
    let two = filled().await?;
    let before = digest(&two.pool, a()).await?;
    let after = digest_after(
        &two.pool,
        "update cw_200.sales_orders set total_value = case id when 1 then 2.5 else 1.5 end where id in (1, 2)",
    )
    .await?;
    assert_ne!(before.digest, after.digest);
    Ok(())
}

#[tokio::test]
async fn settings_of_the_session_do_not_count() -> Result<()> {
    let two = filled().await?;
    let before = digest(&two.pool, a()).await?;
    execute(
        &mut *two.pool.acquire().await?,
        "create schema evil;
         create function evil.hashtextextended(text, bigint) returns bigint language sql as 'select 1::bigint';
         create function evil.octet_length(text) returns integer language sql as 'select 1';
         create table evil.products as select 1 as id;
         grant usage on schema evil to public;
         grant select on evil.products to public;",
    )
    .await?;
    // After the connection is made: the client's own start-up sets some of these itself.
    let hostile = "set timezone = 'Pacific/Apia';
        set datestyle = 'German';
        set intervalstyle = 'postgres_verbose';
        set extra_float_digits = -15;
        set bytea_output = 'escape';
        set quote_all_identifiers = on;
        set search_path = evil, pg_catalog;
        set default_transaction_isolation = 'serializable'";
    let pool = PgPoolOptions::new()
        .after_connect(|connection, _| Box::pin(execute(connection, hostile)))
        .connect_with(options(&two.database)?)
        .await?;
    let shown: String =
        sea_orm::sqlx::query_scalar("select hashtextextended('x', 5)::text || date '2011-01-18'")
            .fetch_one(&pool)
            .await?;
    assert_eq!(shown, "118.01.2011", "the session is hostile");
    assert_eq!(digest(&pool, a()).await?, before);
    pool.close().await;
    Ok(())
}

#[tokio::test]
async fn only_migrated_tenants_have_digests() -> Result<()> {
    let two = TwoTenants::create().await?;
    let empty = digest(&two.pool, a()).await?;
    for table in tables() {
        assert_eq!(empty.tables[table.name].rows, 0, "{}", table.name);
    }
    assert_eq!(
        empty.tables["abc_classes"].rows, 3,
        "what migrations fill in"
    );
    assert_eq!(empty.digest, digest(&two.pool, b()).await?.digest);
    let stranger = "CW-000777".parse()?;
    assert!(matches!(
        digest(&two.pool, stranger).await,
        Err(RecoveryError::BeginDigest { .. } | RecoveryError::DigestTable { .. })
    ));
    let shared = digest(&two.pool, TenantId::GLOBAL).await?;
    assert!(shared.tables.contains_key("currency_rates"));
    assert!(
        !shared.tables.contains_key("currencies"),
        "tenants add rows to it"
    );
    Ok(())
}
