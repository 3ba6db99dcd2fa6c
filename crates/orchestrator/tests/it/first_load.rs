//! `catwing backfill` of a long history into an empty tenant: in bulk, killed anywhere, and the same
//! as by transactions.

use std::{collections::BTreeSet, fs, os::unix::process::ExitStatusExt, process::Command};

use anyhow::{Context, Result, ensure};
use catwing_domain::{
    Site, TenantId,
    failpoint::{BULK_AFTER_SETTLE, LOAD_AFTER_COMMIT, SWITCH_AFTER_COMMIT, SWITCH_BEFORE_COMMIT},
};
use sea_orm::sqlx::{self, Connection as _};
use serde_json::Value;

use crate::{
    faults::fault,
    rebuilds::again,
    sales::{self, CLIENT, DAYS, TENANT},
    stand::{Place, Stand, succeeded},
    together::output,
};

const SIGABRT: i32 = 6;
const POLL: std::time::Duration = std::time::Duration::from_millis(20);
/// Between two records of a file as little is said as there is in ten months of a small shop.
const PADDING_BYTES: usize = 1 << 20;
/// Logs in for the tenant, and may make no schema.
const RUNNER: &str = "create role bulk_runner login noinherit; \
     grant cw_330_loader, cw_330_reader to bulk_runner";

/// The sales of some days, whose files are as large as those of a long history.
async fn long_history() -> Result<Stand> {
    let stand = Stand::bare()?;
    let place = stand.empty_database("added").await?;
    stand.add(&place, TENANT)?;
    sales::write(&stand.files)?;
    for day in 0..DAYS {
        let file = stand
            .files
            .join(format!("sales_orders_2011-01-{}.json", 10 + day));
        let written = fs::read_to_string(&file)?;
        let inner = written.strip_suffix(']').context("an array")?;
        fs::write(&file, format!("{inner}{}]", " ".repeat(PADDING_BYTES)))?;
    }
    succeeded(place.command().args(stand.import()).output()?)?;
    Ok(stand)
}

fn backfill(place: &Place) -> Command {
    let mut command = place.command();
    command.args(["backfill", "--client", CLIENT]);
    command
}

