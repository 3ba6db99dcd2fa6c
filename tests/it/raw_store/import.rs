//! Imports of directories, by processes that are killed and that run at the same time.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Command, Output, Stdio},
};

use anyhow::{Context, Result, ensure};
use catwing_domain::failpoint;
use catwing_raw_store::VerifyOptions;
use tempfile::TempDir;

use super::Archive;

const DEEP: VerifyOptions = VerifyOptions {
    deep: true,
    expected: Vec::new(),
    known_head: None,
};
const SIGABRT: i32 = 6;

/// Three days of two datasets, one of them in pages.
fn files() -> Result<TempDir> {
    let directory = tempfile::tempdir()?;
    for day in ["2026-02-24", "2026-02-25", "2026-02-26"] {
        for name in ["sales", "products"] {
            write(
                directory.path(),
                &format!("{name}_{day}.csv"),
                "\u{feff}a;b\r\n",
            )?;
        }
        write(
            directory.path(),
            &format!("stock_{day}.p000001.json"),
            "[1]",
        )?;
        write(
            directory.path(),
            &format!("stock_{day}.p000002.json"),
            "[2]\n",
        )?;
    }
    Ok(directory)
}

fn write(directory: &Path, name: &str, content: &str) -> Result<()> {
    Ok(fs::write(directory.join(name), format!("{content}{name}"))?)
}

fn command(archive: &Archive, directory: &Path, run_id: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_import_files"));
    command
        .args([directory.as_os_str(), run_id.as_ref()])
        .envs(archive.bucket.variables())
        .env("CATWING_BUCKET", archive.bucket.name())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Waits for a process while the S3 server of this one serves it.
async fn run(mut command: Command) -> Result<Output> {
    Ok(tokio::task::spawn_blocking(move || command.output()).await??)
}

/// How many files the process landed.
fn landed(output: &Output) -> Result<usize> {
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let printed = String::from_utf8(output.stdout.clone())?;
    printed.trim().parse().context("a count")
}

/// What is sealed is exactly what the files say, once.
async fn check_sealed(archive: &Archive, directories: &[&Path]) -> Result<()> {
    let mut expected = BTreeMap::new();
    for directory in directories {
        for entry in fs::read_dir(directory)? {
            let content = fs::read(entry?.path())?;
            *expected.entry(content).or_insert(0) = 1;
        }
    }
    let mut sealed = BTreeMap::new();
    for object in archive.sealed().await? {
        *sealed.entry(archive.read(&object.key).await?).or_insert(0) += 1;
    }
    ensure!(
        sealed == expected,
        "sealed {} of {}",
        sealed.len(),
        expected.len()
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_landed_byte_for_byte_and_once() -> Result<()> {
    let (archive, files) = (Archive::create().await?, files()?);
    let output = run(command(&archive, files.path(), "1")).await?;
    ensure!(landed(&output)? == 12);
    check_sealed(&archive, &[files.path()]).await?;
    let keys = archive.keys("raw-data/CW-000200/2026-02-24/").await?;
    let names: Vec<_> = keys
        .iter()
        .filter_map(|key| key.rsplit('/').next())
        .collect();
    ensure!(
        names
            == [
                "products.csv",
                "sales.csv",
                "stock.p000001.json",
                "stock.p000002.json"
            ],
        "{names:?}"
    );
    ensure!(archive.entries().await?.len() == 3);

    let output = run(command(&archive, files.path(), "2")).await?;
    ensure!(landed(&output)? == 0);
    ensure!(archive.entries().await?.len() == 3);

    write(files.path(), "sales_2026-02-25.csv", "corrected")?;
    let output = run(command(&archive, files.path(), "3")).await?;
    ensure!(landed(&output)? == 1);
    let last = archive.sealed().await?.pop().context("an object")?;
    ensure!(last.key == "raw-data/CW-000200/2026-02-25/sales.r2.csv");
    ensure!(last.source.location.as_deref() == Some("sales_2026-02-25.csv"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_point_nothing_is_half_and_the_same_command_completes() -> Result<()> {
    let files = files()?;
    let ours = failpoint::ALL
        .iter()
        .filter(|name| name.starts_with("raw.") || name.starts_with("config."));
    for name in ours {
        let mut killed = 0;
        for count in [1, 2, 3, 6] {
            let archive = Archive::create().await?;
            let mut doomed = command(&archive, files.path(), "doomed");
            doomed.env("CATWING_FAILPOINT", format!("{name}:{count}"));
            let output = run(doomed).await?;
            killed += usize::from(output.status.signal() == Some(SIGABRT));

            let point = format!("{name}:{count}");
            for finding in archive.findings(&DEEP).await? {
                ensure!(finding.starts_with("orphan"), "{point}: {finding}");
            }
            for sealed in archive.entries().await? {
                let catwing_domain::manifest::Body::Delivery(delivery) = sealed.entry.body else {
                    anyhow::bail!("{point}: not a delivery");
                };
                ensure!(delivery.objects.len() == 4, "{point}: half a delivery");
            }
            let output = run(command(&archive, files.path(), "again")).await?;
            landed(&output).context(point.clone())?;
            check_sealed(&archive, &[files.path()])
                .await
                .context(point.clone())?;
            let findings = archive.findings(&DEEP).await?;
            ensure!(findings.is_empty(), "{point}: {findings:?}");
        }
        ensure!(killed > 0, "{name} was never passed");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn imports_at_the_same_time_lose_and_double_nothing() -> Result<()> {
    let (archive, files, others) = (Archive::create().await?, files()?, files()?);
    // The other directory has other bytes for one day, and a day of its own.
    write(others.path(), "sales_2026-02-24.csv", "other")?;
    write(others.path(), "sales_2026-02-27.csv", "new")?;
    let runs = [
        run(command(&archive, files.path(), "1")),
        run(command(&archive, others.path(), "2")),
        run(command(&archive, files.path(), "3")),
        run(command(&archive, others.path(), "4")),
    ];
    let mut total = 0;
    for output in futures_util::future::join_all(runs).await {
        total += landed(&output?)?;
    }
    ensure!(total == 14, "{total} files landed");
    check_sealed(&archive, &[files.path(), others.path()]).await?;
    for finding in archive.findings(&DEEP).await? {
        ensure!(finding.starts_with("orphan"), "{finding}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exported_archive_comes_back_with_its_revisions_and_pages() -> Result<()> {
    let archive = Archive::create().await?;
    let directory = tempfile::tempdir()?;
    for name in [
        "sales_2026-02-24.csv",
        "sales_2026-02-24.r2.p000001.csv",
        "sales_2026-02-24.r2.p000002.csv",
        "sales_2026-02-24.r3.json",
    ] {
        write(directory.path(), name, "x")?;
    }
    let output = run(command(&archive, directory.path(), "1")).await?;
    ensure!(landed(&output)? == 4);
    let keys = archive.keys("raw-data/CW-000200/2026-02-24/").await?;
    let names: Vec<_> = keys
        .iter()
        .filter_map(|key| key.rsplit('/').next())
        .collect();
    ensure!(
        names
            == [
                "sales.csv",
                "sales.r2.p000001.csv",
                "sales.r2.p000002.csv",
                "sales.r3.json"
            ],
        "{names:?}"
    );
    ensure!(archive.entries().await?.len() == 3);
    Ok(())
}
