//! A whole day of an ERP with all kinds of records, killed in any of its steps: the same command again
//! brings it to its end, and repeats no step that was finished.

use std::{
    collections::BTreeMap,
    os::unix::process::ExitStatusExt,
    process::{Command, Output},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use catwing_domain::failpoint::EXPORT_AFTER_REMOVE;
use catwing_simulator::{Erp, Server};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinSet, task::spawn_blocking};

use crate::{
    export::{check_sealed, files},
    faults::{fault, seeds},
    points::{BACKFILL, EXPORT, FETCH, LANDING, points},
    retailer::{self, TOKEN, URL},
    sales::CLIENT,
    stand::{Place, Stand, succeeded},
};

/// Business days of the history; the last one is run.
const DAYS: u16 = 4;
const SEEDS: u64 = 8;
const AT_ONCE: usize = 2;
const SECRET: &str = "canary-4d2a";
const SIGABRT: i32 = 6;
const SIGKILL: i32 = 9;

/// A database and an archive that have all days but the last one, and an ERP that has that too.
pub struct Evening {
    stand: Stand,
    server: Server,
    pub place: Place,
    pub day: String,
}

/// What an undisturbed run leaves, and how long it takes.
struct Undisturbed {
    digest: String,
    exported: BTreeMap<String, Vec<u8>>,
    took: Duration,
}

impl Evening {
    pub async fn come() -> Result<Self> {
        let stand = Stand::bare()?;
        let history = retailer::history(DAYS)?;
        let first = history.settings().first_day;
        let days: Vec<_> = retailer::history(DAYS)?
            .map(|day| day.day.to_string())
            .collect();
        let erp = spawn_blocking(move || Erp::new(history)).await??;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let server = Server::start(Arc::new(erp), listener, Some(SECRET.into()))?;
        let place = stand.empty_database("evening").await?;
        stand.add(&place, &retailer::served_tenant()?)?;
        stand.tell_rates(&place)?;
        let evening = Self {
            stand,
            server,
            place,
            day: days.last().context("a day")?.clone(),
        };
        let to = days.iter().rev().nth(1).context("a day before")?;
        let before = ["backfill", "--from", &first.to_string(), "--to", to];
        succeeded(output(evening.command(&evening.place, &before)).await?)?;
        Ok(evening)
    }

    /// The command, told where the ERP is.
    pub fn bare_command(&self, place: &Place, arguments: &[&str]) -> Command {
        let mut command = place.command();
        command
            .args(arguments)
            .env(URL, self.server.url())
            .env(TOKEN, SECRET);
        command
    }

    /// The same for the tenant.
    pub fn command(&self, place: &Place, arguments: &[&str]) -> Command {
        let mut command = self.bare_command(place, arguments);
        command.args(["--client", CLIENT]);
        command
    }

    fn run(&self, place: &Place) -> Command {
        self.command(place, &["run", "--date", &self.day])
    }

    fn exported(&self, place: &Place) -> Result<BTreeMap<String, Vec<u8>>> {
        let folder = format!("s3/catwing-masters/ml-output/{CLIENT}/{}", self.day);
        let folder = place.home.join(folder);
        match folder.exists() {
            true => files(&folder),
            false => Ok(BTreeMap::new()),
        }
    }

    async fn undisturbed(&self) -> Result<Undisturbed> {
        let place = self.stand.copy_of(&self.place, "undisturbed").await?;
        let started = Instant::now();
        let ran = succeeded(output(self.run(&place)).await?)?;
        let took = started.elapsed();
        let states = states(&serde_json::from_slice(&ran)?)?;
        ensure!(states.values().all(|state| state == "done"), "{states:?}");
        ensure!(states.len() == 6, "{states:?}");
        let exported = self.exported(&place)?;
        ensure!(check_sealed(&exported)?, "nothing was exported");
        Ok(Undisturbed {
            digest: place.digest()?,
            exported,
            took,
        })
    }

    /// How far the newest run came, by step.
    async fn newest(&self, place: &Place) -> Result<BTreeMap<String, String>> {
        let list = output(self.command(place, &["runs", "list", "--limit", "1"])).await?;
        let list: Value = serde_json::from_slice(&succeeded(list)?)?;
        // A run that was killed at once left nothing, not even itself: before it there is a backfill.
        let Some(run) = list[0]["run_id"]
            .as_str()
            .filter(|_| list[0]["kind"] == "run")
        else {
            return Ok(BTreeMap::new());
        };
        let shown = output(self.command(place, &["runs", "show", run])).await?;
        states(&serde_json::from_slice(&succeeded(shown)?)?)
    }

