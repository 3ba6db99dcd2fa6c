//! `catwing backup`: what it says, beside a load that runs, and what is there when it is killed.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use catwing_domain::failpoint::{
    BACKUP_AFTER_COPY, BACKUP_AFTER_DUMP, BACKUP_AFTER_SEAL, BACKUP_BEFORE_PROMOTE,
};
use catwing_embedded::Clients;
use catwing_recovery::backup::BACKUP_LOCK;
use sea_orm::sqlx::{self, Connection};
use serde_json::Value;

use crate::{
    faults::fault,
    points::{BACKUP, points},
    sales::CLIENT,
    stand::{Place, Stand, succeeded},
};

const SIGABRT: i32 = 6;
/// Backups that must meet a backfill between its first transaction and its last, else the test proves little.
const MEANT_MIN: usize = 1;

fn backup(place: &Place, more: &[&str]) -> Command {
    let mut command = place.command();
    command.arg("backup").args(more);
    command
}

fn json(output: Output) -> Result<Value> {
    Ok(serde_json::from_slice(&succeeded(output)?)?)
}

/// The backups that are listed, by key, with the run that took each where it is good.
fn good(place: &Place) -> Result<BTreeSet<(String, String)>> {
    let listed = json(backup(place, &["verify"]).output()?)?;
    let backups = listed["backups"].as_array().context("a list")?;
    let told = |backup: &Value| {
        let field = |name: &str| backup[name].as_str().map(str::to_owned);
        Some((field("key")?, field("taken_at")?))
    };
    backups
        .iter()
        .map(|backup| told(backup).with_context(|| backup.to_string()))
        .collect()
}

fn folder(place: &Place) -> PathBuf {
    place.home.join("s3/catwing-masters/db-backups")
}

/// Files in a folder, which need not be there.
fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

/// The digest of the tenant in a backup that was taken.
fn told_digest(taken: &Value) -> Result<&str> {
    let tenants = taken["tenants"].as_array().context("tenants")?;
    let tenant = tenants.iter().find(|tenant| tenant["client"] == CLIENT);
    let digest = tenant.context("the tenant")?["digest"].as_str();
    digest.context("a digest")
}

