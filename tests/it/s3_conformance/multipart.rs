//! Multipart uploads.

use anyhow::{Context, Result, ensure};
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};

use crate::s3_client::{Endpoint, exists, get, put, status};

const PART_BYTES: usize = 5 * 1024 * 1024;

super::checks!(
    parts_are_joined_in_order,
    nothing_is_there_before_the_completion,
    an_aborted_upload_leaves_nothing,
    a_part_sent_again_replaces_the_first,
    a_completion_with_another_tag_is_refused,
    a_small_part_that_is_not_the_last_is_refused,
    a_part_with_a_wrong_checksum_is_refused,
    parts_are_listed,
    a_completion_can_be_create_only,
    an_unknown_upload_is_404,
    an_id_that_is_none_is_refused,
);

async fn begin(client: &Client, bucket: &str, key: &str) -> Result<String> {
    let request = client
        .create_multipart_upload()
        .bucket(bucket)
        .key(key)
        .content_type("text/plain")
        .metadata("run", "7");
    request.send().await?.upload_id.context("no upload id")
}

async fn part(
    client: &Client,
    bucket: &str,
    key: &str,
    id: &str,
    number: i32,
    body: Vec<u8>,
) -> Result<CompletedPart> {
    let request = client
        .upload_part()
        .bucket(bucket)
        .key(key)
        .upload_id(id)
        .part_number(number);
    let output = request.body(ByteStream::from(body)).send().await?;
    Ok(CompletedPart::builder()
        .part_number(number)
        .set_e_tag(output.e_tag)
        .build())
}

fn whole(parts: Vec<CompletedPart>) -> CompletedMultipartUpload {
    CompletedMultipartUpload::builder()
        .set_parts(Some(parts))
        .build()
}

async fn complete(
    client: &Client,
    bucket: &str,
    key: &str,
    id: &str,
    parts: Vec<CompletedPart>,
) -> Result<u16> {
    let request = client
        .complete_multipart_upload()
        .bucket(bucket)
        .key(key)
        .upload_id(id);
    status(request.multipart_upload(whole(parts)).send().await)
}

async fn parts_are_joined_in_order(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    let id = begin(client, bucket, "a/big").await?;
    let second = part(client, bucket, "a/big", &id, 2, b"the end".to_vec()).await?;
    let first = part(client, bucket, "a/big", &id, 1, vec![b'x'; PART_BYTES]).await?;
    ensure!(complete(client, bucket, "a/big", &id, vec![first, second]).await? == 200);
    let body = get(client, bucket, "a/big").await?;
    ensure!(body.len() == PART_BYTES + 7 && body.ends_with(b"xthe end"));
    let head = client
        .head_object()
        .bucket(bucket)
        .key("a/big")
        .send()
        .await?;
    ensure!(
        head.e_tag().is_some_and(|tag| tag.ends_with("-2\"")),
        "{:?}",
        head.e_tag()
    );
    ensure!(head.content_type() == Some("text/plain"));
    ensure!(
        head.metadata()
            .and_then(|metadata| metadata.get("run"))
            .map(String::as_str)
            == Some("7")
    );
    Ok(())
}

async fn nothing_is_there_before_the_completion(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    let id = begin(client, bucket, "k").await?;
    let only = part(client, bucket, "k", &id, 1, b"x".to_vec()).await?;
    ensure!(!exists(client, bucket, "k").await?);
    let listed = client.list_objects_v2().bucket(bucket).send().await?;
    ensure!(listed.contents().is_empty() && listed.common_prefixes().is_empty());
    let uploads = client
        .list_multipart_uploads()
        .bucket(bucket)
        .send()
        .await?;
    ensure!(
        uploads
            .uploads()
            .iter()
            .any(|upload| upload.upload_id() == Some(&id))
    );
    ensure!(complete(client, bucket, "k", &id, vec![only]).await? == 200);
    ensure!(get(client, bucket, "k").await? == b"x");
    let uploads = client
        .list_multipart_uploads()
        .bucket(bucket)
        .send()
        .await?;
    ensure!(uploads.uploads().is_empty());
    Ok(())
}

async fn an_aborted_upload_leaves_nothing(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    let id = begin(client, bucket, "k").await?;
    let only = part(client, bucket, "k", &id, 1, b"x".to_vec()).await?;
    client
        .abort_multipart_upload()
        .bucket(bucket)
        .key("k")
        .upload_id(&id)
        .send()
        .await?;
    ensure!(complete(client, bucket, "k", &id, vec![only]).await? == 404);
    ensure!(!exists(client, bucket, "k").await?);
    Ok(())
}

