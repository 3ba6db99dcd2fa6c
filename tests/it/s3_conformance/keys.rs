//! Keys. An odd one either works or is refused; it is never bent into another.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;

use crate::s3_client::{Endpoint, get, put, status};

super::checks!(
    keys_of_any_script_work,
    spaces_and_reserved_characters_work,
    a_backslash_works_or_is_refused,
    dots_inside_of_names_work,
    a_key_of_1000_bytes_works,
    a_key_of_1025_bytes_is_refused,
    similar_keys_are_different_objects,
    dot_dot_never_leaves_the_bucket,
    a_dot_segment_works_or_is_refused,
    a_double_slash_works_or_is_refused,
    a_leading_slash_works_or_is_refused,
    a_trailing_slash_works_or_is_refused,
    a_segment_of_300_bytes_works_or_is_refused,
    a_control_character_works_or_is_refused,
    a_key_below_an_object_works_or_is_refused,
    a_key_that_is_a_folder_works_or_is_refused,
);

async fn each_works(client: &Client, bucket: &str, keys: &[&str]) -> Result<()> {
    for key in keys {
        put(client, bucket, key, key.as_bytes()).await?;
    }
    for key in keys {
        ensure!(get(client, bucket, key).await? == key.as_bytes(), "{key:?}");
    }
    let listed = client.list_objects_v2().bucket(bucket).send().await?;
    // The order of a listing is a check of its own.
    let found: BTreeSet<_> = listed
        .contents()
        .iter()
        .filter_map(|object| object.key())
        .collect();
    ensure!(found == keys.iter().copied().collect(), "{found:?}");
    ensure!(listed.contents().len() == keys.len(), "a key twice");
    Ok(())
}

/// The key is kept as it is, or refused with a client's error and not there.
async fn works_or_is_refused(client: &Client, bucket: &str, key: &str) -> Result<()> {
    let body = ByteStream::from_static(b"odd");
    let answer = status(
        client
            .put_object()
            .bucket(bucket)
            .key(key)
            .body(body)
            .send()
            .await,
    )?;
    let listed = client.list_objects_v2().bucket(bucket).send().await?;
    let found: Vec<_> = listed
        .contents()
        .iter()
        .filter_map(|object| object.key())
        .collect();
    if answer == 200 {
        let read = get(client, bucket, key).await?;
        ensure!(read == b"odd", "accepted {key:?}, read {read:?}");
        ensure!(found.contains(&key), "accepted {key:?}, listed {found:?}");
    } else {
        ensure!((400..500).contains(&answer), "{answer}");
        let answer = status(client.get_object().bucket(bucket).key(key).send().await)?;
        ensure!((400..500).contains(&answer), "{answer}");
        ensure!(!found.contains(&key), "refused {key:?}, listed {found:?}");
    }
    Ok(())
}

async fn keys_of_any_script_work(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    each_works(
        client,
        bucket,
        &["продажи/день.csv", "日本/語", "naïve", "nai\u{308}ve", "😀"],
    )
    .await
}

async fn spaces_and_reserved_characters_work(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    each_works(
        client,
        bucket,
        &[
            "a b",
            "a+b",
            "a%20b",
            "100%",
            "a&b=c?d#e",
            "x;y,z:@!$'()*~",
            "q\"<>|",
        ],
    )
    .await
}

async fn a_backslash_works_or_is_refused(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    works_or_is_refused(client, bucket, "a\\b").await
}

async fn dots_inside_of_names_work(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    each_works(
        client,
        bucket,
        &[
            "...",
            "a..b",
            ".hidden",
            "dir/..x",
            "dir./x.",
            "sales_orders.r2.p000001.json",
        ],
    )
    .await
}

async fn a_key_of_1000_bytes_works(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    let key = ["0123456789"; 91].join("/");
    ensure!(key.len() == 1000);
    each_works(client, bucket, &[&key]).await
}

async fn a_key_of_1025_bytes_is_refused(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    let key = format!("{}x", "0123456/".repeat(128));
    ensure!(key.len() == 1025);
    let body = ByteStream::from_static(b"x");
    let answer = status(
        client
            .put_object()
            .bucket(bucket)
            .key(&key)
            .body(body)
            .send()
            .await,
    )?;
    ensure!((400..500).contains(&answer), "{answer}");
    Ok(())
}

async fn similar_keys_are_different_objects(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    each_works(
        client,
        bucket,
        &["Key", "key", "KEY", "key.json", "key.json.tmp"],
    )
    .await
}

async fn dot_dot_never_leaves_the_bucket(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    let other = format!("{bucket}-other");
    client.create_bucket().bucket(&other).send().await?;
    put(client, &other, "mine", b"mine").await?;
    for key in [
        format!("../{other}/mine"),
        format!("a/../../{other}/mine"),
        format!("../{other}/new"),
        "..".into(),
    ] {
        let body = ByteStream::from_static(b"theirs");
        let written = status(
            client
                .put_object()
                .bucket(bucket)
                .key(&key)
                .body(body)
                .send()
                .await,
        )?;
        let read = client.get_object().bucket(bucket).key(&key).send().await;
        if let Ok(read) = read {
            ensure!(written == 200, "{key} was refused and can be read");
            ensure!(
                read.body.collect().await?.to_vec() == b"theirs",
                "{key} reads another bucket"
            );
        }
        let deleted = status(client.delete_object().bucket(bucket).key(&key).send().await)?;
        ensure!(deleted < 500, "{deleted}");
        ensure!(get(client, &other, "mine").await? == b"mine", "{key}");
    }
    let listed = client.list_objects_v2().bucket(&other).send().await?;
    ensure!(listed.contents().len() == 1, "{:?}", listed.contents());
    Ok(())
}

async fn a_dot_segment_works_or_is_refused(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    works_or_is_refused(client, bucket, "a/./b").await
}

async fn a_double_slash_works_or_is_refused(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    works_or_is_refused(client, bucket, "a//b").await
}

async fn a_leading_slash_works_or_is_refused(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    works_or_is_refused(client, bucket, "/a").await
}

async fn a_trailing_slash_works_or_is_refused(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    works_or_is_refused(client, bucket, "a/").await
}

async fn a_segment_of_300_bytes_works_or_is_refused(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    works_or_is_refused(client, bucket, &format!("a/{}", "x".repeat(300))).await
}

async fn a_control_character_works_or_is_refused(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    works_or_is_refused(client, bucket, "a\tb").await
}

async fn a_key_below_an_object_works_or_is_refused(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    put(client, bucket, "a", b"object").await?;
    works_or_is_refused(client, bucket, "a/b").await?;
    ensure!(get(client, bucket, "a").await? == b"object");
    Ok(())
}

async fn a_key_that_is_a_folder_works_or_is_refused(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    put(client, bucket, "a/b", b"object").await?;
    works_or_is_refused(client, bucket, "a").await?;
    ensure!(get(client, bucket, "a/b").await? == b"object");
    Ok(())
}
