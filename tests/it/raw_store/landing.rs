//! Deliveries are sealed whole, once, under revisions that only grow.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use catwing_domain::manifest::{Body, EntryNumber};
use catwing_raw_store::{Outcome, Payload, Put};

use super::{Archive, entry_key, incoming, key, outcomes};

fn there(entry: u64) -> Outcome {
    Outcome::AlreadyThere {
        entry: EntryNumber(entry),
    }
}

#[tokio::test]
async fn other_bytes_are_the_next_revision_and_the_same_bytes_are_there() -> Result<()> {
    let archive = Archive::create().await?;
    let first = archive.land("1", &[incoming("sales", None, "a")]).await?;
    ensure!(outcomes(&first) == [(1, Outcome::Landed)]);
    ensure!(first.objects[0].key == key("sales.csv"));
    let second = archive
        .land(
            "2",
            &[incoming("stock", None, "s"), incoming("sales", None, "b")],
        )
        .await?;
    ensure!(outcomes(&second) == [(1, Outcome::Landed), (2, Outcome::Landed)]);
    ensure!(second.objects[1].key == key("sales.r2.csv"));

    // Older bytes again, alone: nothing is written. With something new, only that is sealed.
    let again = archive.land("3", &[incoming("sales", None, "a")]).await?;
    ensure!(again.entry.is_none() && outcomes(&again) == [(1, there(1))]);
    let mixed = archive
        .land(
            "4",
            &[incoming("sales", None, "b"), incoming("stock", None, "t")],
        )
        .await?;
    ensure!(outcomes(&mixed) == [(2, there(2)), (2, Outcome::Landed)]);
    let Body::Delivery(delivery) = &mixed.entry.unwrap().entry.body else {
        anyhow::bail!("no delivery");
    };
    ensure!(delivery.objects.len() == 1 && delivery.objects[0].key == key("stock.r2.csv"));
    ensure!(archive.entries().await?.len() == 3);
    Ok(())
}

#[tokio::test]
async fn the_same_bytes_under_another_extension_are_there() -> Result<()> {
    let archive = Archive::create().await?;
    archive.land("1", &[incoming("sales", None, "a")]).await?;
    let mut renamed = incoming("sales", None, "a");
    renamed.extension = "txt".into();
    ensure!(archive.land("2", &[renamed.clone()]).await?.entry.is_none());
    // Other bytes under another extension would fit revision 1 by their key, and are revision 2.
    renamed.payload = Payload::from_bytes("b");
    let landed = archive.land("3", &[renamed]).await?;
    ensure!(landed.objects[0].key == key("sales.r2.txt"));
    Ok(())
}

#[tokio::test]
async fn pages_are_one_revision_together() -> Result<()> {
    let archive = Archive::create().await?;
    let pages = |last: &str| {
        [
            incoming("sales", Some(1), "a"),
            incoming("sales", Some(2), last),
        ]
    };
    archive.land("1", &pages("b")).await?;
    ensure!(archive.land("2", &pages("b")).await?.entry.is_none());
    let landed = archive.land("3", &pages("c")).await?;
    ensure!(outcomes(&landed) == [(2, Outcome::Landed), (2, Outcome::Landed)]);
    ensure!(landed.objects[0].key == key("sales.r2.p000001.csv"));
    // Fewer pages are another delivery, even where each page is known.
    let fewer = archive.land("4", &pages("b")[..1]).await?;
    ensure!(outcomes(&fewer) == [(3, Outcome::Landed)]);
    Ok(())
}

#[tokio::test]
async fn orphans_are_adopted_if_they_are_the_same_and_passed_by_if_not() -> Result<()> {
    let archive = Archive::create().await?;
    let orphan = |name: &str, bytes: &'static str| {
        let key = key(name);
        let store = archive.store.clone();
        async move { store.put_new(&key, &Payload::from_bytes(bytes)).await }
    };
    ensure!(matches!(
        orphan("sales.csv", "a").await?,
        Put::Created { .. }
    ));
    let landed = archive.land("1", &[incoming("sales", None, "a")]).await?;
    ensure!(outcomes(&landed) == [(1, Outcome::Landed)]);

    orphan("sales.r2.csv", "left behind").await?;
    let landed = archive.land("2", &[incoming("sales", None, "b")]).await?;
    ensure!(outcomes(&landed) == [(3, Outcome::Landed)]);
    // The one who was cut off comes back: its bytes came later, so it is a later revision.
    let landed = archive
        .land("3", &[incoming("sales", None, "left behind")])
        .await?;
    ensure!(outcomes(&landed) == [(4, Outcome::Landed)]);
    ensure!(archive.sealed().await?.len() == 3);
    Ok(())
}

