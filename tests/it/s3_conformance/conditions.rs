//! Conditional writes and reads: the ledger stands on the first.

use anyhow::{Context, Result, ensure};
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::{ByteStream, DateTime};
use futures_util::future;

use crate::s3_client::{Endpoint, get, put, status};

const RACERS: usize = 16;
const RACES: usize = 8;

super::checks!(
    create_only_creates,
    create_only_refuses_what_exists,
    create_only_has_one_winner_among_16,
    create_only_works_again_after_a_delete,
    if_match_replaces_the_known_version,
    if_match_refuses_another_version,
    if_match_refuses_what_is_absent,
    if_match_has_one_winner_among_16,
    a_known_version_is_not_sent_again,
    another_version_than_the_wanted_is_412,
    an_object_unchanged_since_is_not_sent_again,
    an_object_changed_since_is_412,
);

async fn create(client: &Client, bucket: &str, key: &str, body: &[u8]) -> Result<u16> {
    let body = ByteStream::from(body.to_vec());
    status(
        client
            .put_object()
            .bucket(bucket)
            .key(key)
            .if_none_match("*")
            .body(body)
            .send()
            .await,
    )
}

async fn create_only_creates(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    ensure!(create(client, bucket, "a/b/1.json", b"one").await? == 200);
    ensure!(get(client, bucket, "a/b/1.json").await? == b"one");
    Ok(())
}

async fn create_only_refuses_what_exists(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    put(client, bucket, "k", b"one").await?;
    for body in [b"two".as_slice(), b"one", b""] {
        let answer = create(client, bucket, "k", body).await?;
        ensure!(answer == 412, "{answer}");
    }
    ensure!(get(client, bucket, "k").await? == b"one");
    Ok(())
}

async fn create_only_has_one_winner_among_16(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    for race in 0..RACES {
        let key = format!("_manifest/{race:010}.json");
        let bodies: Vec<String> = (0..RACERS)
            .map(|racer| format!("{racer}").repeat(100 + racer))
            .collect();
        let answers = future::try_join_all(
            bodies
                .iter()
                .map(|body| create(client, bucket, &key, body.as_bytes())),
        )
        .await?;
        let winners: Vec<usize> = (0..RACERS)
            .filter(|racer| answers.get(*racer) == Some(&200))
            .collect();
        ensure!(winners.len() == 1, "race {race}: {answers:?}");
        ensure!(
            answers
                .iter()
                .all(|answer| [200, 409, 412].contains(answer)),
            "{answers:?}"
        );
        let winner = winners
            .first()
            .and_then(|winner| bodies.get(*winner))
            .context("no winner")?;
        ensure!(
            get(client, bucket, &key).await? == winner.as_bytes(),
            "the bytes are a loser's"
        );
    }
    Ok(())
}

async fn create_only_works_again_after_a_delete(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    ensure!(create(client, bucket, "k", b"one").await? == 200);
    client
        .delete_object()
        .bucket(bucket)
        .key("k")
        .send()
        .await?;
    ensure!(create(client, bucket, "k", b"two").await? == 200);
    ensure!(get(client, bucket, "k").await? == b"two");
    Ok(())
}

async fn replace(client: &Client, bucket: &str, key: &str, tag: &str, body: &[u8]) -> Result<u16> {
    let body = ByteStream::from(body.to_vec());
    status(
        client
            .put_object()
            .bucket(bucket)
            .key(key)
            .if_match(tag)
            .body(body)
            .send()
            .await,
    )
}

async fn if_match_replaces_the_known_version(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    let tag = put(client, bucket, "k", b"one").await?;
    ensure!(replace(client, bucket, "k", &tag, b"two").await? == 200);
    ensure!(get(client, bucket, "k").await? == b"two");
    Ok(())
}

async fn if_match_refuses_another_version(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    let old = put(client, bucket, "k", b"one").await?;
    put(client, bucket, "k", b"two").await?;
    let answer = replace(client, bucket, "k", &old, b"three").await?;
    ensure!(answer == 412, "{answer}");
    ensure!(get(client, bucket, "k").await? == b"two");
    Ok(())
}

