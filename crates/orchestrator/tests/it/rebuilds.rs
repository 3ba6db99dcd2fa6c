//! `catwing recovery`, killed at each failpoint and at random, readers see the live tables until the
//! switch, and the same command again leaves them as they were, with nothing beside.

use std::{
    collections::BTreeSet,
    os::unix::process::ExitStatusExt,
    process::{Command, Output},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use catwing_domain::failpoint::{BULK_AFTER_BUILD, LOAD_AFTER_COMMIT, LOAD_BEFORE_COMMIT};
use sea_orm::sqlx;
use serde_json::Value;
use tokio::{task::JoinHandle, task::spawn_blocking};

use crate::{
    faults::{fault, seeds},
    points::{REBUILD, RESTORE, points},
    retailer,
    sales::{CLIENT, DAYS, SCHEMA},
    stand::{Place, Stand, import_of, succeeded},
    together::{message, output},
};

/// Another tenant in the same database, whom nothing of this may touch.
const NEIGHBOUR: &str = "CW-000331";
const SEEDS: u64 = 4;
const SIGABRT: i32 = 6;
const SIGKILL: i32 = 9;
const LOCKED: i32 = 4;
const POLL: Duration = Duration::from_millis(50);
/// How soon the server must have noticed that a killed process is gone.
const NOTICED_WITHIN: Duration = Duration::from_secs(60);

/// Two tenants whose live tables are whole.
pub struct Whole {
    pub stand: Stand,
    pub place: Place,
    /// The digest of the first.
    pub live: String,
    neighbour: String,
    relations: Vec<String>,
}

/// `catwing recovery rebuild` or `restore` of the first tenant, with nobody to be asked.
pub fn recovery(place: &Place, way: &str) -> Command {
    let mut command = place.command();
    command.args(["recovery", way, "--client", CLIENT, "--yes"]);
    command
}

/// Repeats a command until the server has noticed that the one before was killed.
pub async fn again(command: impl Fn() -> Command) -> Result<Output> {
    let begun = Instant::now();
    loop {
        let said = output(command()).await?;
        if said.status.code() != Some(LOCKED) || begun.elapsed() > NOTICED_WITHIN {
            return Ok(said);
        }
        tokio::time::sleep(POLL).await;
    }
}

impl Whole {
    pub async fn build() -> Result<Self> {
        let stand = Stand::build_whole().await?;
        let place = stand.database("whole").await?;
        succeeded(output(place.backfill()).await?)?;
        let file = stand.new_home("neighbour.toml");
        std::fs::write(&file, retailer::tenant()?.replace(CLIENT, NEIGHBOUR))?;
        let mut add = place.command();
        add.args(["tenant", "add"]).arg(&file);
        succeeded(output(add).await?)?;
        let mut import = place.command();
        import.args(import_of(&stand.files, NEIGHBOUR));
        succeeded(output(import).await?)?;
        let mut load = place.command();
        load.args(["backfill", "--client", NEIGHBOUR]);
        succeeded(output(load).await?)?;
        Ok(Self {
            live: place.digest()?,
            neighbour: place.digest_of(NEIGHBOUR)?,
            relations: place.relations().await?,
            stand,
            place,
        })
    }

    /// Nobody has touched the neighbour.
    fn check_neighbour(&self) -> Result<()> {
        let found = self.place.digest_of(NEIGHBOUR)?;
        ensure!(found == self.neighbour, "another digest of the neighbour");
        Ok(())
    }

    /// The live tables are as they were, and nothing is beside them.
    async fn check(&self) -> Result<()> {
        ensure!(self.place.digest()? == self.live, "another digest");
        self.place.check_whole().await?;
        let found = self.place.relations().await?;
        let (found, expected) = (
            BTreeSet::from_iter(&found),
            BTreeSet::from_iter(&self.relations),
        );
        let difference: Vec<_> = found.symmetric_difference(&expected).collect();
        ensure!(difference.is_empty(), "left or missing: {difference:?}");
        Ok(())
    }

    /// Aborts a command at the `nth` passage of a failpoint; the same command finishes it.
    async fn abort_at(&self, way: &str, point: &str, nth: usize) -> Result<()> {
        let mut doomed = recovery(&self.place, way);
        doomed.env("CATWING_FAILPOINT", format!("{point}:{nth}"));
        let aborted = output(doomed).await?;
        ensure!(
            aborted.status.signal() == Some(SIGABRT),
            "not aborted: {} {}",
            aborted.status,
            message(&aborted)
        );
        ensure!(self.place.digest()? == self.live, "another live digest");
        succeeded(again(|| recovery(&self.place, way)).await?)?;
        self.check().await
    }
}

/// Somebody who reads the live tables all the time, and must never see anything else.
struct Reader {
    is_over: Arc<AtomicBool>,
    reads: Arc<AtomicU64>,
    reading: JoinHandle<Result<()>>,
}

impl Reader {
    async fn of(place: &Place) -> Result<Self> {
        let mut connection = place.connect().await?;
        let query = format!(
            "select (select count(*) from {SCHEMA}.load_ledger), \
             (select count(*) from {SCHEMA}.sales_order_lines), \
             (select count(*) from {SCHEMA}_stats.daily_pending_po_values)"
        );
        let (is_over, reads) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicU64::new(0)),
        );
        let (over, count) = (Arc::clone(&is_over), Arc::clone(&reads));
        let reading = tokio::spawn(async move {
            let mut first: Option<(i64, i64, i64)> = None;
            while !over.load(Ordering::SeqCst) {
                let statement = sqlx::query_as(sqlx::AssertSqlSafe(query.clone()));
                let seen = statement.persistent(false).fetch_one(&mut connection);
                let seen = seen.await?;
                ensure!(
                    *first.get_or_insert(seen) == seen,
                    "{first:?}, now {seen:?}"
                );
                count.fetch_add(1, Ordering::SeqCst);
            }
            Ok(())
        });
        Ok(Self {
            is_over,
            reads,
            reading,
        })
    }

    async fn end(self) -> Result<()> {
        self.is_over.store(true, Ordering::SeqCst);
        self.reading.await??;
        ensure!(self.reads.load(Ordering::SeqCst) > 0, "nobody read");
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_that_is_aborted_at_a_failpoint_is_finished_by_the_same_command() -> Result<()> {
    let whole = Whole::build().await?;
    let reader = Reader::of(&whole.place).await?;
    let first = points(REBUILD).into_iter().map(|point| (point, 1));
    // What a rebuild stages is loaded in bulk by the same steps.
    let more = [
        (LOAD_BEFORE_COMMIT, 1),
        (LOAD_AFTER_COMMIT, 1),
        (BULK_AFTER_BUILD, 3),
    ];
    let mut kills = 0;
    for (point, nth) in first.chain(more) {
        let aborted = whole.abort_at("rebuild", point, nth).await;
        aborted.with_context(|| format!("{point}:{nth}"))?;
        kills += 1;
    }
    reader.end().await?;
    whole.check_neighbour()?;
    fault("F1").kills(kills).digests(2 * kills + 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_is_aborted_at_a_failpoint_is_finished_by_the_same_command() -> Result<()> {
    let whole = Whole::build().await?;
    let mut backup = whole.place.command();
    backup.arg("backup");
    succeeded(output(backup).await?)?;
    let reader = Reader::of(&whole.place).await?;
    let points = points(RESTORE);
    for point in &points {
        let aborted = whole.abort_at("restore", point, 1).await;
        aborted.with_context(|| (*point).to_owned())?;
    }
    reader.end().await?;
    whole.check_neighbour()?;
    fault("F1")
        .kills(points.len())
        .digests(2 * points.len() + 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_that_is_killed_at_random_goes_on_where_it_was() -> Result<()> {
    let whole = Whole::build().await?;
    let reader = Reader::of(&whole.place).await?;
    let started = Instant::now();
    succeeded(output(recovery(&whole.place, "rebuild")).await?)?;
    let took = started.elapsed();
    whole.check().await?;
    let mut kills = 0;
    for seed in seeds(SEEDS) {
        // Half of a golden section apart, seeds are spread evenly over the time that a rebuild takes.
        let part = ((seed + 1) as f64 * 0.618_033_988_749_895).fract();
        let mut child = recovery(&whole.place, "rebuild").spawn()?;
        tokio::time::sleep(took.mul_f64(part)).await;
        child.kill()?;
        let status = spawn_blocking(move || child.wait()).await??;
        let context = || format!("seed {seed}");
        ensure!(
            status.signal() == Some(SIGKILL) || status.success(),
            "seed {seed}: it ended by itself: {status}"
        );
        ensure!(whole.place.digest()? == whole.live, "seed {seed}: another");
        let finished = again(|| recovery(&whole.place, "rebuild")).await?;
        succeeded(finished).with_context(context)?;
        whole.check().await.with_context(context)?;
        kills += 1;
    }
    reader.end().await?;
    whole.check_neighbour()?;
    fault("F2").kills(kills).digests(2 * kills + 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_proves_both_ways_and_names_what_was_changed_by_hand() -> Result<()> {
    let stand = Stand::build().await?;
    let place = stand.database("drilled").await?;
    succeeded(output(place.backfill()).await?)?;
    ensure!(place.applied().await? == i64::from(DAYS));
    let drill = || {
        let mut command = place.command();
        command.args(["recovery", "drill", "--client", CLIENT]);
        command
    };
    let databases = "select count(*) from pg_database where datname like 'catwing_drill%'";

    // Nothing to restore from is no proof.
    let without = output(drill()).await?;
    ensure!(without.status.code() == Some(1), "{}", without.status);
    ensure!(
        message(&without).contains("catwing backup"),
        "{}",
        message(&without)
    );

    let mut backup = place.command();
    backup.arg("backup");
    succeeded(output(backup).await?)?;
    let proof: Value = serde_json::from_slice(&succeeded(output(drill()).await?)?)?;
    let tenant = &proof["tenants"][CLIENT];
    for way in ["restored", "rebuilt"] {
        ensure!(tenant[way]["digest"] == tenant["live"], "{proof}");
    }
    let mut counted = fault("F12").faults(1).digests(2);
    let live = tenant["live"].as_str().context("a digest")?;
    counted.compare(live, &place.digest()?)?;
    let reports = place.home.join("s3/catwing-masters/db-backups/drills");
    let recorded = || -> Result<usize> { Ok(std::fs::read_dir(&reports)?.count()) };
    ensure!(recorded()? == 2, "{} reports", recorded()?);

    let change =
        format!("update {SCHEMA}.products set product_name = 'by hand' where external_id = 'P3'");
    place.administer(&change).await?;
    let differs = output(drill()).await?;
    ensure!(differs.status.code() == Some(1), "{}", differs.status);
    let report: Value = serde_json::from_slice(&differs.stdout)?;
    for way in ["restored", "rebuilt"] {
        let named = &report["tenants"][CLIENT][way]["differing"];
        ensure!(*named == serde_json::json!(["products"]), "{report}");
    }
    ensure!(recorded()? == 3, "{} reports", recorded()?);
    ensure!(place.number(databases).await? == 0, "a database of a drill");
    Ok(())
}