/// Loads, and says whether that was in bulk: only then indexes are built.
async fn is_bulk(command: Command) -> Result<bool> {
    let told: Value = serde_json::from_slice(&succeeded(output(command).await?)?)?;
    let built = told["report"]["seconds"]["index"].as_f64();
    Ok(built.context("seconds by phase")? > 0.0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_history_is_loaded_in_bulk_and_as_by_transactions() -> Result<()> {
    let stand = long_history().await?;
    let by_transactions = stand.database("by_transactions").await?;
    ensure!(!is_bulk(by_transactions.backfill()).await?);
    let (digest, relations) = (
        by_transactions.digest()?,
        by_transactions.relations().await?,
    );

    // A part of the days first, then what is left: that is no empty tenant any more.
    let place = stand.database("in_bulk").await?;
    let mut first = backfill(&place);
    first.args(["--to", "2011-01-18"]);
    ensure!(is_bulk(first).await?, "not in bulk");
    ensure!(place.applied().await? == 9);
    place.check_whole().await?;
    ensure!(!is_bulk(backfill(&place)).await?);
    ensure!(place.digest()? == digest, "another digest");
    ensure!(place.relations().await? == relations, "other relations");
    let runs = "select count(*) from pipeline_runs where status = 'done' and kind = 'backfill'";
    ensure!(place.number(runs).await? == 2, "a run was lost");

    // Who may make no schema loads by transactions.
    let admin = stand.database("by_a_runner").await?;
    admin.administer(RUNNER).await?;
    ensure!(!is_bulk(backfill(&admin.as_login("bulk_runner"))).await?);
    ensure!(admin.digest()? == digest, "another digest");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_during_a_first_load_is_there_after_it() -> Result<()> {
    let stand = long_history().await?;
    for (name, days) in [
        ("all_days", &[][..]),
        ("some_days", &["--from", "2011-01-10", "--to", "2011-01-18"]),
    ] {
        let place = stand.database(name).await?.beside(&stand.new_home(name));
        stand.add_tenant(&place)?;
        succeeded(
            output({
                let mut import = place.command();
                import.args(stand.import());
                import
            })
            .await?,
        )?;
        let mut load = backfill(&place);
        load.args(days);
        let loading = load.spawn()?;
        let client: TenantId = CLIENT.parse()?;
        let beside = format!("{}.products", client.schemas(Site::Beside).main);
        let there = format!("select count(*) from pg_class where oid = to_regclass('{beside}')");
        while place.number(&there).await? == 0 {
            tokio::time::sleep(POLL).await;
        }
        // The tables beside wait, and so does the load: it can't be at its switch before this is over.
        let mut other = place.connect().await?;
        let mut held_up = other.begin().await?;
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "lock table {beside} in access exclusive mode"
        )))
        .execute(&mut *held_up)
        .await?;
        // Another currency, and back to the one that rates are there for.
        for currency in ["EUR", "GBP"] {
            let mut set = place.command();
            set.args(["settings", "set", "--yes", "--client", CLIENT]);
            set.args(["--user", "ana@shop.example", "client_config"]);
            set.arg(format!("base_currency={currency}"));
            succeeded(output(set).await?)?;
        }
        let held = "select count(*) from client_settings";
        ensure!(place.number(held).await? == 2, "{name}: not saved");
        held_up.commit().await?;
        succeeded(tokio::task::spawn_blocking(move || loading.wait_with_output()).await??)?;
        ensure!(
            place.number(held).await? == 2,
            "{name}: what was set is lost"
        );
        place.check_whole().await?;
        succeeded(output(backfill(&place)).await?)?;
        let expected = i64::from(DAYS) + 2;
        ensure!(place.applied().await? == expected, "{name}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_load_that_is_killed_goes_on() -> Result<()> {
    let stand = long_history().await?;
    let undisturbed = stand.database("undisturbed").await?;
    ensure!(is_bulk(backfill(&undisturbed)).await?, "not in bulk");
    let digest = undisturbed.digest()?;
    let relations: BTreeSet<_> = undisturbed.relations().await?.into_iter().collect();
    let points = [
        LOAD_AFTER_COMMIT,
        BULK_AFTER_SETTLE,
        SWITCH_BEFORE_COMMIT,
        SWITCH_AFTER_COMMIT,
    ];
    for point in points {
        let place = stand.database(&point.replace('.', "_")).await?;
        let mut doomed = backfill(&place);
        doomed.env("CATWING_FAILPOINT", format!("{point}:1"));
        let aborted = output(doomed).await?;
        ensure!(
            aborted.status.signal() == Some(SIGABRT),
            "not aborted at {point}: {aborted:?}"
        );
        let applied = place.applied().await?;
        let expected = if point == SWITCH_AFTER_COMMIT { 10 } else { 0 };
        ensure!(applied == expected, "{point}: {applied} deliveries");
        place.check_whole().await?;
        succeeded(again(|| backfill(&place)).await?).context(point)?;
        place.check_whole().await?;
        ensure!(place.digest()? == digest, "{point}: another digest");
        let unfinished = "select count(*) from pipeline_runs where status = 'running'";
        ensure!(place.number(unfinished).await? == 0, "{point}");
        // Empty tables that were replaced go with the next switch where they could not go with this one.
        let left: Vec<_> = place.relations().await?;
        let left = left
            .into_iter()
            .filter(|relation| !relation.starts_with("cw_330_before"));
        ensure!(left.collect::<BTreeSet<_>>() == relations, "{point}");
        stand.drop(&place).await?;
    }
    fault("F1").kills(points.len()).digests(points.len());
    Ok(())
}