async fn if_match_refuses_what_is_absent(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    let tag = put(client, bucket, "other", b"one").await?;
    let answer = replace(client, bucket, "k", &tag, b"two").await?;
    ensure!([404, 412].contains(&answer), "{answer}");
    let answer = status(client.head_object().bucket(bucket).key("k").send().await)?;
    ensure!(answer == 404, "{answer}");
    Ok(())
}

async fn if_match_has_one_winner_among_16(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    let tag = put(client, bucket, "k", b"start").await?;
    let bodies: Vec<String> = (0..RACERS).map(|racer| format!("racer {racer}")).collect();
    let answers = future::try_join_all(
        bodies
            .iter()
            .map(|body| replace(client, bucket, "k", &tag, body.as_bytes())),
    )
    .await?;
    let won = answers.iter().filter(|answer| **answer == 200).count();
    ensure!(won == 1, "{answers:?}");
    Ok(())
}

async fn a_known_version_is_not_sent_again(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    let tag = put(client, bucket, "k", b"one").await?;
    let answer = status(
        client
            .get_object()
            .bucket(bucket)
            .key("k")
            .if_none_match(&tag)
            .send()
            .await,
    )?;
    ensure!(answer == 304, "{answer}");
    let answer = status(
        client
            .head_object()
            .bucket(bucket)
            .key("k")
            .if_none_match(&tag)
            .send()
            .await,
    )?;
    ensure!(answer == 304, "{answer}");
    put(client, bucket, "k", b"two").await?;
    let answer = status(
        client
            .get_object()
            .bucket(bucket)
            .key("k")
            .if_none_match(&tag)
            .send()
            .await,
    )?;
    ensure!(answer == 200, "{answer}");
    Ok(())
}

async fn another_version_than_the_wanted_is_412(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    let old = put(client, bucket, "k", b"one").await?;
    let new = put(client, bucket, "k", b"two").await?;
    let answer = status(
        client
            .get_object()
            .bucket(bucket)
            .key("k")
            .if_match(&old)
            .send()
            .await,
    )?;
    ensure!(answer == 412, "{answer}");
    let answer = status(
        client
            .get_object()
            .bucket(bucket)
            .key("k")
            .if_match(&new)
            .send()
            .await,
    )?;
    ensure!(answer == 200, "{answer}");
    Ok(())
}

async fn times(client: &Client, bucket: &str) -> Result<(DateTime, DateTime)> {
    put(client, bucket, "k", b"one").await?;
    let head = client.head_object().bucket(bucket).key("k").send().await?;
    let modified = *head.last_modified().context("no time")?;
    Ok((modified, DateTime::from_secs(modified.secs() - 3600)))
}

async fn an_object_unchanged_since_is_not_sent_again(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    let (modified, before) = times(client, bucket).await?;
    let answer = status(
        client
            .get_object()
            .bucket(bucket)
            .key("k")
            .if_modified_since(modified)
            .send()
            .await,
    )?;
    ensure!(answer == 304, "{answer}");
    let answer = status(
        client
            .get_object()
            .bucket(bucket)
            .key("k")
            .if_modified_since(before)
            .send()
            .await,
    )?;
    ensure!(answer == 200, "{answer}");
    Ok(())
}

async fn an_object_changed_since_is_412(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    let (modified, before) = times(client, bucket).await?;
    let answer = status(
        client
            .get_object()
            .bucket(bucket)
            .key("k")
            .if_unmodified_since(before)
            .send()
            .await,
    )?;
    ensure!(answer == 412, "{answer}");
    let answer = status(
        client
            .get_object()
            .bucket(bucket)
            .key("k")
            .if_unmodified_since(modified)
            .send()
            .await,
    )?;
    ensure!(answer == 200, "{answer}");
    Ok(())
}