/// Restores a backup to an empty database as a person does it, and returns the digest of the tenant.
async fn restored(stand: &Stand, file: &Path, name: &str) -> Result<String> {
    let target = stand.empty_database(name).await?;
    let clients = Clients::find_all(
        std::env::var_os("CATWING_PG_BIN")
            .map(PathBuf::from)
            .as_deref(),
    )?;
    let psql = clients.first().context("no psql")?.psql();
    let script = "set -e; gunzip -c \"$1\" | \"$2\" -X -q -v ON_ERROR_STOP=1 \"$3\"";
    let output = Command::new("sh")
        .args(["-c", script, "sh"])
        .arg(file)
        .arg(&psql)
        .arg(target.url())
        .output()?;
    succeeded(output)?;
    let digest = target.digest();
    stand.drop(&target).await?;
    digest
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_says_what_it_holds_and_can_be_read_back() -> Result<()> {
    let stand = Stand::build_whole().await?;
    let place = stand.database("told").await?;
    succeeded(place.backfill().output()?)?;
    ensure!(backup(&place, &["list"]).output()?.status.success());
    let output = backup(&place, &["--keep-daily", "2"]).output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    for phase in ["dumping", "reading the backup back"] {
        ensure!(said.contains(phase), "{said}");
    }
    let taken = json(output)?;
    let keys = taken["keys"].as_array().context("keys")?;
    ensure!(keys.len() == 2, "{taken}");
    for phase in ["read", "dump", "verify", "promote"] {
        ensure!(taken["seconds"][phase].is_f64(), "{taken}");
    }
    let members = taken["members"].as_array().context("members")?;
    let sizes = members
        .iter()
        .filter_map(|member| member["size_bytes"].as_u64());
    ensure!(taken["size_bytes"].as_u64() == Some(sizes.sum()));
    ensure!(told_digest(&taken)? == place.digest()?);
    ensure!(good(&place)?.len() == 2);
    let key = keys[0].as_str().context("a key")?;
    let path = place.home.join("s3/catwing-masters").join(key);
    ensure!(restored(&stand, &path, "by_hand").await? == place.digest()?);

    // Somebody else's turn.
    let mut other = place.connect().await?;
    sqlx::query("select pg_advisory_lock($1)")
        .bind(BACKUP_LOCK)
        .execute(&mut other)
        .await?;
    ensure!(backup(&place, &[]).output()?.status.code() == Some(4));
    other.close().await?;

    // A file that was damaged is named, and a database without tenants has nothing to back up.
    std::fs::write(&path, vec![0; std::fs::read(&path)?.len()])?;
    let damaged = backup(&place, &["verify", key]).output()?;
    ensure!(damaged.status.code() == Some(1), "{}", damaged.status);
    ensure!(String::from_utf8_lossy(&damaged.stdout).contains("are not those that were written"));
    let unknown = backup(&place, &["verify", "no-such-key"]).output()?;
    ensure!(unknown.status.code() == Some(2));
    let empty = stand.empty_database("without_tenants").await?;
    ensure!(backup(&empty, &[]).output()?.status.code() == Some(2));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_beside_a_backfill_is_of_one_moment() -> Result<()> {
    let stand = Stand::build_whole().await?;
    let place = stand.database("loading").await?;
    let mut load = backfill_by_one(&place).spawn()?;
    // Backups of a day replace each other: of each place that the load was met at, one is set aside.
    let mut met = BTreeMap::new();
    loop {
        let is_over = load.try_wait()?.is_some();
        let taken = json(backup(&place, &[]).output()?)?;
        let tenants = taken["tenants"].as_array().context("tenants")?;
        let tenant = tenants.iter().find(|tenant| tenant["client"] == CLIENT);
        let entries = tenant.and_then(|tenant| tenant["entries"].as_u64());
        let entries = entries.context("entries")?;
        if let Entry::Vacant(place_met) = met.entry(entries) {
            let key = taken["keys"][0].as_str().context("a key")?;
            let aside = place.home.join(format!("met_{entries}.sql.gz"));
            std::fs::copy(place.home.join("s3/catwing-masters").join(key), &aside)?;
            place_met.insert((aside, told_digest(&taken)?.to_owned()));
        }
        if is_over {
            break;
        }
    }
    ensure!(load.wait()?.success());
    let last = u64::try_from(place.applied().await?)?;
    ensure!(met.contains_key(&last), "{met:?}");
    let is_between = |entries: &&u64| (1..last).contains(*entries);
    ensure!(
        met.keys().filter(is_between).count() >= MEANT_MIN,
        "the load was met too seldom: {met:?}"
    );
    // What was not committed is in no digest and in no row; a restore of it is the proof.
    for (entries, (aside, digest)) in met {
        let restored = restored(&stand, &aside, &format!("met_{entries}")).await?;
        ensure!(restored == digest, "another digest after {entries} entries");
    }
    Ok(())
}

/// One delivery a transaction, so that there is much to meet.
fn backfill_by_one(place: &Place) -> Command {
    let mut command = place.command();
    command.args(["backfill", "--client", CLIENT, "--per-transaction", "1"]);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_backup_leaves_a_good_one_and_the_next_clears_up() -> Result<()> {
    let stand = Stand::build().await?;
    let place = stand.database("killed").await?;
    let mut killed = 0;
    let points = points(BACKUP)
        .into_iter()
        .map(|point| (point, 1))
        .chain([(BACKUP_AFTER_DUMP, 2), (BACKUP_AFTER_COPY, 2)]);
    for (point, nth) in points {
        let _ = std::fs::remove_dir_all(folder(&place));
        succeeded(backup(&place, &[]).output()?)?;
        let before = good(&place)?;
        if nth == 2 && point == BACKUP_AFTER_COPY {
            // The second copy is that of a week which has none.
            std::fs::remove_dir_all(folder(&place).join("weekly"))?;
        }
        let mut command = backup(&place, &[]);
        command.env("CATWING_FAILPOINT", format!("{point}:{nth}"));
        let status = command.output()?.status;
        ensure!(status.signal() == Some(SIGABRT), "{point}: {status}");

        // Every one that is told is good, and one at least is, old or new.
        let left = backup(&place, &["list"]).output()?;
        let listed: Value = json(left)?;
        let backups = listed["backups"].as_array().context("a list")?;
        let is_good = |backup: &&Value| backup["flaw"].is_null();
        ensure!(
            backups.iter().any(|backup| is_good(&backup)),
            "{point}: {listed}"
        );
        let promoting = [BACKUP_BEFORE_PROMOTE, BACKUP_AFTER_COPY, BACKUP_AFTER_SEAL];
        if promoting.contains(&point) {
            // The new one was verified: it counts, wherever it stands.
            let newest = backups.first().context("the newest")?;
            let newest = newest["taken_at"].as_str().context("a time")?;
            ensure!(
                before
                    .iter()
                    .all(|(_, taken_at)| taken_at.as_str() < newest),
                "{point}"
            );
        } else {
            ensure!(good(&place)? == before, "{point}: something is touched");
        }

        wait_for_turn(&place).await?;
        succeeded(backup(&place, &[]).output()?)?;
        ensure!(good(&place)?.len() == 2, "{point}: {:?}", good(&place)?);
        ensure!(
            files(&folder(&place).join("tmp")) == 0,
            "{point}: something temporary stays"
        );
        killed += 1;
    }
    ensure!(killed == 7, "{killed} points");
    fault("F1").kills(killed);
    Ok(())
}

/// The server notices a moment later that a killed backup is gone.
async fn wait_for_turn(place: &Place) -> Result<()> {
    let mut connection = place.connect().await?;
    let query = "select exists (select from pg_locks where locktype = 'advisory' \
         and (classid::bigint << 32 | objid::bigint) = $1)";
    loop {
        let is_held: bool = sqlx::query_scalar(query)
            .bind(BACKUP_LOCK)
            .fetch_one(&mut connection)
            .await?;
        if !is_held {
            return Ok(connection.close().await?);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
