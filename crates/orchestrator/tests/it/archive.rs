//! An archive that was damaged behind everybody's back: it is named, a rebuild refuses or leaves out
//! exactly what is lost, and once that is found again everything is as before.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use catwing_domain::{
    SystemClock, TenantId,
    manifest::{EntryNumber, Verdict},
};
use catwing_embedded::S3Server;
use catwing_raw_store::{Author, Store, StoreSettings};
use serde_json::Value;

use crate::{
    faults::{Counted, fault},
    rebuilds::recovery,
    sales::CLIENT,
    stand::{Place, Stand, succeeded},
    together::{message, output},
};

const RAW: i32 = 5;

/// What is done to objects.
#[derive(Clone, Copy, Debug)]
enum Damage {
    Flip,
    Truncate,
    Swap,
    Delete,
}

/// A tenant whose live tables are whole, and its archive.
async fn stand() -> Result<(Stand, Place)> {
    let stand = Stand::build().await?;
    let place = stand.database("whole").await?;
    succeeded(output(place.backfill()).await?)?;
    Ok((stand, place))
}

fn bucket(place: &Place) -> PathBuf {
    place.home.join("s3/catwing-masters")
}

/// Keys of the tenant's raw objects, in their order.
fn objects(place: &Place) -> Result<Vec<String>> {
    let mut command = place.command();
    command.args(["raw", "ls", "--client", CLIENT]);
    let listed: Value = serde_json::from_slice(&succeeded(command.output()?)?)?;
    let mut keys = Vec::new();
    collect_keys(&listed, &mut keys);
    keys.sort();
    keys.dedup();
    ensure!(keys.len() > 4, "{listed}");
    Ok(keys)
}

/// Every key of an object below a value.
fn collect_keys(value: &Value, keys: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            let key = fields.get("key").and_then(Value::as_str);
            keys.extend(key.map(str::to_owned));
            fields.values().for_each(|value| collect_keys(value, keys));
        }
        Value::Array(items) => items.iter().for_each(|value| collect_keys(value, keys)),
        _ => {}
    }
}

impl Damage {
    /// Damages the first file, and the second where that takes two. How many are damaged.
    fn strike(self, one: &Path, other: &Path) -> Result<usize> {
        let (mut bytes, others) = (fs::read(one)?, fs::read(other)?);
        match self {
            Self::Flip => {
                let middle = bytes.len() / 2;
                *bytes.get_mut(middle).context("an empty object")? ^= 1;
                fs::write(one, bytes)?;
            }
            Self::Truncate => fs::write(one, bytes.get(..bytes.len() / 2).context("a half")?)?,
            Self::Delete => fs::remove_file(one)?,
            Self::Swap => {
                fs::write(one, others)?;
                fs::write(other, bytes)?;
                return Ok(2);
            }
        }
        Ok(1)
    }
}

fn verify(place: &Place) -> Command {
    let mut command = place.command();
    command.args(["raw", "verify", "--deep", "--client", CLIENT]);
    command
}

/// A verification names the keys, and a rebuild refuses and touches nothing.
async fn refused(place: &Place, live: &str, keys: &[&String]) -> Result<()> {
    let verified = output(verify(place)).await?;
    ensure!(verified.status.code() == Some(RAW), "{}", verified.status);
    let told = String::from_utf8_lossy(&verified.stdout).into_owned();
    for key in keys {
        ensure!(told.contains(*key), "{key} is not named: {told}");
    }
    let rebuilt = output(recovery(place, "rebuild")).await?;
    ensure!(
        rebuilt.status.code() == Some(RAW),
        "{}: {}",
        rebuilt.status,
        message(&rebuilt)
    );
    ensure!(
        keys.iter().any(|key| message(&rebuilt).contains(*key)),
        "{}",
        message(&rebuilt)
    );
    ensure!(place.digest()? == live, "another live digest");
    Ok(())
}

/// Rebuilds without what is lost, and returns what was said of gaps. The next backfill does not fail.
async fn left_out(place: &Place, keys: &[&String], deliveries: i64) -> Result<Value> {
    let before = place.applied().await?;
    let mut rebuild = recovery(place, "rebuild");
    rebuild.arg("--allow-gaps");
    let rebuilt = output(rebuild).await?;
    for key in keys {
        ensure!(message(&rebuilt).contains(*key), "{key} is not listed");
    }
    let report: Value = serde_json::from_slice(&succeeded(rebuilt)?)?;
    let gaps = report[0]["gaps"].clone();
    let left = before - place.applied().await?;
    ensure!(left == deliveries, "{left} deliveries are left out: {gaps}");
    place.check_whole().await?;
    Ok(gaps)
}

