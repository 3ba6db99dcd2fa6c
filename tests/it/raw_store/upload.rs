//! Outputs replace what their key holds, as a whole and in one moment.

use anyhow::{Result, ensure};
use catwing_domain::manifest::Sha256Hash;
use catwing_raw_store::{RawStoreError, Store, UPLOAD_PART_BYTES};

use super::{Archive, settings};

const KEY: &str = "ml-output/CW-000200/2026-02-24/features.parquet";

const BYTES_MAX: u64 = 64 << 20;

/// Bytes that differ from place to place.
fn bytes(length: usize, seed: usize) -> Vec<u8> {
    (0..length)
        .map(|at| ((at / 251 + at + seed) % 256) as u8)
        .collect()
}

#[tokio::test]
async fn an_upload_of_any_size_replaces_what_was_there() -> Result<()> {
    let archive = Archive::create().await?;
    let part = UPLOAD_PART_BYTES;
    for (seed, length) in [0, 5, part, part + 1, 2 * part + 7, 3, 2 * part]
        .into_iter()
        .enumerate()
    {
        let expected = bytes(length, seed);
        let mut upload = archive.store.upload(KEY);
        // Neither a divisor of a part nor larger than one.
        for piece in expected.chunks(3_000_017) {
            upload.write(piece).await?;
        }
        let published = upload.publish().await?;
        ensure!(published.size_bytes == length as u64);
        ensure!(published.sha256 == Sha256Hash::of(&expected));
        ensure!(
            archive.store.get_small(KEY, BYTES_MAX).await? == expected,
            "{length} bytes"
        );
    }
    // More than one part at a time.
    let expected = bytes(3 * part + 1, 9);
    let mut upload = archive.store.upload(KEY);
    upload.write(&expected).await?;
    upload.publish().await?;
    ensure!(archive.store.get_small(KEY, BYTES_MAX).await? == expected);
    Ok(())
}

#[tokio::test]
async fn nothing_of_an_upload_is_seen_before_it_is_published() -> Result<()> {
    let archive = Archive::create().await?;
    let mut upload = archive.store.upload(KEY);
    upload.write(&bytes(2 * UPLOAD_PART_BYTES, 1)).await?;
    ensure!(archive.store.head(KEY).await?.is_none());
    upload.abandon().await;
    ensure!(archive.store.head(KEY).await?.is_none());
    ensure!(archive.store.abandon_uploads("ml-output/").await? == 0);

    // One that nobody ended is given up by its prefix, and only by that.
    let mut lost = archive.store.upload(KEY);
    lost.write(&bytes(2 * UPLOAD_PART_BYTES, 2)).await?;
    ensure!(archive.store.abandon_uploads("other/").await? == 0);
    ensure!(
        archive
            .store
            .abandon_uploads("ml-output/CW-000200/")
            .await?
            == 1
    );
    lost.publish().await.unwrap_err();
    ensure!(archive.store.head(KEY).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn an_output_is_removed_once_and_may_be_removed_again() -> Result<()> {
    let archive = Archive::create().await?;
    let mut upload = archive.store.upload(KEY);
    upload.write(b"one").await?;
    upload.publish().await?;
    archive.store.remove_output(KEY).await?;
    ensure!(archive.store.head(KEY).await?.is_none());
    archive.store.remove_output(KEY).await?;
    Ok(())
}

#[tokio::test]
async fn an_output_is_copied_whole_by_the_server_and_by_reading_it() -> Result<()> {
    let archive = Archive::create().await?;
    let mut settings = settings(&archive.bucket, archive.bucket.endpoint())?;
    settings.single_put_bytes_max = 1000;
    let reading = Store::connect(settings).await?;
    for (seed, length) in [(1, 0), (2, 1000), (3, 1001), (4, 2 * UPLOAD_PART_BYTES + 7)] {
        let expected = bytes(length, seed);
        let mut upload = archive.store.upload(KEY);
        upload.write(&expected).await?;
        upload.publish().await?;
        for (store, to) in [
            (&archive.store, "ml-output/server"),
            (&reading, "ml-output/read"),
        ] {
            store.copy_output(KEY, to).await?;
            ensure!(
                archive.store.get_small(to, BYTES_MAX).await? == expected,
                "{length} to {to}"
            );
        }
    }
    let missing = archive.store.copy_output("ml-output/none", KEY).await;
    ensure!(
        matches!(missing, Err(RawStoreError::Missing { .. })),
        "{missing:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_range_of_an_object_is_those_bytes_and_no_others() -> Result<()> {
    let archive = Archive::create().await?;
    let whole = bytes(100_000, 5);
    let mut upload = archive.store.upload(KEY);
    upload.write(&whole).await?;
    upload.publish().await?;
    for (from, length) in [
        (0, 1),
        (0, 100_000),
        (7, 50_000),
        (99_999, 1),
        (50_000, 50_000),
    ] {
        let mut body = archive.store.get_range(KEY, from, length).await?;
        let read = body.collect(BYTES_MAX).await?;
        let expected = &whole[usize::try_from(from)?..usize::try_from(from + length)?];
        ensure!(read == expected, "{length} bytes from {from}");
        ensure!(body.sha256() == Sha256Hash::of(expected));
        ensure!(body.head().size_bytes == length);
    }
    // An object that ends before the range does.
    let mut body = archive.store.get_range(KEY, 99_990, 100).await?;
    ensure!(body.collect(BYTES_MAX).await?.len() == 10);
    ensure!(archive.store.get_range(KEY, 100_001, 5).await.is_err());
    Ok(())
}
