//! Whatever happens to the bucket behind the store's back is found and named.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Result, ensure};
use catwing_domain::manifest::EntryNumber;
use catwing_raw_store::{
    ManifestHead, Payload, Progress, VerifyOptions, config_key, verify as verify_archive,
};

use super::{Archive, dataset, day, entry_key, incoming, key, tenant};

const DEEP: VerifyOptions = VerifyOptions {
    deep: true,
    expected: Vec::new(),
    known_head: None,
};

/// Three deliveries of sales.
async fn archive() -> Result<Archive> {
    let archive = Archive::create().await?;
    for bytes in ["first", "second", "third", "fourth"] {
        archive
            .land(bytes, &[incoming("sales", None, bytes)])
            .await?;
    }
    Ok(archive)
}

#[tokio::test]
async fn a_whole_archive_is_whole() -> Result<()> {
    let archive = archive().await?;
    let judged = AtomicU64::new(0);
    let watch = |progress: Progress<'_>| {
        if let Progress::Judged { .. } = progress {
            judged.fetch_add(1, Ordering::Relaxed);
        }
    };
    let report = verify_archive(&archive.store, tenant(), &DEEP, &watch).await?;
    ensure!(report.findings.is_empty() && report.chain_is_whole && !report.is_damaged());
    // Four entries, four objects, one version of the tenant's file.
    ensure!(
        (report.entries, report.objects, report.ok) == (4, 4, 9),
        "{report:?}"
    );
    ensure!(report.read_bytes == 22 && judged.into_inner() == 9);
    let nothing = "CW-000999".parse()?;
    let report = verify_archive(&archive.store, nothing, &DEEP, &|_| {}).await?;
    ensure!(report.entries == 0 && report.findings.is_empty());
    Ok(())
}

#[tokio::test]
async fn objects_are_judged_by_presence_size_and_bytes() -> Result<()> {
    let archive = archive().await?;
    archive.delete(&key("sales.csv")).await?;
    archive
        .overwrite(&key("sales.r2.csv"), b"secon".to_vec())
        .await?;
    archive
        .overwrite(&key("sales.r3.csv"), b"thirD".to_vec())
        .await?;
    for extra in [
        "raw-data/CW-000200/x.csv",
        "raw-data/CW-000200/_manifest/1.json",
    ] {
        archive
            .store
            .put_new(extra, &Payload::from_bytes("?"))
            .await?;
    }
    archive
        .store
        .put_new(&key("stock.csv"), &Payload::from_bytes("?"))
        .await?;
    let config = config_key(
        tenant(),
        catwing_domain::manifest::Sha256Hash::of(b"mapping"),
    );
    archive.overwrite(&config, b"mappinG".to_vec()).await?;

    let mut shallow = vec![
        format!("corrupt {config}"),
        format!("lost {}", key("sales.csv")),
        format!("corrupt {}", key("sales.r2.csv")),
        format!("orphan {}", key("stock.csv")),
        "extra raw-data/CW-000200/_manifest/1.json".to_owned(),
        "extra raw-data/CW-000200/x.csv".to_owned(),
    ];
    ensure!(archive.findings(&VerifyOptions::default()).await? == shallow);
    shallow.insert(3, format!("corrupt {}", key("sales.r3.csv")));
    ensure!(archive.findings(&DEEP).await? == shallow);

    archive.delete(&config).await?;
    ensure!(archive.findings(&DEEP).await?[0] == format!("lost {config}"));
    Ok(())
}

#[tokio::test]
async fn objects_that_were_swapped_are_both_named() -> Result<()> {
    let archive = Archive::create().await?;
    archive
        .land(
            "1",
            &[
                incoming("sales", None, "aaaa"),
                incoming("stock", None, "bbbb"),
            ],
        )
        .await?;
    archive
        .overwrite(&key("sales.csv"), b"bbbb".to_vec())
        .await?;
    archive
        .overwrite(&key("stock.csv"), b"aaaa".to_vec())
        .await?;
    let expected = [
        format!("corrupt {}", key("sales.csv")),
        format!("corrupt {}", key("stock.csv")),
    ];
    ensure!(archive.findings(&DEEP).await? == expected);
    Ok(())
}

