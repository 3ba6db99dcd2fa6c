//! Bodies, headers, ranges, copies, deletes.

use std::io::Write;

use anyhow::{Context, Result, ensure};
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, MetadataDirective, ObjectIdentifier};
use sha2::{Digest, Sha256};

use crate::s3_client::{Endpoint, exists, get, put, status};

const BIG_BYTES: usize = 64 * 1024 * 1024;

super::checks!(
    a_body_comes_back_as_it_went,
    an_empty_body_is_an_object,
    a_put_replaces,
    the_tag_is_the_md5_of_the_body,
    head_says_size_tag_and_time,
    an_absent_key_is_404,
    a_deleted_object_is_gone,
    deleting_what_is_absent_succeeds,
    many_are_deleted_at_once,
    content_headers_are_kept,
    user_metadata_is_kept,
    a_copy_has_bytes_and_metadata,
    a_copy_can_replace_metadata,
    a_copy_of_nothing_is_404,
    a_large_body_streams_both_ways,
    a_range_has_its_bytes,
    an_open_range_goes_to_the_end,
    a_suffix_range_is_the_end,
    a_range_is_cut_at_the_end,
    a_range_beyond_the_end_is_416,
    a_reader_keeps_its_version_while_it_is_replaced,
);

async fn a_body_comes_back_as_it_went(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    let body: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    put(
        client,
        bucket,
        "raw-data/CW-000200/2026-02-24/products.json",
        &body,
    )
    .await?;
    ensure!(
        get(
            client,
            bucket,
            "raw-data/CW-000200/2026-02-24/products.json"
        )
        .await?
            == body
    );
    Ok(())
}

async fn an_empty_body_is_an_object(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    put(client, bucket, "empty", b"").await?;
    ensure!(get(client, bucket, "empty").await?.is_empty());
    let head = client
        .head_object()
        .bucket(bucket)
        .key("empty")
        .send()
        .await?;
    ensure!(head.content_length() == Some(0));
    Ok(())
}

async fn a_put_replaces(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    let first = put(client, bucket, "k", b"first, and longer").await?;
    let second = put(client, bucket, "k", b"second").await?;
    ensure!(first != second);
    ensure!(get(client, bucket, "k").await? == b"second");
    Ok(())
}

async fn the_tag_is_the_md5_of_the_body(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    let tag = put(client, bucket, "k", b"hello world").await?;
    ensure!(tag == "\"5eb63bbbe01eeed093cb22bb8f5acdc3\"", "{tag}");
    Ok(())
}

async fn head_says_size_tag_and_time(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    let tag = put(client, bucket, "k", b"12345").await?;
    let head = client.head_object().bucket(bucket).key("k").send().await?;
    ensure!(head.content_length() == Some(5));
    ensure!(head.e_tag() == Some(tag.as_str()));
    ensure!(head.last_modified().context("no time")?.secs() > 1_600_000_000);
    Ok(())
}

async fn an_absent_key_is_404(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    put(client, bucket, "folder/k", b"x").await?;
    for key in ["absent", "folder", "folder/absent", "folder/k/below"] {
        ensure!(!exists(client, bucket, key).await?, "{key}");
        ensure!(
            status(client.get_object().bucket(bucket).key(key).send().await)? == 404,
            "{key}"
        );
    }
    let error = client
        .get_object()
        .bucket(bucket)
        .key("absent")
        .send()
        .await
        .err()
        .context("found")?;
    ensure!(error.into_service_error().is_no_such_key());
    Ok(())
}

async fn a_deleted_object_is_gone(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    put(client, bucket, "a/b", b"x").await?;
    client
        .delete_object()
        .bucket(bucket)
        .key("a/b")
        .send()
        .await?;
    ensure!(!exists(client, bucket, "a/b").await?);
    // The folder that it left is not in the way of a key of that name.
    put(client, bucket, "a", b"y").await?;
    ensure!(get(client, bucket, "a").await? == b"y");
    Ok(())
}

async fn deleting_what_is_absent_succeeds(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    client
        .delete_object()
        .bucket(bucket)
        .key("absent/key")
        .send()
        .await?;
    Ok(())
}

