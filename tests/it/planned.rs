//! Every query that the steps and the UI ask often takes its index, on the volume of a real retailer; and
//! no index is there that no query asks for.

mod journals;
mod masters;
mod plans;
mod trade;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use catwing_migrations::{migrate_global, migrate_tenant};
use catwing_tests::servers::TestDatabase;
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection, PgPool};
use serde_json::Value;

use crate::database::{a, connect, execute, names_of, options};

/// One who asks, what, and by which indexes it has to be answered.
struct Query {
    /// What comments of indexes call it.
    name: &'static str,
    /// Steps of a run by number, commands, pages of the UI.
    asked_by: &'static str,
    /// Statement with `$1`, `$2` ...
    sql: &'static str,
    /// Values of the parameters as they are in practice: few rows of many, but some.
    values: &'static str,
    /// Indexes that the plan has to take, all of them.
    indexes: &'static [&'static str],
}

const fn query(
    name: &'static str,
    asked_by: &'static str,
    sql: &'static str,
    values: &'static str,
    indexes: &'static [&'static str],
) -> Query {
    Query {
        name,
        asked_by,
        sql,
        values,
        indexes,
    }
}

const QUERIES: &[&[Query]] = &[
    trade::SALES,
    trade::STOCK,
    trade::PURCHASES,
    trade::PRICES,
    masters::PRODUCTS,
    masters::SETTINGS,
    masters::SHARED,
    plans::OBSERVATIONS,
    plans::BEHAVIORS,
    plans::FORECASTS,
    plans::RECOMMENDATIONS,
    plans::STATISTICS,
    journals::REGISTERS,
    journals::QUALITY,
];

fn queries() -> impl Iterator<Item = &'static Query> {
    QUERIES.iter().copied().flatten()
}

/// Tables with so many rows are not read from end to end for a few of them.
const LARGE_ROWS_MIN: f32 = 1_500.0;

const VOLUME: &str = include_str!("planned/volume.sql");

/// A database with one tenant, whose schemas need not be named; those of the shared tables are.
async fn migrated() -> Result<(PgPool, TestDatabase)> {
    let database = TestDatabase::create().await?;
    let path = [("search_path", "cw_200,cw_200_staging,cw_200_stats")];
    let pool = connect(options(&database)?.options(path)).await?;
    migrate_global(&pool).await?;
    migrate_tenant(&pool, &names_of(a())).await?;
    Ok((pool, database))
}

/// Tables of at least so many rows.
async fn tables_from(connection: &mut PgConnection, rows_min: f32) -> Result<BTreeSet<String>> {
    let found: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class where relkind = 'r' and reltuples >= $1
             and relnamespace::regnamespace::text in ('cw_200', 'cw_200_staging', 'cw_200_stats', 'cw_global')",
    )
    .bind(rows_min)
    .fetch_all(connection)
    .await?;
    Ok(found.into_iter().collect())
}

/// What a plan reads, and how many rows come out of it.
#[derive(Default)]
struct Plan {
    indexes: BTreeSet<String>,
    whole_tables: BTreeSet<String>,
    rows: f64,
}

impl Plan {
    async fn of(connection: &mut PgConnection, query: &Query) -> Result<Self> {
        let prepare = format!("prepare {} as {}", query.name, query.sql);
        execute(connection, &prepare).await?;
        let values = match query.values {
            "" => String::new(),
            values => format!("({values})"),
        };
        let explain = format!(
            "explain (analyze, timing off, format json) execute {}{values}",
            query.name
        );
        let explained: Value = sqlx::query_scalar(AssertSqlSafe(explain))
            .persistent(false)
            .fetch_one(connection)
            .await?;
        let root = explained.pointer("/0/Plan").context("no plan")?;
        let mut plan = Self {
            rows: root["Actual Rows"].as_f64().unwrap_or_default(),
            ..Self::default()
        };
        plan.read(root);
        Ok(plan)
    }