#[tokio::test]
async fn every_bit_of_every_entry_counts() -> Result<()> {
    let archive = archive().await?;
    let head = archive.manifest().head(None).await?;
    for number in 1..=4 {
        let key = entry_key(number);
        let whole = archive.read(&key).await?;
        // Every seventh byte, each time another of its bits.
        for at in (0..whole.len()).step_by(7) {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << (at % 8);
            archive.overwrite(&key, flipped).await?;
            let options = VerifyOptions {
                known_head: head,
                ..VerifyOptions::default()
            };
            let findings = archive.findings(&options).await?;
            ensure!(
                findings.contains(&format!("corrupt {key}")),
                "byte {at} of entry {number}: {findings:?}"
            );
        }
        archive.overwrite(&key, whole).await?;
    }
    ensure!(archive.findings(&DEEP).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn entries_that_were_rewritten_truncated_or_taken_away_are_named() -> Result<()> {
    let archive = archive().await?;
    let head = archive.manifest().head(None).await?.unwrap();
    let mut damaged = Vec::new();
    for number in 1..=4 {
        damaged.push(archive.read(&entry_key(number)).await?);
    }
    let restore = async || {
        for (number, bytes) in (1..).zip(&damaged) {
            archive.delete(&entry_key(number)).await?;
            let payload = Payload::from_bytes(bytes.clone());
            archive.store.put_new(&entry_key(number), &payload).await?;
        }
        anyhow::Ok(())
    };
    let entry_findings = async |known: Option<ManifestHead>| {
        let options = VerifyOptions {
            known_head: known,
            ..VerifyOptions::default()
        };
        let findings = archive.findings(&options).await?;
        anyhow::Ok(
            findings
                .into_iter()
                .filter(|f| f.contains("_manifest"))
                .collect::<Vec<_>>(),
        )
    };
    // Replaced by an entry that is well formed and was put like any other, hash noted and all.
    let replace = async |number: u64, from: &str, to: &str| {
        let text = archive.read(&entry_key(number)).await?;
        let text = String::from_utf8(text)?;
        ensure!(text.contains(from), "{text}");
        archive.delete(&entry_key(number)).await?;
        let payload = Payload::from_bytes(text.replace(from, to));
        archive.store.put_new(&entry_key(number), &payload).await?;
        Ok(())
    };
    replace(2, "\"run_id\": \"second\"", "\"run_id\": \"2\"").await?;
    ensure!(entry_findings(None).await? == [format!("corrupt {}", entry_key(2))]);
    restore().await?;
    let third = archive.entries().await?[2]
        .entry
        .previous
        .unwrap()
        .to_string();
    replace(3, &third, &"0".repeat(64)).await?;
    ensure!(entry_findings(None).await? == [format!("corrupt {}", entry_key(3))]);
    restore().await?;

    archive
        .overwrite(&entry_key(4), damaged[3][..9].to_vec())
        .await?;
    ensure!(entry_findings(None).await? == [format!("corrupt {}", entry_key(4))]);
    restore().await?;
    archive.delete(&entry_key(3)).await?;
    ensure!(entry_findings(None).await? == [format!("lost {}", entry_key(3))]);
    restore().await?;

    // The end of a chain: only who knew it misses it.
    archive.delete(&entry_key(4)).await?;
    ensure!(entry_findings(None).await?.is_empty());
    ensure!(entry_findings(Some(head)).await? == [format!("lost {}", entry_key(4))]);
    restore().await?;
    replace(4, "\"run_id\": \"fourth\"", "\"run_id\": \"4\"").await?;
    ensure!(entry_findings(None).await?.is_empty());
    ensure!(entry_findings(Some(head)).await? == [format!("corrupt {}", entry_key(4))]);
    restore().await?;
    ensure!(entry_findings(Some(head)).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn what_the_schedule_expects_is_late_until_it_is_there() -> Result<()> {
    let archive = archive().await?;
    let options = VerifyOptions {
        expected: vec![(dataset("sales"), day()), (dataset("stock"), day())],
        known_head: None,
        deep: false,
    };
    ensure!(archive.findings(&options).await? == [format!("late {}", key("stock"))]);
    archive
        .land("late", &[incoming("stock", None, "s")])
        .await?;
    ensure!(archive.findings(&options).await?.is_empty());
    let head = archive.manifest().head(None).await?.unwrap();
    ensure!(head.number == EntryNumber(5));
    Ok(())
}
