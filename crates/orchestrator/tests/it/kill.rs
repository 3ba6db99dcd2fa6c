//! Killed without a chance to clean up, at random and at each failpoint: the same command again
//! brings the database to where it would have been.

use std::{
    os::unix::process::ExitStatusExt,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use tokio::task::{JoinSet, spawn_blocking};

use crate::{
    faults::{fault, seeds},
    points::{BACKFILL, IMPORT, points},
    sales::CLIENT,
    stand::{Place, Stand, succeeded},
};

const SEEDS: u64 = 20;
/// Kills that must meet a backfill between its first transaction and its last, else the test proves
/// little.
const MEANT_MIN: usize = 4;
/// Places that are worked on at a time.
const AT_ONCE: usize = 2;
const SIGABRT: i32 = 6;
const SIGKILL: i32 = 9;

/// What an undisturbed run gives, and how long it takes.
struct Undisturbed {
    digest: String,
    deliveries: i64,
    took: Duration,
}

async fn undisturbed(stand: &Stand) -> Result<Undisturbed> {
    let place = stand.database("undisturbed").await?;
    let started = Instant::now();
    succeeded(output(place.backfill()).await?)?;
    let took = started.elapsed();
    place.check_whole().await?;
    let open = "select count(*) from purchase_orders where source_rank = 3";
    ensure!(place.number(open).await? > 0, "no purchase order");
    let shown = "select count(*) from cw_330_stats.daily_pending_po_values";
    ensure!(place.number(shown).await? > 0, "no statistics");
    Ok(Undisturbed {
        digest: place.digest()?,
        deliveries: place.applied().await?,
        took,
    })
}

/// Waits for a process without holding up the others.
async fn output(mut command: Command) -> Result<std::process::Output> {
    Ok(spawn_blocking(move || command.output()).await??)
}

/// The second attempt: it succeeds at once, and then everything is as if nothing had happened.
async fn finish(place: &Place, expected: &Undisturbed) -> Result<()> {
    place.check_whole().await?;
    succeeded(output(place.backfill()).await?)?;
    place.check_whole().await?;
    ensure!(
        place.applied().await? == expected.deliveries,
        "not every delivery was applied"
    );
    ensure!(place.digest()? == expected.digest, "another digest");
    let unfinished = "select count(*) from pipeline_runs where status = 'running'";
    ensure!(
        place.number(unfinished).await? == 0,
        "a dead run is still running"
    );
    Ok(())
}

/// Kills one backfill after a time that the seed decides, and returns how many deliveries it had
/// committed until then.
async fn kill_once(stand: &Stand, expected: &Undisturbed, seed: u64) -> Result<i64> {
    let place = stand.database(&format!("seed_{seed}")).await?;
    // Half of a golden section apart, seeds are spread evenly over the time that a run takes.
    let part = (seed as f64 * 0.618_033_988_749_895).fract();
    let mut child = place.backfill().spawn()?;
    tokio::time::sleep(expected.took.mul_f64(part)).await;
    child.kill()?;
    let status = spawn_blocking(move || child.wait()).await??;
    ensure!(
        status.signal() == Some(SIGKILL) || status.success(),
        "it ended by itself: {status}"
    );
    let committed = place.applied().await?;
    finish(&place, expected).await?;
    stand.drop(&place).await?;
    Ok(committed)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backfill_that_is_killed_at_random_goes_on_where_it_was() -> Result<()> {
    let stand = Arc::new(Stand::build_whole().await?);
    let expected = Arc::new(undisturbed(&stand).await?);
    let mut running = JoinSet::new();
    let mut committed = Vec::new();
    for seed in seeds(SEEDS) {
        if running.len() == AT_ONCE {
            committed.extend(running.join_next().await.context("a seed")??);
        }
        let (stand, expected) = (Arc::clone(&stand), Arc::clone(&expected));
        running.spawn(async move {
            let killed = kill_once(&stand, &expected, seed).await;
            killed.with_context(|| format!("seed {seed}"))
        });
    }
    while let Some(killed) = running.join_next().await {
        committed.extend(killed?);
    }
    let killed = committed.len();
    let meant = committed
        .iter()
        .filter(|count| (1..expected.deliveries).contains(count));
    ensure!(
        meant.count() >= MEANT_MIN,
        "too few kills met a transaction: {committed:?}"
    );
    fault("F2").kills(killed).digests(killed);
    Ok(())
}

fn is_of_backfill(point: &str) -> bool {
    BACKFILL.iter().any(|kind| point.starts_with(kind))
}

/// The command that passes a failpoint: what imports and what adds a tenant pass those of the archive.
fn passing(stand: &Stand, place: &Place, point: &str) -> Command {
    if is_of_backfill(point) {
        return place.backfill();
    }
    let mut command = place.command();
    command.args(if point.starts_with("config.") {
        stand.adding()
    } else {
        stand.import()
    });
    command
}

/// Aborts the command at the failpoint, and lets it and all that follow it run through afterwards.
async fn abort_at(stand: &Stand, expected: &Undisturbed, point: &str) -> Result<()> {
    let name = point.replace('.', "_");
    let mut place = stand.database(&name).await?;
    if !is_of_backfill(point) {
        place = place.beside(&stand.new_home(&name));
    }
    if point.starts_with("raw.") {
        stand.add_tenant(&place)?;
    }
    // The second passage, so that something is behind it; a tenant's file is put once, and statistics
    // are refreshed once.
    let once = ["config.", "stats."];
    let nth = if once.iter().any(|kind| point.starts_with(kind)) {
        1
    } else {
        2
    };
    let mut command = passing(stand, &place, point);
    command.env("CATWING_FAILPOINT", format!("{point}:{nth}"));
    let aborted = output(command).await?;
    ensure!(
        aborted.status.signal() == Some(SIGABRT),
        "not aborted: {}",
        aborted.status
    );
    place.check_whole().await?;
    succeeded(output(passing(stand, &place, point)).await?)?;
    if point.starts_with("config.") {
        succeeded(output(passing(stand, &place, "raw.")).await?)?;
    }
    let mut verify = place.command();
    verify.args(["raw", "verify", "--deep", "--client", CLIENT]);
    succeeded(output(verify).await?)?;
    finish(&place, expected).await?;
    stand.drop(&place).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_aborted_at_a_failpoint_is_whole_after_the_same_command() -> Result<()> {
    let stand = Stand::build_whole().await?;
    let expected = undisturbed(&stand).await?;
    let ours = points(&[IMPORT, BACKFILL].concat());
    for point in &ours {
        abort_at(&stand, &expected, point).await.context(*point)?;
    }
    fault("F1").kills(ours.len()).digests(ours.len());
    Ok(())
}
