//! Several commands at once, and one that is interrupted.

use std::{
    process::{Child, Command},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};
use serde_json::Value;
use tokio::task::spawn_blocking;

use crate::{
    faults::fault,
    sales::{CLIENT, DAYS, SCHEMA},
    stand::{Place, Stand, succeeded},
};

/// What schedulers branch on.
const FAILED: i32 = 1;
const LOCKED: i32 = 4;
const POLL: Duration = Duration::from_millis(20);
const WAITS_MAX: usize = 1_500;

/// Holds up whoever writes documents, until it is dropped.
pub struct Barrier {
    connection: PgConnection,
}

impl Barrier {
    pub async fn raise(place: &Place) -> Result<Self> {
        let mut connection = place.connect().await?;
        let lock = format!("begin; lock table {SCHEMA}.sales_orders in exclusive mode");
        sqlx::raw_sql(AssertSqlSafe(lock))
            .execute(&mut connection)
            .await?;
        Ok(Self { connection })
    }

    /// Waits until somebody waits for it.
    pub async fn reached(&mut self) -> Result<()> {
        self.waiters(|waiting| waiting > 0).await
    }

    /// Waits until nobody does any more.
    async fn left(&mut self) -> Result<()> {
        self.waiters(|waiting| waiting == 0).await
    }

    async fn waiters(&mut self, enough: fn(i64) -> bool) -> Result<()> {
        for _ in 0..WAITS_MAX {
            let waiting: i64 =
                sqlx::query_scalar("select count(*) from pg_locks where not granted")
                    .fetch_one(&mut self.connection)
                    .await?;
            if enough(waiting) {
                return Ok(());
            }
            tokio::time::sleep(POLL).await;
        }
        anyhow::bail!("nobody came to the barrier, or nobody left it")
    }

    pub async fn lower(mut self) -> Result<()> {
        sqlx::raw_sql("rollback")
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }
}

pub async fn output(mut command: Command) -> Result<std::process::Output> {
    Ok(spawn_blocking(move || command.output()).await??)
}

pub async fn ended(child: Child) -> Result<std::process::Output> {
    Ok(spawn_blocking(move || child.wait_with_output()).await??)
}

pub fn message(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_backfills_one_is_told_that_the_other_runs() -> Result<()> {
    let stand = Stand::build().await?;
    let place = stand.database("two_backfills").await?;
    let mut barrier = Barrier::raise(&place).await?;
    let first = place.backfill().spawn()?;
    barrier.reached().await?;
    let second = output(place.backfill()).await?;
    ensure!(second.status.code() == Some(LOCKED), "{}", second.status);
    let told = message(&second);
    ensure!(
        told.contains(&format!("another run of {CLIENT} is under way")),
        "{told}"
    );
    barrier.lower().await?;
    succeeded(ended(first).await?)?;
    ensure!(
        place.applied().await? == i64::from(DAYS),
        "not every delivery was applied"
    );
    place.check_whole().await?;
    // The second one finds nothing to do now.
    succeeded(output(place.backfill()).await?)?;
    fault("F9").faults(1);
    Ok(())
}

/// Killed while the server works on a statement of its own, which could take hours.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_backfill_does_not_keep_the_tenant_locked() -> Result<()> {
    let stand = Stand::build().await?;
    let place = stand.database("killed").await?;
    let mut barrier = Barrier::raise(&place).await?;
    let mut child = place.backfill().spawn()?;
    barrier.reached().await?;
    ensure!(state_of_last_run(&place)? == "running");
    child.kill()?;
    spawn_blocking(move || child.wait()).await??;
    // The barrier still stands: only the server itself can have noticed.
    barrier.left().await?;
    barrier.lower().await?;
    ensure!(state_of_last_run(&place)? == "died");
    succeeded(output(place.backfill()).await?)?;
    ensure!(state_of_last_run(&place)? == "done");
    place.check_whole().await?;
    fault("F2").kills(1);
    Ok(())
}

/// What `catwing status` says of the newest run.
fn state_of_last_run(place: &Place) -> Result<String> {
    let status = succeeded(place.command().arg("status").output()?)?;
    let status: serde_json::Value = serde_json::from_slice(&status)?;
    let state = status["tenants"][0]["last_run"]["state"].as_str();
    Ok(state.context("a run")?.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_leaves_whole_deliveries_and_the_same_command_goes_on() -> Result<()> {
    let stand = Stand::build().await?;
    let undisturbed = stand.database("undisturbed").await?;
    succeeded(output(undisturbed.backfill()).await?)?;
    let expected = undisturbed.digest()?;
    for (signal, name) in [(Signal::INT, "Ctrl-C"), (Signal::TERM, "SIGTERM")] {
        let place = stand
            .database(&format!("signal_{}", signal.as_raw()))
            .await?;
        interrupt(&place, signal, name).await?;
        place.check_whole().await?;
        succeeded(output(place.backfill()).await?)?;
        place.check_whole().await?;
        ensure!(place.digest()? == expected, "{name}: another digest");
    }
    Ok(())
}

/// Interrupts a backfill in the middle of a transaction; it says what stopped it, and its run is
/// recorded as failed.
async fn interrupt(place: &Place, signal: Signal, name: &str) -> Result<()> {
    let mut barrier = Barrier::raise(place).await?;
    let child = place.backfill().spawn()?;
    barrier.reached().await?;
    let pid = Pid::from_raw(i32::try_from(child.id())?).context("a pid")?;
    kill_process(pid, signal)?;
    let interrupted = ended(child).await?;
    ensure!(
        interrupted.status.code() == Some(FAILED),
        "{}",
        interrupted.status
    );
    let told = message(&interrupted);
    ensure!(told.contains(&format!("stopped by {name}")), "{told}");
    let failed = format!(
        "select count(*) from pipeline_runs where status = 'failed' and error_message like '%{name}%'"
    );
    ensure!(
        place.number(&failed).await? == 1,
        "the run is not recorded as stopped"
    );
    barrier.lower().await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_imports_at_once_land_every_file_once() -> Result<()> {
    let stand = Stand::build().await?;
    let place = stand.database("imports").await?;
    let place = place.beside(&stand.new_home("imports"));
    stand.add_tenant(&place)?;
    let start = || place.command().args(stand.import()).spawn();
    let (one, other) = (start()?, start()?);
    let (one, other) = tokio::try_join!(ended(one), ended(other))?;
    let mut landed = 0;
    for output in [one, other] {
        let report: Value = serde_json::from_slice(&succeeded(output)?)?;
        let files = report["files"].as_array().context("files")?;
        landed += files.iter().filter(|file| file["landed"] == true).count();
    }
    ensure!(landed == 2 * DAYS as usize, "{landed} files were landed");
    let mut verify = place.command();
    verify.args(["raw", "verify", "--deep", "--client", CLIENT]);
    succeeded(output(verify).await?)?;
    succeeded(output(place.backfill()).await?)?;
    place.check_whole().await?;
    let undisturbed = stand.database("undisturbed").await?;
    succeeded(output(undisturbed.backfill()).await?)?;
    fault("F9")
        .faults(1)
        .compare(&place.digest()?, &undisturbed.digest()?)
}