/// Admits deliveries again, as somebody does who has found their objects.
async fn admit(place: &Place, entries: &[u64]) -> Result<()> {
    let server = S3Server::start(&place.home.join("s3")).await?;
    let settings = StoreSettings::at(
        server.endpoint(),
        server.access_key(),
        server.secret_key().clone(),
    );
    let store = Store::connect(settings).await?;
    let tenant: TenantId = CLIENT.parse()?;
    for entry in entries {
        let verdict = Verdict {
            delivery: EntryNumber(*entry),
            accepted: true,
            by: "a person".to_owned(),
            reason: "found again".to_owned(),
        };
        let author = Author {
            run_id: "admit",
            clock: &SystemClock,
        };
        store.seal_verdict(tenant, verdict, author).await?;
    }
    Ok(())
}

async fn finished(place: &Place, live: &str, counted: &mut Counted) -> Result<()> {
    succeeded(output(verify(place)).await?)?;
    succeeded(output(place.backfill()).await?)?;
    place.check_whole().await?;
    counted.compare(&place.digest()?, live)
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_that_are_damaged_are_named_left_out_and_admitted_again() -> Result<()> {
    let (stand, live_place) = stand().await?;
    let live = live_place.digest()?;
    let mut counted = fault("F11").faults(4);
    for damage in [Damage::Flip, Damage::Truncate, Damage::Swap, Damage::Delete] {
        let name = format!("{damage:?}").to_lowercase();
        let place = stand.copy_of(&live_place, &name).await?;
        let keys = objects(&place)?;
        let own: Vec<_> = keys
            .iter()
            .filter(|key| key.contains("sales_orders"))
            .collect();
        let [one, other, ..] = own.as_slice() else {
            anyhow::bail!("too few sales: {keys:?}")
        };
        let paths = [one, other].map(|key| bucket(&place).join(key));
        let bytes = [fs::read(&paths[0])?, fs::read(&paths[1])?];
        ensure!(bytes[0] != bytes[1]);
        let struck = damage.strike(&paths[0], &paths[1])?;
        let keys = &own[..struck];
        let context = || name.clone();
        refused(&place, &live, keys).await.with_context(context)?;
        let gaps = left_out(&place, keys, i64::try_from(struck)?).await;
        let gaps = gaps.with_context(context)?;
        let damaged = gaps["damaged"].as_object().context("damaged entries")?;
        ensure!(damaged.len() == struck, "{gaps}");
        let entries: Vec<u64> = damaged
            .keys()
            .map(|entry| entry.parse())
            .collect::<Result<_, _>>()?;

        // Runs go on without it, and a second rebuild makes the same.
        let without = place.digest()?;
        succeeded(output(place.backfill()).await?).with_context(context)?;
        counted.compare(&place.digest()?, &without)?;
        for (path, bytes) in paths.iter().zip(bytes) {
            fs::write(path, bytes)?;
        }
        succeeded(output(place.backfill()).await?).with_context(context)?;
        counted
            .compare(&place.digest()?, &without)
            .with_context(context)?;
        admit(&place, &entries).await?;
        let ended = finished(&place, &live, &mut counted).await;
        ended.with_context(context)?;
        stand.drop(&place).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_that_are_lost_or_changed_are_named_and_left_out_until_they_are_back() -> Result<()>
{
    let (stand, live_place) = stand().await?;
    let live = live_place.digest()?;
    let mut counted = fault("F11").faults(2);
    let tenant: TenantId = CLIENT.parse()?;
    for damage in [Damage::Delete, Damage::Flip] {
        let name = format!("entry_{damage:?}").to_lowercase();
        let place = stand.copy_of(&live_place, &name).await?;
        let key = EntryNumber(3).key(tenant);
        let path = bucket(&place).join(&key);
        let bytes = fs::read(&path)?;
        damage.strike(&path, &path)?;
        let context = || name.clone();
        refused(&place, &live, &[&key])
            .await
            .with_context(context)?;
        let gaps = left_out(&place, &[&key], 1).await.with_context(context)?;
        ensure!(gaps["lost_entries"] == serde_json::json!([3]), "{gaps}");
        fs::write(&path, bytes)?;
        let ended = finished(&place, &live, &mut counted).await;
        ended.with_context(context)?;
        stand.drop(&place).await?;
    }
    Ok(())
}