#[tokio::test]
async fn an_object_that_was_lost_is_put_back_by_landing_it_again() -> Result<()> {
    let archive = Archive::create().await?;
    archive.land("1", &[incoming("sales", None, "a")]).await?;
    archive.delete(&key("sales.csv")).await?;
    let again = archive.land("2", &[incoming("sales", None, "a")]).await?;
    let restored = Outcome::Restored {
        entry: EntryNumber(1),
    };
    ensure!(again.entry.is_none() && outcomes(&again) == [(1, restored)]);
    ensure!(archive.read(&key("sales.csv")).await? == b"a");
    Ok(())
}

/// Runs landings at the same time and returns what each did.
async fn race(archive: &Archive, all: Vec<Vec<catwing_raw_store::Incoming>>) -> Result<usize> {
    let mapping = archive.store.put_config(super::tenant(), "mapping").await?;
    let runs = all.into_iter().enumerate().map(|(run, incoming)| {
        let store = archive.store.clone();
        tokio::spawn(async move {
            let run_id = format!("run-{run}");
            let author = catwing_raw_store::Author {
                run_id: &run_id,
                clock: &super::Still,
            };
            let mut landing = catwing_raw_store::Landing::new(&store, super::tenant(), []);
            landing.land(super::day(), mapping, author, &incoming).await
        })
    });
    let mut entries = 0;
    for run in runs.collect::<Vec<_>>() {
        entries += usize::from(run.await??.entry.is_some());
    }
    Ok(entries)
}

#[tokio::test]
async fn the_same_bytes_landed_at_once_are_sealed_once() -> Result<()> {
    let archive = Archive::create().await?;
    let same = || vec![incoming("sales", None, "a"), incoming("stock", None, "b")];
    let entries = race(&archive, (0..8).map(|_| same()).collect()).await?;
    ensure!(entries == 1, "{entries} entries");
    ensure!(archive.entries().await?.len() == 1);
    ensure!(archive.findings(&Default::default()).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn other_bytes_landed_at_once_are_all_sealed_under_revisions_that_grow() -> Result<()> {
    let archive = Archive::create().await?;
    // Keys alone do not keep these apart: pages and extensions differ within one revision.
    let mut text = incoming("sales", None, "text");
    text.extension = "txt".into();
    let all = vec![
        vec![incoming("sales", None, "a")],
        vec![incoming("sales", None, "b"), incoming("stock", None, "s")],
        vec![text],
        vec![incoming("sales", Some(1), "p")],
        vec![
            incoming("sales", Some(1), "p"),
            incoming("sales", Some(2), "q"),
        ],
        vec![incoming("stock", None, "s")],
    ];
    race(&archive, all).await?;
    let sealed = archive.sealed().await?;
    let sales: Vec<_> = sealed
        .iter()
        .filter(|object| object.dataset.as_str() == "sales")
        .map(|object| (object.revision, object.page))
        .collect();
    ensure!(sales.len() == 6, "{sales:?}");
    ensure!(sales.is_sorted(), "revisions went back: {sales:?}");
    let revisions: BTreeSet<_> = sales.iter().map(|(revision, _)| revision).collect();
    ensure!(
        revisions.len() == 5,
        "a revision was sealed twice: {sales:?}"
    );
    let stock = sealed
        .iter()
        .filter(|object| object.dataset.as_str() == "stock");
    ensure!(stock.count() == 1, "the same bytes were sealed twice");
    let damaged = archive.findings(&Default::default()).await?;
    ensure!(
        damaged.iter().all(|finding| finding.starts_with("orphan")),
        "{damaged:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_landing_on_a_broken_manifest_stops() -> Result<()> {
    let archive = Archive::create().await?;
    for bytes in ["a", "b", "c"] {
        archive
            .land(bytes, &[incoming("sales", None, bytes)])
            .await?;
    }
    archive.delete(&entry_key(2)).await?;
    let error = archive
        .land("d", &[incoming("sales", None, "d")])
        .await
        .unwrap_err();
    ensure!(error.to_string().contains(&entry_key(2)), "{error}");
    Ok(())
}
