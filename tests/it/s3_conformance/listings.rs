//! Listings: order, pages, prefixes.

use anyhow::{Context, Result, ensure};
use aws_sdk_s3::Client;

use crate::s3_client::{Endpoint, put};

/// Neighbours of '/' in byte order, so that a listing folder by folder fails.
const KEYS: [&str; 10] = [
    "a", "a-b", "a.b", "a0", "b/c.d", "b/c/d", "b/c0", "b0", "é", "日",
];

super::checks!(
    keys_are_in_the_order_of_their_bytes,
    keys_of_a_folder_are_in_order,
    an_empty_bucket_lists_nothing,
    pages_join_to_the_whole,
    a_prefix_need_not_end_at_a_slash,
    a_delimiter_rolls_up,
    rolled_up_pages_join_to_the_whole,
    start_after_is_exclusive,
    start_after_obeys_the_order_of_bytes,
    the_first_version_of_listing_pages_by_marker,
    a_listing_has_sizes_and_tags,
    a_deleted_object_is_not_listed,
    an_emptied_folder_is_not_listed,
    more_than_a_thousand_keys_take_two_pages,
);

async fn fill(client: &Client, bucket: &str) -> Result<()> {
    for key in KEYS {
        put(client, bucket, key, key.as_bytes()).await?;
    }
    Ok(())
}

async fn keys_are_in_the_order_of_their_bytes(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    fill(client, bucket).await?;
    let output = client.list_objects_v2().bucket(bucket).send().await?;
    let keys: Vec<_> = output
        .contents()
        .iter()
        .filter_map(|object| object.key())
        .collect();
    ensure!(keys == KEYS, "{keys:?}");
    ensure!(output.key_count() == Some(10) && output.is_truncated() == Some(false));
    Ok(())
}

async fn keys_of_a_folder_are_in_order(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    // As a ledger's entries are named, written in another order.
    for number in [10, 2, 1, 9, 100, 3] {
        put(
            client,
            bucket,
            &format!("_manifest/{number:010}.json"),
            b"x",
        )
        .await?;
    }
    let found = pages(client, bucket, 4, None, "_manifest/").await?;
    let expected: Vec<_> = [1, 2, 3, 9, 10, 100]
        .map(|number| format!("_manifest/{number:010}.json"))
        .into();
    ensure!(found == expected, "{found:?}");
    Ok(())
}

async fn an_empty_bucket_lists_nothing(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    let output = client.list_objects_v2().bucket(bucket).send().await?;
    ensure!(output.contents().is_empty() && output.common_prefixes().is_empty());
    ensure!(output.is_truncated() == Some(false));
    Ok(())
}

/// All pages of a listing, keys and common prefixes in the order they came.
async fn pages(
    client: &Client,
    bucket: &str,
    size: i32,
    delimiter: Option<&str>,
    prefix: &str,
) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut token = None;
    for _ in 0..100 {
        let request = client
            .list_objects_v2()
            .bucket(bucket)
            .max_keys(size)
            .prefix(prefix);
        let output = request
            .set_delimiter(delimiter.map(Into::into))
            .set_continuation_token(token)
            .send()
            .await?;
        let keys = output.contents().iter().filter_map(|object| object.key());
        let prefixes = output
            .common_prefixes()
            .iter()
            .filter_map(|prefix| prefix.prefix());
        let mut page: Vec<String> = keys.chain(prefixes).map(String::from).collect();
        ensure!(
            page.len() <= usize::try_from(size)?,
            "a page of {}",
            page.len()
        );
        if delimiter.is_some() {
            // Keys and common prefixes are two lists of one page.
            page.sort_unstable();
        }
        found.append(&mut page);
        if output.is_truncated() != Some(true) {
            return Ok(found);
        }
        token = Some(
            output
                .next_continuation_token()
                .context("truncated without a token")?
                .to_string(),
        );
    }
    anyhow::bail!("the listing does not end: {found:?}")
}

async fn pages_join_to_the_whole(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    fill(client, bucket).await?;
    for size in [1, 3, 5, 10] {
        let found = pages(client, bucket, size, None, "").await?;
        ensure!(are_all(&found), "pages of {size}: {found:?}");
    }
    Ok(())
}

/// Whether every key is there once; in which order is a check of its own.
fn are_all(found: &[String]) -> bool {
    let mut found = found.to_vec();
    found.sort_unstable();
    found == KEYS
}

async fn a_prefix_need_not_end_at_a_slash(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    fill(client, bucket).await?;
    for (prefix, expected) in [
        ("b/c", vec!["b/c.d", "b/c/d", "b/c0"]),
        ("b", vec!["b/c.d", "b/c/d", "b/c0", "b0"]),
        ("b/c/", vec!["b/c/d"]),
        ("x", vec![]),
    ] {
        let mut found = pages(client, bucket, 2, None, prefix).await?;
        found.sort_unstable();
        ensure!(found == expected, "{prefix}: {found:?}");
    }
    Ok(())
}

