//! Objects are created once, and read back only as they were stored.

use std::fs;

use anyhow::{Result, ensure};
use catwing_domain::{ErrorClass, manifest::Sha256Hash};
use catwing_raw_store::{Payload, Put, RawStoreError, Store};

use super::{Archive, settings};

#[tokio::test]
async fn a_key_takes_bytes_once() -> Result<()> {
    let archive = Archive::create().await?;
    let one = Payload::from_bytes("one");
    let put = archive.store.put_new("a/b.csv", &one).await?;
    ensure!(matches!(put, Put::Created { .. }), "{put:?}");
    let put = archive.store.put_new("a/b.csv", &one).await?;
    ensure!(matches!(put, Put::AlreadyThere { .. }), "{put:?}");
    for other in ["two", "three"] {
        let put = archive
            .store
            .put_new("a/b.csv", &Payload::from_bytes(other))
            .await?;
        ensure!(put == Put::Taken, "{put:?}");
    }
    ensure!(archive.read("a/b.csv").await? == b"one");
    let head = archive.store.head("a/b.csv").await?.unwrap();
    ensure!(head.size_bytes == 3 && head.noted_sha256 == Some(Sha256Hash::of(b"one")));
    ensure!(archive.store.head("a/c.csv").await?.is_none());
    Ok(())
}

#[tokio::test]
async fn of_many_who_put_at_once_one_wins() -> Result<()> {
    let archive = Archive::create().await?;
    let puts = (0..8).map(|writer| {
        let store = archive.store.clone();
        tokio::spawn(async move {
            let payload = Payload::from_bytes(format!("writer {writer}"));
            store.put_new("raced.csv", &payload).await
        })
    });
    let mut created = 0;
    for put in puts.collect::<Vec<_>>() {
        match put.await?? {
            Put::Created { .. } => created += 1,
            put => ensure!(put == Put::Taken, "{put:?}"),
        }
    }
    ensure!(created == 1, "{created} winners");
    Ok(())
}

#[tokio::test]
async fn files_are_stored_byte_for_byte_also_in_parts() -> Result<()> {
    let archive = Archive::create().await?;
    let mut settings = settings(&archive.bucket, archive.bucket.endpoint())?;
    // Servers want parts of 5 MiB and more, except for the last one.
    settings.single_put_bytes_max = 5 << 20;
    let parted = Store::connect(settings).await?;
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("sales.csv");
    let lines = (0..1_500_000_u32).flat_map(u32::to_le_bytes);
    let mut bytes: Vec<u8> = lines.collect();
    bytes.push(7);
    for (name, content) in [
        ("empty", &b""[..]),
        ("small", b"a;b\r\n\0\xff"),
        ("large", &bytes),
    ] {
        fs::write(&path, content)?;
        for (prefix, store) in [("one", &archive.store), ("parts", &parted)] {
            let payload = Payload::from_file(&path).await?;
            ensure!(payload.sha256() == Sha256Hash::of(content));
            let key = format!("{prefix}/{name}.csv");
            let put = store.put_new(&key, &payload).await?;
            ensure!(matches!(put, Put::Created { .. }), "{key} {put:?}");
            let again = store.put_new(&key, &payload).await?;
            ensure!(matches!(again, Put::AlreadyThere { .. }), "{key} {again:?}");
            let stored = store.get_small(&key, 10 << 20).await?;
            ensure!(stored == content, "{key} differs");
        }
    }
    let mut other = bytes.clone();
    other[0] ^= 1;
    let put = parted
        .put_new("parts/large.csv", &Payload::from_bytes(other))
        .await?;
    ensure!(put == Put::Taken, "{put:?}");
    ensure!(parted.get_small("parts/large.csv", 10 << 20).await? == bytes);
    Ok(())
}

#[tokio::test]
async fn a_file_that_changes_after_it_was_measured_is_not_stored() -> Result<()> {
    let archive = Archive::create().await?;
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("sales.csv");
    for changed in ["first line and more", "first", "fIrst line"] {
        fs::write(&path, "first line")?;
        let payload = Payload::from_file(&path).await?;
        fs::write(&path, changed)?;
        let error = archive
            .store
            .put_new("sales.csv", &payload)
            .await
            .unwrap_err();
        ensure!(
            matches!(error, RawStoreError::FileChanged { .. }),
            "{error:?}"
        );
        ensure!(error.to_string().contains("sales.csv changed"), "{error}");
        ensure!(archive.store.head("sales.csv").await?.is_none());
    }
    Ok(())
}