async fn many_are_deleted_at_once(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    for key in ["a/1", "a/2", "b"] {
        put(client, bucket, key, b"x").await?;
    }
    let mut delete = Delete::builder();
    for key in ["a/1", "b", "absent"] {
        delete = delete.objects(ObjectIdentifier::builder().key(key).build()?);
    }
    let output = client
        .delete_objects()
        .bucket(bucket)
        .delete(delete.build()?)
        .send()
        .await?;
    ensure!(output.errors().is_empty(), "{:?}", output.errors());
    ensure!(output.deleted().len() == 3, "{:?}", output.deleted());
    ensure!(!exists(client, bucket, "a/1").await? && !exists(client, bucket, "b").await?);
    ensure!(exists(client, bucket, "a/2").await?);
    Ok(())
}

async fn content_headers_are_kept(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    let request = client
        .put_object()
        .bucket(bucket)
        .key("k")
        .body(ByteStream::from_static(b"x"));
    let request = request
        .content_type("text/csv; charset=windows-1251")
        .cache_control("no-store");
    request
        .content_disposition("attachment")
        .content_encoding("gzip")
        .content_language("ru")
        .send()
        .await?;
    let head = client.head_object().bucket(bucket).key("k").send().await?;
    ensure!(
        head.content_type() == Some("text/csv; charset=windows-1251"),
        "{:?}",
        head.content_type()
    );
    ensure!(head.cache_control() == Some("no-store"));
    ensure!(head.content_disposition() == Some("attachment"));
    ensure!(
        head.content_encoding() == Some("gzip"),
        "{:?}",
        head.content_encoding()
    );
    ensure!(head.content_language() == Some("ru"));
    Ok(())
}

async fn user_metadata_is_kept(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    let request = client
        .put_object()
        .bucket(bucket)
        .key("k")
        .body(ByteStream::from_static(b"x"));
    request
        .metadata("sha256", "abc")
        .metadata("run-id", "42")
        .send()
        .await?;
    let output = client.get_object().bucket(bucket).key("k").send().await?;
    let metadata = output.metadata().context("no metadata")?;
    ensure!(
        metadata.get("sha256").map(String::as_str) == Some("abc"),
        "{metadata:?}"
    );
    ensure!(
        metadata.get("run-id").map(String::as_str) == Some("42"),
        "{metadata:?}"
    );
    put(client, bucket, "k", b"y").await?;
    let head = client.head_object().bucket(bucket).key("k").send().await?;
    ensure!(
        head.metadata()
            .is_none_or(|metadata| !metadata.contains_key("sha256")),
        "metadata of the old version"
    );
    Ok(())
}

async fn a_copy_has_bytes_and_metadata(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    let request = client
        .put_object()
        .bucket(bucket)
        .key("tmp/backup")
        .body(ByteStream::from_static(b"dump"));
    request
        .metadata("sha256", "abc")
        .content_type("application/gzip")
        .send()
        .await?;
    client
        .copy_object()
        .bucket(bucket)
        .key("backup")
        .copy_source(format!("{bucket}/tmp/backup"))
        .send()
        .await?;
    ensure!(get(client, bucket, "backup").await? == b"dump");
    let head = client
        .head_object()
        .bucket(bucket)
        .key("backup")
        .send()
        .await?;
    ensure!(head.content_type() == Some("application/gzip"));
    ensure!(
        head.metadata()
            .and_then(|metadata| metadata.get("sha256"))
            .map(String::as_str)
            == Some("abc")
    );
    ensure!(exists(client, bucket, "tmp/backup").await?);
    Ok(())
}

async fn a_copy_can_replace_metadata(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    let request = client
        .put_object()
        .bucket(bucket)
        .key("k")
        .body(ByteStream::from_static(b"x"));
    request.metadata("old", "1").send().await?;
    let copy = client
        .copy_object()
        .bucket(bucket)
        .key("k2")
        .copy_source(format!("{bucket}/k"));
    copy.metadata_directive(MetadataDirective::Replace)
        .metadata("new", "2")
        .send()
        .await?;
    let head = client.head_object().bucket(bucket).key("k2").send().await?;
    let metadata = head.metadata().context("no metadata")?;
    ensure!(
        metadata.contains_key("new") && !metadata.contains_key("old"),
        "{metadata:?}"
    );
    Ok(())
}

