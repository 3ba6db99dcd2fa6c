//! `catwing export`: what it says and leaves, and what is there when it is killed.

use std::{
    collections::BTreeMap,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use catwing_domain::{
    failpoint::{EXPORT_AFTER_FILE, EXPORT_AFTER_SEAL, EXPORT_BEFORE_PUBLISH},
    manifest::Sha256Hash,
};
use serde_json::Value;

use crate::{
    faults::fault,
    points::{EXPORT, points},
    sales::CLIENT,
    stand::{Place, Stand, succeeded},
};

const RUN_DATE: &str = "2011-01-19";
const LATER: &str = "2011-01-15";
const MANIFEST: &str = "_manifest.json";
const SIGABRT: i32 = 6;

fn export(place: &Place, more: &[&str]) -> Command {
    let mut command = place.command();
    command.args(["export", "--client", CLIENT, "--date", RUN_DATE]);
    command.args(more);
    command
}

fn folder(place: &Place) -> PathBuf {
    let bucket = place.home.join("s3/catwing-masters");
    bucket.join(format!("ml-output/{CLIENT}/{RUN_DATE}"))
}

/// The plain files of an export, by name.
pub fn files(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().context("a name")?.to_string_lossy();
        files.insert(name.into_owned(), std::fs::read(&path)?);
    }
    Ok(files)
}

/// Where there is a manifest, every file is the one that it names.
pub fn check_sealed(files: &BTreeMap<String, Vec<u8>>) -> Result<bool> {
    let Some(manifest) = files.get(MANIFEST) else {
        return Ok(false);
    };
    let manifest: Value = serde_json::from_slice(manifest)?;
    let named = manifest["files"].as_array().context("files")?;
    ensure!(named.len() == 2, "{manifest}");
    for file in named {
        let name = file["name"].as_str().context("a name")?;
        let bytes = files.get(name).with_context(|| name.to_owned())?;
        let sha256 = Sha256Hash::of(bytes).to_string();
        ensure!(file["sha256"] == sha256.as_str(), "another {name}");
        ensure!(file["size_bytes"] == bytes.len(), "another size of {name}");
    }
    Ok(true)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_says_what_it_left_and_where() -> Result<()> {
    let stand = Stand::build().await?;
    let place = stand.database("exported").await?;
    succeeded(place.backfill().output()?)?;
    let told: Value = serde_json::from_slice(&succeeded(export(&place, &[]).output()?)?)?;
    assert_eq!(told["client"], CLIENT);
    assert_eq!(told["run_date"], RUN_DATE);
    assert_eq!(told["from_date"], "2011-01-10");
    assert_eq!(told["base_currency"], "GBP");
    assert_eq!(told["bucket"], "catwing-masters");
    let folder = PathBuf::from(told["folder"].as_str().context("a folder")?);
    let left = files(&folder)?;
    ensure!(check_sealed(&left)?, "no manifest");
    for file in told["files"].as_array().context("files")? {
        let name = file["name"].as_str().context("a name")?;
        assert_eq!(file["size_bytes"], left[name].len(), "{name}");
        ensure!(file["rows"].as_u64() > Some(0), "{name} has no rows");
    }

    // Days that are none, and a tenant that nobody knows.
    for wrong in [["--from", "2011-01-20"], ["--from", "yesterday"]] {
        let refused = export(&place, &wrong).output()?;
        assert_eq!(refused.status.code(), Some(2), "{wrong:?}");
    }
    let mut unknown = place.command();
    unknown.args(["export", "--client", "CW-000999", "--date", RUN_DATE]);
    assert_eq!(unknown.output()?.status.code(), Some(2));
    assert_eq!(files(&folder)?, left);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_export_leaves_no_manifest_of_other_files() -> Result<()> {
    let stand = Stand::build().await?;
    let place = stand.database("killed").await?;
    succeeded(place.backfill().output()?)?;
    succeeded(export(&place, &[]).output()?)?;
    let folder = folder(&place);
    let expected = files(&folder)?;
    let points = points(EXPORT)
        .into_iter()
        .map(|point| (point, 1))
        .chain([(EXPORT_AFTER_FILE, 2)]);
    let mut killed = 0;
    for (point, nth) in points {
        // Another export stands there before.
        succeeded(export(&place, &["--from", LATER]).output()?)?;
        let before = files(&folder)?;
        ensure!(before != expected, "both exports are the same");
        let mut command = export(&place, &[]);
        command.env("CATWING_FAILPOINT", format!("{point}:{nth}"));
        let status = command.output()?.status;
        ensure!(status.signal() == Some(SIGABRT), "{point}: {status}");

        let left = files(&folder)?;
        let is_sealed = check_sealed(&left).context(point)?;
        match point {
            EXPORT_BEFORE_PUBLISH => ensure!(left == before, "{point}: something is touched"),
            EXPORT_AFTER_SEAL => ensure!(left == expected, "{point}: something is missing"),
            _ => ensure!(!is_sealed, "{point}: a manifest is there"),
        }
        succeeded(export(&place, &[]).output()?)?;
        ensure!(files(&folder)? == expected, "{point}: another export");
        killed += 1;
    }
    ensure!(killed == 5, "{killed} points");
    fault("F1").kills(killed).digests(killed);
    Ok(())
}
