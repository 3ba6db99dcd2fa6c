//! What the server and the line do wrong costs time and nothing else.

use std::time::Duration;

use anyhow::{Result, ensure};
use catwing_domain::ErrorClass;
use catwing_raw_store::{Author, Manifest, Payload, Put, RawStoreError, Store};

use catwing_tests::faults::fault;

use super::{
    Archive, Still, day, empty_delivery, incoming, outcomes,
    proxy::{Fault, FaultProxy},
    settings, tenant,
};

/// An archive, and a store that reaches it through a proxy.
async fn proxied() -> Result<(Archive, FaultProxy, Store)> {
    let archive = Archive::create().await?;
    let proxy = FaultProxy::before(archive.bucket.endpoint()).await?;
    let mut settings = settings(&archive.bucket, &proxy.endpoint())?;
    settings.attempt_timeout = Duration::from_millis(500);
    settings.stall_timeout = Duration::from_millis(500);
    let store = Store::connect(settings).await?;
    Ok((archive, proxy, store))
}

#[tokio::test]
async fn a_put_ends_well_whatever_the_first_answers_are() -> Result<()> {
    let (archive, proxy, store) = proxied().await?;
    let faults = [
        Fault::Status("500 Internal Server Error"),
        Fault::Status("503 Slow Down"),
        Fault::Status("409 Conflict"),
        Fault::NoRequest,
        Fault::NoAnswer,
    ];
    for (at, fault) in faults.into_iter().enumerate() {
        let key = format!("put/{at}.csv");
        let payload = Payload::from_bytes(format!("bytes {at}"));
        proxy.arm("PUT", fault);
        let put = store.put_new(&key, &payload).await?;
        ensure!(proxy.is_spent(), "{fault:?} did not strike");
        ensure!(put != Put::Taken, "{fault:?}");
        ensure!(archive.read(&key).await? == format!("bytes {at}").as_bytes());
    }
    Ok(())
}

#[tokio::test]
async fn a_lost_answer_is_not_mistaken_for_another_ones_bytes() -> Result<()> {
    let (archive, proxy, store) = proxied().await?;
    archive
        .store
        .put_new("x.csv", &Payload::from_bytes("theirs"))
        .await?;
    proxy.arm("PUT", Fault::NoAnswer);
    let put = store.put_new("x.csv", &Payload::from_bytes("ours")).await?;
    ensure!(put == Put::Taken && proxy.is_spent());
    Ok(())
}

#[tokio::test]
async fn a_denial_is_not_tried_again() -> Result<()> {
    let (_archive, proxy, store) = proxied().await?;
    proxy.arm("PUT", Fault::Status("403 Forbidden"));
    let error = store
        .put_new("x.csv", &Payload::from_bytes("x"))
        .await
        .unwrap_err();
    ensure!(error.class() == ErrorClass::Operator, "{error:?}");
    ensure!(store.head("x.csv").await?.is_none());
    Ok(())
}

#[tokio::test]
async fn an_entry_whose_answer_was_lost_is_appended_once() -> Result<()> {
    let (archive, proxy, store) = proxied().await?;
    let manifest = Manifest::of(&store, tenant());
    for name in ["a", "b"] {
        proxy.arm("PUT", Fault::NoAnswer);
        let author = Author {
            run_id: name,
            clock: &Still,
        };
        manifest
            .append(&empty_delivery(name), day(), author)
            .await?;
        ensure!(proxy.is_spent());
    }
    ensure!(archive.entries().await?.len() == 2);
    Ok(())
}

#[tokio::test]
async fn a_body_that_breaks_off_is_read_to_its_end() -> Result<()> {
    let (archive, proxy, store) = proxied().await?;
    let bytes: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    let payload = Payload::from_bytes(bytes.clone());
    archive.store.put_new("x.csv", &payload).await?;
    for cut in [0, 1, 1000] {
        proxy.arm("GET", Fault::Cut(cut));
        let mut body = store
            .get_verified("x.csv", payload.size_bytes(), payload.sha256())
            .await?;
        let mut whole = Vec::new();
        while let Some(chunk) = body.chunk().await? {
            whole.extend_from_slice(&chunk);
        }
        ensure!(whole == bytes && proxy.is_spent(), "cut at {cut}");
    }
    Ok(())
}

#[tokio::test]
async fn a_body_that_stands_still_is_asked_for_again() -> Result<()> {
    let (archive, proxy, store) = proxied().await?;
    let payload = Payload::from_bytes("some bytes that take a while");
    for key in ["x.csv", "y.csv"] {
        archive.store.put_new(key, &payload).await?;
    }
    proxy.arm("GET", Fault::Pass);
    proxy.arm("GET", Fault::Stall(3));
    for key in ["x.csv", "y.csv"] {
        ensure!(!proxy.is_spent(), "{key} is not asked for");
        let mut body = store
            .get_verified(key, payload.size_bytes(), payload.sha256())
            .await?;
        let mut whole = Vec::new();
        while let Some(chunk) = body.chunk().await? {
            whole.extend_from_slice(&chunk);
        }
        ensure!(whole == b"some bytes that take a while", "{key}");
    }
    ensure!(proxy.is_spent());
    fault("F5").faults(1).digests(2);
    Ok(())
}

#[tokio::test]
async fn a_bit_that_flips_on_the_way_is_noticed() -> Result<()> {
    let (archive, proxy, store) = proxied().await?;
    let payload = Payload::from_bytes("some bytes");
    archive.store.put_new("x.csv", &payload).await?;
    proxy.arm("GET", Fault::Flip);
    let mut body = store.get_verified("x.csv", 10, payload.sha256()).await?;
    let error = loop {
        match body.chunk().await {
            Ok(Some(_)) => {}
            Ok(None) => anyhow::bail!("a damaged body was taken"),
            Err(error) => break error,
        }
    };
    ensure!(
        proxy.is_spent() && matches!(error, RawStoreError::Corrupt { .. }),
        "{error:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_landing_survives_a_fault_at_every_put() -> Result<()> {
    let (archive, proxy, store) = proxied().await?;
    let mapping = archive.store.put_config(tenant(), "mapping").await?;
    let mut landing = catwing_raw_store::Landing::new(&store, tenant(), [day()]);
    for (turn, fault) in [Fault::NoAnswer, Fault::NoRequest].into_iter().enumerate() {
        let bytes = format!("turn {turn}");
        for _ in 0..3 {
            proxy.arm("PUT", fault);
        }
        let objects = [
            incoming("sales", None, &bytes),
            incoming("stock", None, &bytes),
        ];
        let author = Author {
            run_id: &bytes,
            clock: &Still,
        };
        let landed = landing.land(day(), mapping, author, &objects).await?;
        let revision = u16::try_from(turn + 1)?;
        let expected = catwing_raw_store::Outcome::Landed;
        ensure!(outcomes(&landed) == [(revision, expected), (revision, expected)]);
    }
    ensure!(proxy.is_spent());
    fault("F5").faults(6);
    ensure!(archive.findings(&Default::default()).await?.is_empty());
    Ok(())
}
