//! `catwing migrate` over many tenants: each by itself, and on from where it was killed.

use std::{
    process::Output,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use sea_orm::sqlx::{self, Connection};
use serde_json::Value;
use tokio::task::spawn_blocking;

use crate::stand::{Place, Stand};

const FIRST: &str = "
client = \"CW-000001\"
name = \"First\"
time_zone = \"UTC\"
base_currency = \"EUR\"
[datasets.products]
number = 1
";
/// Five more tenants that are known and not migrated, as after an upgrade that died at once; the
/// schema of the third belongs to somebody else.
const OTHERS: &str = "
    insert into cw_global.client_config
        select number, 'CW-00000' || number, 'Tenant ' || number, base_currency_id, config
        from generate_series(2, 6) as number, cw_global.client_config where client_id = 'CW-000001';
    create schema cw_3;";
const WAIT_MAX: Duration = Duration::from_secs(60);

async fn migrate(place: &Place) -> Result<Output> {
    let mut command = place.command();
    command.arg("migrate");
    Ok(spawn_blocking(move || command.output()).await??)
}

/// States of the six tenants, in their order.
fn states(report: &Value) -> Result<Vec<&str>> {
    let tenants = report["tenants"].as_array().context("tenants")?;
    tenants
        .iter()
        .map(|tenant| tenant["state"].as_str().context("a state"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_tenants_are_migrated_each_by_itself_and_on_from_where_it_was_killed() -> Result<()> {
    let stand = Stand::bare()?;
    let place = stand.empty_database("many").await?;
    stand.add(&place, FIRST)?;
    place.administer(OTHERS).await?;

    // Somebody makes the fifth tenant's schema at the same time, and has not decided yet.
    let mut other = place.connect().await?;
    let mut undecided = other.begin().await?;
    sqlx::query("create schema cw_5")
        .execute(&mut *undecided)
        .await?;
    let mut child = place.command().arg("migrate").spawn()?;
    let mut observer = place.connect().await?;
    let started = Instant::now();
    loop {
        let waits: bool = sqlx::query_scalar(
            "select to_regclass('cw_4.seaql_migrations') is not null and exists (
                 select from pg_locks where not granted and locktype = 'transactionid')",
        )
        .fetch_one(&mut observer)
        .await?;
        if waits {
            break;
        }
        ensure!(started.elapsed() < WAIT_MAX, "it never came to the fifth");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    child.kill()?;
    spawn_blocking(move || child.wait()).await??;
    undecided.rollback().await?;

    let again = migrate(&place).await?;
    let told = String::from_utf8_lossy(&again.stderr);
    ensure!(again.status.code() == Some(1), "{told}");
    ensure!(
        told.contains("6 tenants: 3 ready already, 3 to migrate"),
        "{told}"
    );
    for part in [
        "error: CW-000003: failed to prepare roles and rights of schema cw_3",
        "schema cw_3 is there and is not owned by cw_3_owner",
    ] {
        ensure!(told.contains(part), "{told}");
    }
    let report: Value = serde_json::from_slice(&again.stdout)?;
    let expected = ["ready", "ready", "failed", "ready", "migrated", "migrated"];
    ensure!(states(&report)? == expected, "{report}");
    ensure!(
        report["applied"]["CW-000001"] == serde_json::json!([]),
        "{report}"
    );
    ensure!(report["applied"]["CW-000003"].is_null(), "{report}");
    let (fifth, sixth) = (&report["applied"]["CW-000005"], &report["tenants"][5]);
    ensure!(
        fifth.as_array().is_some_and(|list| list.len() > 10),
        "{report}"
    );
    ensure!(*fifth == sixth["applied"], "{report}");
    ensure!(
        sixth["seconds"].as_f64().is_some_and(|took| took > 0.0),
        "{report}"
    );

    // Mended, only that one is left; and then nothing.
    place.administer("drop schema cw_3").await?;
    for (expected, text) in [
        ([5, 1, 0], "6 tenants: 5 ready already, 1 to migrate"),
        ([6, 0, 0], "6 tenants: 6 ready already, 0 to migrate"),
    ] {
        let done = migrate(&place).await?;
        let told = String::from_utf8_lossy(&done.stderr);
        ensure!(done.status.success() && told.contains(text), "{told}");
        let report: Value = serde_json::from_slice(&done.stdout)?;
        let counts = ["ready", "migrated", "failed"].map(|count| report[count].as_u64());
        ensure!(counts == expected.map(Some), "{report}");
    }
    Ok(())
}
