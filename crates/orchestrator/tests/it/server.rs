//! A PostgreSQL that stops in the middle of something, loses an answer, throws a client out, is full or
//! lets nobody wait: the command fails and says so, and the same command brings everything to its end.

use std::process::Output;

use anyhow::{Context, Result, ensure};
use sea_orm::sqlx;

use crate::{
    faults::fault,
    line::{Cut, Line},
    rebuilds::{again, recovery},
    stand::{Place, Stand, succeeded},
    together::{Barrier, ended, message, output},
};

const FAILED: i32 = 1;
/// May load, and be connected once.
const NARROW: &str = "
    create role narrow login noinherit connection limit 1;
    grant cw_330_loader, cw_330_reader, cw_global_loader, cw_global_reader to narrow;";

/// It failed, and said why.
fn failed(said: &Output) -> Result<()> {
    let told = message(said);
    ensure!(
        said.status.code() == Some(FAILED),
        "{}: {told}",
        said.status
    );
    ensure!(
        told.contains("because:") && !told.contains("panicked"),
        "{told}"
    );
    Ok(())
}

/// The second attempt of a backfill, and what it leaves.
async fn finished(place: &Place) -> Result<String> {
    place.check_whole().await?;
    succeeded(again(|| place.backfill()).await?)?;
    place.check_whole().await?;
    place.digest()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_in_mid_copy_mid_merge_or_mid_rebuild_costs_time_only() -> Result<()> {
    let stand = Stand::build().await?;
    let place = stand.database("undisturbed").await?;
    succeeded(output(place.backfill()).await?)?;
    let expected = place.digest()?;
    let relations = place.relations().await?;
    let line = Line::to(stand.socket()).await?;
    let mut counted = fault("F3").kills(4);

    for rows in [1, 9] {
        let place = stand.database(&format!("copying_{rows}")).await?;
        line.arm(Cut::HoldAtRows(rows));
        let child = place.reached_at(line.address()).backfill().spawn()?;
        line.struck().await;
        stand.crash().await?;
        failed(&ended(child).await?)?;
        stand.restart().await?;
        counted.compare(&finished(&place).await?, &expected)?;
    }

    let merging = stand.database("merging").await?;
    let mut barrier = Barrier::raise(&merging).await?;
    let child = merging.backfill().spawn()?;
    barrier.reached().await?;
    stand.crash().await?;
    failed(&ended(child).await?)?;
    stand.restart().await?;
    counted.compare(&finished(&merging).await?, &expected)?;

    // Staged rows of a rebuild are in unlogged tables, which are empty after a crash.
    line.arm(Cut::HoldAtRows(2));
    let child = recovery(&place.reached_at(line.address()), "rebuild").spawn()?;
    line.struck().await;
    stand.crash().await?;
    failed(&ended(child).await?)?;
    stand.restart().await?;
    counted.compare(&place.digest()?, &expected)?;
    succeeded(again(|| recovery(&place, "rebuild")).await?)?;
    counted.compare(&place.digest()?, &expected)?;
    ensure!(place.relations().await? == relations, "something is beside");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_was_lost_is_found_in_the_ledger() -> Result<()> {
    let stand = Stand::build().await?;
    let place = stand.database("undisturbed").await?;
    succeeded(output(place.backfill()).await?)?;
    let (expected, deliveries) = (place.digest()?, place.applied().await?);
    let line = Line::to(stand.socket()).await?;
    let mut counted = fault("F3").faults(3);
    for before in [0, 2] {
        let place = stand.database(&format!("lost_{before}")).await?;
        line.arm(Cut::LoseCommit(before));
        let said = output(place.reached_at(line.address()).backfill()).await?;
        ensure!(line.is_spent(), "no answer was lost");
        // It asks the ledger, finds its deliveries there and goes on.
        succeeded(said)?;
        ensure!(place.applied().await? == deliveries, "not all is applied");
        counted.compare(&finished(&place).await?, &expected)?;
    }
    line.arm(Cut::LoseCommit(0));
    let said = output(recovery(&place.reached_at(line.address()), "rebuild")).await?;
    ensure!(line.is_spent(), "no answer was lost");
    succeeded(said)?;
    counted.compare(&place.digest()?, &expected)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_thrown_out_waits_too_long_or_is_not_let_in_fails_clearly() -> Result<()> {
    let stand = Stand::build().await?;
    let place = stand.database("undisturbed").await?;
    succeeded(output(place.backfill()).await?)?;
    let expected = place.digest()?;
    let mut counted = fault("F4").faults(3);

    let place = stand.database("thrown_out").await?;
    let mut barrier = Barrier::raise(&place).await?;
    let child = place.backfill().spawn()?;
    barrier.reached().await?;
    let mut other = place.connect().await?;
    let waiting = "select count(pg_terminate_backend(pid)) from pg_locks where not granted";
    let thrown_out: i64 = sqlx::query_scalar(waiting).fetch_one(&mut other).await?;
    ensure!(thrown_out == 1, "{thrown_out} backends");
    // It tries again by itself, as long as nobody throws it out for good.
    barrier.reached().await?;
    barrier.lower().await?;
    succeeded(ended(child).await?)?;
    counted.compare(&finished(&place).await?, &expected)?;

    let place = stand.database("waits").await?;
    place
        .administer("alter database waits set lock_timeout to '200ms'")
        .await?;
    let barrier = Barrier::raise(&place).await?;
    let said = output(place.backfill()).await?;
    failed(&said)?;
    ensure!(
        message(&said).contains("lock timeout"),
        "{}",
        message(&said)
    );
    barrier.lower().await?;
    counted.compare(&finished(&place).await?, &expected)?;

    let place = stand.database("narrow").await?;
    place.administer(NARROW).await?;
    let narrow = place.as_login("narrow");
    let held = narrow.connect().await?;
    let said = output(narrow.backfill()).await?;
    let told = message(&said);
    ensure!(
        !said.status.success() && told.contains("too many connections"),
        "{told}"
    );
    ensure!(place.applied().await? == 0, "something is loaded");
    drop(held);
    // With one connection it either works or says that it needs more.
    let said = output(narrow.backfill()).await?;
    let code = said.status.code().context("a code")?;
    ensure!(code < 3, "{code}: {}", message(&said));
    counted.compare(&finished(&place).await?, &expected)
}