async fn a_delimiter_rolls_up(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    fill(client, bucket).await?;
    let output = client
        .list_objects_v2()
        .bucket(bucket)
        .delimiter("/")
        .prefix("b/")
        .send()
        .await?;
    let keys: Vec<_> = output
        .contents()
        .iter()
        .filter_map(|object| object.key())
        .collect();
    let prefixes: Vec<_> = output
        .common_prefixes()
        .iter()
        .filter_map(|prefix| prefix.prefix())
        .collect();
    ensure!(keys == ["b/c.d", "b/c0"], "{keys:?}");
    ensure!(prefixes == ["b/c/"], "{prefixes:?}");
    Ok(())
}

async fn rolled_up_pages_join_to_the_whole(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    for key in ["a/1", "a/2", "b", "c/1", "c/2/3", "d"] {
        put(client, bucket, key, b"x").await?;
    }
    for size in [1, 2, 3] {
        let found = pages(client, bucket, size, Some("/"), "").await?;
        ensure!(
            found == ["a/", "b", "c/", "d"],
            "pages of {size}: {found:?}"
        );
    }
    Ok(())
}

/// The first key that is listed after another.
async fn first_after(client: &Client, bucket: &str, after: &str) -> Result<Option<String>> {
    let output = client
        .list_objects_v2()
        .bucket(bucket)
        .start_after(after)
        .send()
        .await?;
    let first = output.contents().first().and_then(|object| object.key());
    Ok(first.map(String::from))
}

async fn start_after_is_exclusive(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    for key in ["e/1", "e/2", "e/4"] {
        put(client, bucket, key, b"x").await?;
    }
    for (after, first) in [
        ("e/1", Some("e/2")),
        ("e/2", Some("e/4")),
        ("e/3", Some("e/4")),
        ("e/4", None),
    ] {
        let found = first_after(client, bucket, after).await?;
        ensure!(found.as_deref() == first, "after {after}: {found:?}");
    }
    Ok(())
}

async fn start_after_obeys_the_order_of_bytes(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    fill(client, bucket).await?;
    for (after, first) in [("b/c.d", "b/c/d"), ("b/c", "b/c.d"), ("a", "a-b")] {
        let found = first_after(client, bucket, after).await?;
        ensure!(found.as_deref() == Some(first), "after {after}: {found:?}");
    }
    Ok(())
}

async fn the_first_version_of_listing_pages_by_marker(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    fill(client, bucket).await?;
    let (mut found, mut marker) = (Vec::new(), String::new());
    loop {
        let output = client
            .list_objects()
            .bucket(bucket)
            .max_keys(3)
            .marker(&marker)
            .send()
            .await?;
        found.extend(
            output
                .contents()
                .iter()
                .filter_map(|object| object.key().map(String::from)),
        );
        if output.is_truncated() != Some(true) {
            break;
        }
        ensure!(
            found.last() != Some(&marker),
            "the listing does not advance"
        );
        marker = found.last().cloned().unwrap_or_default();
    }
    ensure!(are_all(&found), "{found:?}");
    Ok(())
}

async fn a_listing_has_sizes_and_tags(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    let tag = put(client, bucket, "folder/k", b"12345").await?;
    let output = client.list_objects_v2().bucket(bucket).send().await?;
    let object = output.contents().first().context("nothing listed")?;
    ensure!(
        object.size() == Some(5) && object.e_tag() == Some(tag.as_str()),
        "{object:?}"
    );
    ensure!(object.last_modified().is_some());
    Ok(())
}

async fn a_deleted_object_is_not_listed(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    put_and_empty_a_folder(client, bucket).await?;
    let found = pages(client, bucket, 10, None, "").await?;
    ensure!(found == ["d"], "{found:?}");
    Ok(())
}

async fn an_emptied_folder_is_not_listed(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    put_and_empty_a_folder(client, bucket).await?;
    let found = pages(client, bucket, 10, Some("/"), "").await?;
    ensure!(found == ["d"], "{found:?}");
    Ok(())
}

async fn put_and_empty_a_folder(client: &Client, bucket: &str) -> Result<()> {
    put(client, bucket, "a/b/c", b"x").await?;
    put(client, bucket, "d", b"x").await?;
    let deletion = client.delete_object().bucket(bucket).key("a/b/c");
    deletion.send().await?;
    Ok(())
}

async fn more_than_a_thousand_keys_take_two_pages(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    let keys: Vec<String> = (0..1005)
        .map(|number| format!("{:02}/{number:05}", number / 100))
        .collect();
    for some in keys.chunks(50) {
        futures_util::future::try_join_all(some.iter().map(|key| put(client, bucket, key, b"x")))
            .await?;
    }
    let first = client.list_objects_v2().bucket(bucket).send().await?;
    ensure!(first.contents().len() == 1000 && first.is_truncated() == Some(true));
    let found = pages(client, bucket, 1000, None, "").await?;
    ensure!(found == keys);
    Ok(())
}