async fn a_part_sent_again_replaces_the_first(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    let id = begin(client, bucket, "k").await?;
    part(client, bucket, "k", &id, 1, b"first".to_vec()).await?;
    let again = part(client, bucket, "k", &id, 1, b"second".to_vec()).await?;
    ensure!(complete(client, bucket, "k", &id, vec![again]).await? == 200);
    ensure!(get(client, bucket, "k").await? == b"second");
    Ok(())
}

async fn a_completion_with_another_tag_is_refused(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    let id = begin(client, bucket, "k").await?;
    part(client, bucket, "k", &id, 1, b"x".to_vec()).await?;
    let wrong = CompletedPart::builder()
        .part_number(1)
        .e_tag("\"00000000000000000000000000000000\"")
        .build();
    ensure!(complete(client, bucket, "k", &id, vec![wrong]).await? == 400);
    let absent = CompletedPart::builder()
        .part_number(9)
        .e_tag("\"00000000000000000000000000000000\"")
        .build();
    ensure!(complete(client, bucket, "k", &id, vec![absent]).await? == 400);
    ensure!(!exists(client, bucket, "k").await?);
    Ok(())
}

async fn a_small_part_that_is_not_the_last_is_refused(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    let id = begin(client, bucket, "k").await?;
    let first = part(client, bucket, "k", &id, 1, b"small".to_vec()).await?;
    let second = part(client, bucket, "k", &id, 2, b"last".to_vec()).await?;
    ensure!(complete(client, bucket, "k", &id, vec![first, second]).await? == 400);
    ensure!(!exists(client, bucket, "k").await?);
    Ok(())
}

async fn a_part_with_a_wrong_checksum_is_refused(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    let id = begin(client, bucket, "k").await?;
    let request = client
        .upload_part()
        .bucket(bucket)
        .key("k")
        .upload_id(&id)
        .part_number(1);
    let answer = status(
        request
            .checksum_crc32("AAAAAA==")
            .body(ByteStream::from_static(b"x"))
            .send()
            .await,
    )?;
    ensure!(answer == 400, "{answer}");
    let parts = client
        .list_parts()
        .bucket(bucket)
        .key("k")
        .upload_id(&id)
        .send()
        .await?;
    ensure!(parts.parts().is_empty());
    Ok(())
}

async fn parts_are_listed(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    let id = begin(client, bucket, "k").await?;
    for number in [3, 1, 2] {
        part(
            client,
            bucket,
            "k",
            &id,
            number,
            vec![b'x'; usize::try_from(number)?],
        )
        .await?;
    }
    let listed = client
        .list_parts()
        .bucket(bucket)
        .key("k")
        .upload_id(&id)
        .send()
        .await?;
    let found: Vec<_> = listed
        .parts()
        .iter()
        .map(|part| (part.part_number(), part.size()))
        .collect();
    ensure!(
        found == [(Some(1), Some(1)), (Some(2), Some(2)), (Some(3), Some(3))],
        "{found:?}"
    );
    let rest = client
        .list_parts()
        .bucket(bucket)
        .key("k")
        .upload_id(&id)
        .part_number_marker("2")
        .send()
        .await?;
    ensure!(rest.parts().len() == 1);
    Ok(())
}

async fn a_completion_can_be_create_only(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    let id = begin(client, bucket, "k").await?;
    let only = part(client, bucket, "k", &id, 1, b"multipart".to_vec()).await?;
    put(client, bucket, "k", b"faster").await?;
    let request = client
        .complete_multipart_upload()
        .bucket(bucket)
        .key("k")
        .upload_id(&id)
        .if_none_match("*");
    let answer = status(request.multipart_upload(whole(vec![only])).send().await)?;
    ensure!(answer == 412, "{answer}");
    ensure!(get(client, bucket, "k").await? == b"faster");
    Ok(())
}

/// The answer to a part of an upload that nobody began.
async fn part_of(client: &Client, bucket: &str, id: &str) -> Result<u16> {
    let request = client
        .upload_part()
        .bucket(bucket)
        .key("k")
        .upload_id(id)
        .part_number(1);
    status(request.body(ByteStream::from_static(b"x")).send().await)
}

async fn an_unknown_upload_is_404(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    for id in ["absent", "0123456789abcdef0123456789abcdef"] {
        let answer = part_of(client, bucket, id).await?;
        ensure!(answer == 404, "{id}: {answer}");
    }
    Ok(())
}

async fn an_id_that_is_none_is_refused(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    put(client, bucket, "x", b"object").await?;
    for id in ["../../x", "..", ".", "/", "x/../../x", "a b", "é"] {
        let answer = part_of(client, bucket, id).await?;
        ensure!((400..500).contains(&answer), "{id}: {answer}");
    }
    let listed = client.list_objects_v2().bucket(bucket).send().await?;
    ensure!(listed.contents().len() == 1, "{:?}", listed.contents());
    ensure!(get(client, bucket, "x").await? == b"object");
    Ok(())
}