#[tokio::test]
async fn a_body_that_is_not_as_sealed_fails_at_its_end() -> Result<()> {
    let archive = Archive::create().await?;
    let payload = Payload::from_bytes("some bytes");
    archive.store.put_new("x.csv", &payload).await?;
    let read = async |size_bytes, sha256| {
        let mut body = archive
            .store
            .get_verified("x.csv", size_bytes, sha256)
            .await?;
        let mut whole = Vec::new();
        while let Some(chunk) = body.chunk().await? {
            whole.extend_from_slice(&chunk);
        }
        Ok::<_, RawStoreError>(whole)
    };
    ensure!(read(10, payload.sha256()).await? == b"some bytes");
    let error = read(11, payload.sha256()).await.unwrap_err();
    ensure!(error.class() == ErrorClass::Raw && error.to_string().contains("10 bytes"));
    archive.overwrite("x.csv", b"some bites".to_vec()).await?;
    let error = read(10, payload.sha256()).await.unwrap_err();
    ensure!(
        error.class() == ErrorClass::Raw && error.to_string().contains("SHA-256"),
        "{error}"
    );
    archive.delete("x.csv").await?;
    let error = read(10, payload.sha256()).await.unwrap_err();
    ensure!(matches!(error, RawStoreError::Missing { .. }), "{error}");
    Ok(())
}

#[tokio::test]
async fn what_is_too_large_to_hold_is_refused() -> Result<()> {
    let archive = Archive::create().await?;
    archive
        .store
        .put_new("x.csv", &Payload::from_bytes("12345"))
        .await?;
    ensure!(archive.store.get_small("x.csv", 5).await? == "12345");
    let error = archive.store.get_small("x.csv", 4).await.unwrap_err();
    ensure!(error.to_string().contains("4 bytes"), "{error}");
    Ok(())
}

#[tokio::test]
async fn the_bucket_is_created_by_whoever_comes_first() -> Result<()> {
    let archive = Archive::create().await?;
    let mut settings = settings(&archive.bucket, archive.bucket.endpoint())?;
    settings.bucket.push_str("-new");
    let connecting = (0..4).map(|_| tokio::spawn(Store::connect(settings.clone())));
    for connected in connecting.collect::<Vec<_>>() {
        connected.await??;
    }
    Ok(())
}

#[tokio::test]
async fn wrong_credentials_and_addresses_say_what_to_mend() -> Result<()> {
    let archive = Archive::create().await?;
    let mut wrong = settings(&archive.bucket, archive.bucket.endpoint())?;
    wrong.secret_key = "wrong".to_owned().into();
    let error = Store::connect(wrong).await.unwrap_err();
    ensure!(error.class() == ErrorClass::Operator, "{error:?}");
    ensure!(error.to_string().contains("secret key"), "{error}");

    let mut nowhere = settings(&archive.bucket, "http://127.0.0.1:9")?;
    nowhere.attempts_max = 1;
    let error = Store::connect(nowhere).await.unwrap_err();
    ensure!(error.class() == ErrorClass::Transient, "{error:?}");
    ensure!(error.to_string().contains("check that it runs"), "{error}");
    Ok(())
}

#[tokio::test]
async fn versions_of_a_tenants_file_are_kept_by_hash() -> Result<()> {
    let archive = Archive::create().await?;
    let store = &archive.store;
    ensure!(store.tenants().await?.is_empty());
    let first = store.put_config(super::tenant(), "a = 1").await?;
    let second = store.put_config(super::tenant(), "a = 2").await?;
    ensure!(first != second && first == store.put_config(super::tenant(), "a = 1").await?);
    ensure!(store.config(super::tenant(), first).await? == "a = 1");
    store
        .put_new("raw-data/CW-GLOBAL/x", &Payload::from_bytes(""))
        .await?;
    store
        .put_new("raw-data/other/x", &Payload::from_bytes(""))
        .await?;
    let tenants: Vec<_> = store
        .tenants()
        .await?
        .iter()
        .map(ToString::to_string)
        .collect();
    ensure!(tenants == ["CW-GLOBAL", "CW-000200"], "{tenants:?}");

    let key = catwing_raw_store::config_key(super::tenant(), first);
    archive.overwrite(&key, b"a = 9".to_vec()).await?;
    let error = store.config(super::tenant(), first).await.unwrap_err();
    ensure!(error.class() == ErrorClass::Raw, "{error}");
    let error = store
        .put_config(super::tenant(), "a = 1")
        .await
        .unwrap_err();
    ensure!(matches!(error, RawStoreError::Taken { .. }), "{error}");
    Ok(())
}
