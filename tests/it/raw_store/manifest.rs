//! Entries are numbered without gaps and chained, whoever appends.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use catwing_domain::{
    ErrorClass,
    manifest::{EntryNumber, Sha256Hash},
};
use catwing_raw_store::Author;
use futures_util::TryStreamExt;

use super::{Archive, Still, day, empty_delivery, entry_key};

fn author(run_id: &str) -> Author<'_> {
    Author {
        run_id,
        clock: &Still,
    }
}

#[tokio::test]
async fn entries_follow_one_another() -> Result<()> {
    let archive = Archive::create().await?;
    let manifest = archive.manifest();
    ensure!(manifest.head(None).await?.is_none());
    ensure!(archive.entries().await?.is_empty());
    for name in ["a", "b", "c"] {
        manifest
            .append(&empty_delivery(name), day(), author(name))
            .await?;
    }
    let entries = archive.entries().await?;
    let runs: Vec<_> = entries
        .iter()
        .map(|sealed| sealed.entry.run_id.as_str())
        .collect();
    ensure!(runs == ["a", "b", "c"]);
    ensure!(entries[0].entry.previous.is_none());
    for pair in entries.windows(2) {
        let bytes = archive
            .read(&pair[0].entry.number.key(super::tenant()))
            .await?;
        ensure!(pair[1].entry.previous == Some(Sha256Hash::of(&bytes)));
    }
    let head = manifest.head(None).await?.unwrap();
    ensure!(head == entries[2].head());
    ensure!(manifest.head(Some(EntryNumber(2))).await? == Some(head));
    ensure!(manifest.head(Some(EntryNumber(3))).await? == Some(head));

    let tail: Vec<_> = manifest.entries(Some(EntryNumber(1))).try_collect().await?;
    ensure!(tail == entries[1..]);
    Ok(())
}

#[tokio::test]
async fn many_append_at_once_and_none_is_lost() -> Result<()> {
    let archive = Archive::create().await?;
    let writers = (0..6).map(|writer| {
        let manifest = archive.manifest();
        tokio::spawn(async move {
            for turn in 0..5 {
                let name = format!("{writer}-{turn}");
                manifest
                    .append(&empty_delivery(&name), day(), author(&name))
                    .await?;
            }
            anyhow::Ok(())
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await??;
    }
    let entries = archive.entries().await?;
    let runs: BTreeSet<_> = entries.iter().map(|sealed| &sealed.entry.run_id).collect();
    ensure!(
        entries.len() == 30 && runs.len() == 30,
        "{} entries",
        entries.len()
    );
    Ok(())
}

#[tokio::test]
async fn a_place_that_is_taken_is_not_taken_again() -> Result<()> {
    let archive = Archive::create().await?;
    let manifest = archive.manifest();
    let first = manifest
        .append(&empty_delivery("a"), day(), author("a"))
        .await?;
    let lost = manifest
        .try_append(None, &empty_delivery("b"), day(), author("b"))
        .await?;
    ensure!(lost.is_none());
    // The same entry once more is what a lost answer looks like: it was appended, once.
    let same = manifest
        .try_append(None, &empty_delivery("a"), day(), author("a"))
        .await?;
    ensure!(same == Some(first.clone()));
    let other = empty_delivery("b");
    let next = manifest
        .try_append(Some(first.head()), &other, day(), author("b"))
        .await?;
    ensure!(next.is_some());
    ensure!(archive.entries().await?.len() == 2);
    Ok(())
}

#[tokio::test]
async fn a_broken_chain_is_not_read_past_the_break() -> Result<()> {
    let archive = Archive::create().await?;
    let manifest = archive.manifest();
    for name in ["a", "b", "c", "d"] {
        manifest
            .append(&empty_delivery(name), day(), author(name))
            .await?;
    }
    let whole = archive.read(&entry_key(2)).await?;
    let broken = async |bytes: Vec<u8>, named: u64| {
        archive.overwrite(&entry_key(2), bytes).await?;
        let error = manifest
            .entries(None)
            .try_collect::<Vec<_>>()
            .await
            .unwrap_err();
        ensure!(error.class() == ErrorClass::Raw, "{error:?}");
        let message = error.to_string();
        ensure!(message.contains(&entry_key(named)), "{message}");
        ensure!(message.contains("catwing raw verify"), "{message}");
        archive.overwrite(&entry_key(2), whole.clone()).await
    };
    let text = String::from_utf8(whole.clone())?;
    // A changed field shows in the entry after, which names another hash.
    broken(
        text.replace("\"run_id\": \"b\"", "\"run_id\": \"x\"")
            .into_bytes(),
        3,
    )
    .await?;
    broken(text.replace("CW-000200", "CW-000201").into_bytes(), 2).await?;
    broken(
        text.replace("\"number\": 2", "\"number\": 3").into_bytes(),
        2,
    )
    .await?;
    broken(whole[..whole.len() / 2].to_vec(), 2).await?;
    ensure!(archive.entries().await?.len() == 4);
    archive.delete(&entry_key(2)).await?;
    let error = manifest
        .entries(None)
        .try_collect::<Vec<_>>()
        .await
        .unwrap_err();
    ensure!(
        error.to_string().contains("the entry is missing"),
        "{error}"
    );
    Ok(())
}