    fn read(&mut self, node: &Value) {
        let text = |name: &str| node[name].as_str().unwrap_or_default().to_owned();
        if text("Node Type") == "Seq Scan" {
            self.whole_tables.insert(text("Relation Name"));
        }
        self.indexes.insert(text("Index Name"));
        for below in node["Plans"].as_array().into_iter().flatten() {
            self.read(below);
        }
    }
}

#[tokio::test]
async fn the_planner_takes_the_index_of_each_query() -> Result<()> {
    let (pool, _database) = migrated().await?;
    let mut connection = pool.acquire().await?;
    // Keys and triggers of rows that are made up would take most of the time.
    let quick = "set session_replication_role = replica; set synchronous_commit = off";
    execute(&mut connection, quick).await?;
    execute(&mut connection, &format!("begin; {VOLUME}; commit")).await?;
    execute(&mut connection, "analyze").await?;
    // As with values that are written out, which is how the planner sees the first ones of a statement.
    execute(&mut connection, "set plan_cache_mode = force_custom_plan").await?;

    let large = tables_from(&mut connection, LARGE_ROWS_MIN).await?;
    let mut wrong = Vec::new();
    for query in queries() {
        let plan = Plan::of(&mut connection, query)
            .await
            .with_context(|| query.name)?;
        let not_taken: Vec<_> = query
            .indexes
            .iter()
            .filter(|index| !plan.indexes.contains(**index))
            .collect();
        let whole: Vec<_> = plan.whole_tables.intersection(&large).collect();
        if !not_taken.is_empty() || !whole.is_empty() || plan.rows < 1.0 {
            wrong.push(format!(
                "{} ({}): not taken {not_taken:?}, but {:?}; read whole {whole:?}; {} rows",
                query.name, query.asked_by, plan.indexes, plan.rows
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // An index that is missing does show.
    execute(&mut connection, "drop index data_quality_runs_run_date_idx").await?;
    let sql = "select * from data_quality_runs where run_date = $1";
    let again = query("again", "this test", sql, "'2025-06-30'", &[]);
    let plan = Plan::of(&mut connection, &again).await?;
    let whole: Vec<_> = plan.whole_tables.intersection(&large).collect();
    assert_eq!(whole, ["data_quality_runs"]);
    drop(connection);
    pool.close().await;
    Ok(())
}

/// An index beside keys and plain references has a comment that begins with the names of its queries.
#[tokio::test]
async fn no_index_is_without_a_query() -> Result<()> {
    let (pool, _database) = migrated().await?;
    let indexes: Vec<(String, String, Option<String>)> = sqlx::query_as(
        "select n.nspname::text, c.relname::text, obj_description(c.oid, 'pg_class') from pg_index as i
         join pg_class as c on c.oid = i.indexrelid join pg_namespace as n on n.oid = c.relnamespace
         where n.nspname in ('cw_global', 'cw_200', 'cw_200_staging', 'cw_200_stats') and not i.indisunique
             and not (i.indnatts = 1 and i.indpred is null and exists (
                 select from pg_constraint as f
                 where f.contype = 'f' and f.conrelid = i.indrelid and f.conkey = array[i.indkey[0]]
             ))",
    )
    .fetch_all(&pool)
    .await?;
    let by_name: BTreeMap<_, _> = queries().map(|query| (query.name, query)).collect();
    assert_eq!(by_name.len(), queries().count(), "a name is there twice");
    assert!(indexes.len() > 80, "{} indexes", indexes.len());
    let mut wrong = Vec::new();
    for (schema, index, comment) in indexes {
        // The tables of statistics are of one shape, and the queries name one of them.
        let asked = match schema.as_str() {
            "cw_200_stats" => "daily_sales_values_period_start_idx",
            _ => index.as_str(),
        };
        let names = comment.as_deref().and_then(|text| text.split_once(": "));
        let names: BTreeSet<_> = names.iter().flat_map(|names| names.0.split(", ")).collect();
        let expected: BTreeSet<_> = queries()
            .filter(|query| query.indexes.contains(&asked))
            .map(|query| query.name)
            .collect();
        if expected.is_empty() || names != expected {
            wrong.push(format!("{schema}.{index}: {comment:?}, but {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    pool.close().await;
    Ok(())
}
