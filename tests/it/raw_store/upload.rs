//! Outputs replace what their key holds, as a whole and in one moment.

use anyhow::{Result, ensure};
use catwing_domain::manifest::Sha256Hash;
use catwing_raw_store::UPLOAD_PART_BYTES;

use super::Archive;

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