    /// After a kill: the same command succeeds, and then everything is as if nothing had happened.
    async fn finish(&self, place: &Place, expected: &Undisturbed) -> Result<()> {
        place.check_whole().await?;
        let killed = self.newest(place).await?;
        let exported = self.exported(place)?;
        if check_sealed(&exported)? {
            ensure!(exported == expected.exported, "another export");
        }
        succeeded(output(self.run(place)).await?)?;
        let ran = self.newest(place).await?;
        ensure!(ran.len() == 6, "{ran:?}");
        let is_done = |step| killed.get(step).is_some_and(|state| state == "done");
        // A run that came to its end before it could be killed is repeated in whole.
        let is_whole = ran.keys().all(is_done);
        for (step, state) in &ran {
            let right = if is_done(step) { "skipped" } else { "done" };
            let is_right = state == right || (is_whole && state == "done");
            ensure!(is_right, "{step} is {state} after {killed:?}");
        }
        place.check_whole().await?;
        ensure!(place.digest()? == expected.digest, "another digest");
        let exported = self.exported(place)?;
        ensure!(check_sealed(&exported)?, "no manifest");
        ensure!(exported == expected.exported, "another export");
        let verify = self.command(place, &["raw", "verify", "--deep"]);
        succeeded(output(verify).await?)?;
        self.stand.drop(place).await
    }

    async fn kill(&self, expected: &Undisturbed, seed: u64) -> Result<()> {
        let place = self
            .stand
            .copy_of(&self.place, &format!("seed_{seed}"))
            .await?;
        let part = (seed as f64 * 0.618_033_988_749_895).fract();
        let mut child = self.run(&place).spawn()?;
        tokio::time::sleep(expected.took.mul_f64(part)).await;
        child.kill()?;
        let status = spawn_blocking(move || child.wait()).await??;
        ensure!(
            status.signal() == Some(SIGKILL) || status.success(),
            "it ended by itself: {status}"
        );
        self.finish(&place, expected).await
    }

    async fn abort(&self, expected: &Undisturbed, point: &str) -> Result<()> {
        let name = point.replace('.', "_");
        let place = self.stand.copy_of(&self.place, &name).await?;
        let mut command = self.run(&place);
        command.env("CATWING_FAILPOINT", point);
        let status = output(command).await?.status;
        ensure!(status.signal() == Some(SIGABRT), "not aborted: {status}");
        self.finish(&place, expected).await
    }
}

/// The steps of a report with their states.
fn states(report: &Value) -> Result<BTreeMap<String, String>> {
    let text = |step: &Value, field: &str| step[field].as_str().map(str::to_owned);
    let steps = report["steps"].as_array().context("steps")?.iter();
    let pairs = steps.map(|step| Some((text(step, "name")?, text(step, "state")?)));
    pairs.collect::<Option<_>>().context("names and states")
}

/// Waits for a process without holding up the server, which is in this one.
pub async fn output(mut command: Command) -> Result<Output> {
    Ok(spawn_blocking(move || command.output()).await??)
}

/// What a run is killed by.
#[derive(Clone, Copy, Debug)]
enum End {
    Seed(u64),
    Point(&'static str),
}

/// Ends a day in each of these ways, and returns how many they were.
async fn end_each(ends: impl Iterator<Item = End>) -> Result<usize> {
    let evening = Arc::new(Evening::come().await?);
    let expected = Arc::new(evening.undisturbed().await?);
    let mut running = JoinSet::new();
    let mut ended_by = 0;
    for end in ends {
        ended_by += 1;
        if running.len() == AT_ONCE {
            running.join_next().await.context("a kill")???;
        }
        let (evening, expected) = (Arc::clone(&evening), Arc::clone(&expected));
        running.spawn(async move {
            let ended = match end {
                End::Seed(seed) => evening.kill(&expected, seed).await,
                End::Point(point) => evening.abort(&expected, point).await,
            };
            ended.with_context(|| format!("{end:?}"))
        });
    }
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    Ok(ended_by)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_is_killed_at_random_goes_on_with_its_first_unfinished_step() -> Result<()> {
    let kills = end_each(seeds(SEEDS).map(End::Seed)).await?;
    fault("F2").kills(kills).digests(kills);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_is_aborted_at_a_failpoint_goes_on_with_its_first_unfinished_step() -> Result<()>
{
    // No export is there before, so that none is removed.
    let passed = points(&[LANDING, FETCH, BACKFILL, EXPORT].concat())
        .into_iter()
        .filter(|point| *point != EXPORT_AFTER_REMOVE);
    let kills = end_each(passed.map(End::Point)).await?;
    fault("F1").kills(kills).digests(kills);
    Ok(())
}