async fn a_copy_of_nothing_is_404(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    let copy = client
        .copy_object()
        .bucket(bucket)
        .key("k")
        .copy_source(format!("{bucket}/absent"));
    let answer = status(copy.send().await)?;
    ensure!((400..500).contains(&answer), "{answer}");
    ensure!(!exists(client, bucket, "k").await?);
    Ok(())
}

async fn a_large_body_streams_both_ways(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    let mut file = tempfile::NamedTempFile::new()?;
    let (mut sent, mut block) = (Sha256::new(), vec![0u8; 1024 * 1024]);
    for number in 0..BIG_BYTES / block.len() {
        let byte = u8::try_from(number % 251)?;
        block.fill(byte);
        file.write_all(&block)?;
        sent.update(&block);
    }
    let body = ByteStream::from_path(file.path()).await?;
    client
        .put_object()
        .bucket(bucket)
        .key("big")
        .body(body)
        .send()
        .await?;
    let mut output = client.get_object().bucket(bucket).key("big").send().await?;
    let (mut received, mut size) = (Sha256::new(), 0);
    while let Some(chunk) = output.body.try_next().await? {
        size += chunk.len();
        received.update(&chunk);
    }
    ensure!(size == BIG_BYTES, "{size}");
    ensure!(sent.finalize() == received.finalize());
    client
        .delete_object()
        .bucket(bucket)
        .key("big")
        .send()
        .await?;
    Ok(())
}

async fn range(client: &Client, bucket: &str, range: &str) -> Result<(Vec<u8>, String)> {
    put(client, bucket, "digits", b"0123456789").await?;
    let output = client
        .get_object()
        .bucket(bucket)
        .key("digits")
        .range(range)
        .send()
        .await?;
    let content_range = output.content_range().unwrap_or_default().to_string();
    Ok((output.body.collect().await?.to_vec(), content_range))
}

async fn a_range_has_its_bytes(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    let (bytes, content_range) = range(client, bucket, "bytes=2-4").await?;
    ensure!(bytes == b"234", "{bytes:?}");
    ensure!(content_range == "bytes 2-4/10", "{content_range}");
    Ok(())
}

async fn an_open_range_goes_to_the_end(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    let (bytes, content_range) = range(client, bucket, "bytes=7-").await?;
    ensure!(
        bytes == b"789" && content_range == "bytes 7-9/10",
        "{bytes:?} {content_range}"
    );
    Ok(())
}

async fn a_suffix_range_is_the_end(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    let (bytes, content_range) = range(client, bucket, "bytes=-4").await?;
    ensure!(
        bytes == b"6789" && content_range == "bytes 6-9/10",
        "{bytes:?} {content_range}"
    );
    Ok(())
}

async fn a_range_is_cut_at_the_end(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    let (bytes, content_range) = range(client, bucket, "bytes=8-1000").await?;
    ensure!(
        bytes == b"89" && content_range == "bytes 8-9/10",
        "{bytes:?} {content_range}"
    );
    Ok(())
}

async fn a_range_beyond_the_end_is_416(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    put(client, bucket, "digits", b"0123456789").await?;
    let answer = status(
        client
            .get_object()
            .bucket(bucket)
            .key("digits")
            .range("bytes=10-12")
            .send()
            .await,
    )?;
    ensure!(answer == 416, "{answer}");
    Ok(())
}

async fn a_reader_keeps_its_version_while_it_is_replaced(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    let (old, new) = (vec![1u8; 4 * 1024 * 1024], vec![2u8; 4 * 1024 * 1024]);
    put(client, bucket, "k", &old).await?;
    let reader = client.get_object().bucket(bucket).key("k").send().await?;
    put(client, bucket, "k", &new).await?;
    ensure!(
        reader.body.collect().await?.to_vec() == old,
        "a mixture of two versions"
    );
    ensure!(get(client, bucket, "k").await? == new);
    Ok(())
}
