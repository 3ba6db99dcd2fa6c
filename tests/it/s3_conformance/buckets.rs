//! Buckets and identities.

use anyhow::{Result, ensure};
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;

use crate::s3_client::{Endpoint, get, put, status};

super::checks!(
    a_made_bucket_is_there_and_listed,
    an_absent_bucket_is_404,
    a_put_into_an_absent_bucket_is_404,
    a_bucket_with_objects_is_not_deleted,
    an_empty_bucket_is_deleted,
    another_secret_is_refused,
    another_access_key_is_refused,
    a_request_without_signature_is_refused,
);

async fn a_made_bucket_is_there_and_listed(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    client.head_bucket().bucket(bucket).send().await?;
    let listed = client.list_buckets().send().await?;
    ensure!(
        listed
            .buckets()
            .iter()
            .any(|listed| listed.name() == Some(bucket))
    );
    Ok(())
}

async fn an_absent_bucket_is_404(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    let absent = format!("{bucket}-absent");
    ensure!(status(client.head_bucket().bucket(&absent).send().await)? == 404);
    ensure!(status(client.list_objects_v2().bucket(&absent).send().await)? == 404);
    Ok(())
}

async fn a_put_into_an_absent_bucket_is_404(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    let absent = format!("{bucket}-absent");
    let body = ByteStream::from_static(b"x");
    let answer = status(
        client
            .put_object()
            .bucket(&absent)
            .key("k")
            .body(body)
            .send()
            .await,
    )?;
    ensure!(answer == 404, "{answer}");
    ensure!(
        status(client.head_bucket().bucket(&absent).send().await)? == 404,
        "the put made the bucket"
    );
    Ok(())
}

async fn a_bucket_with_objects_is_not_deleted(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    put(client, bucket, "a/b", b"x").await?;
    let answer = status(client.delete_bucket().bucket(bucket).send().await)?;
    ensure!(answer == 409, "{answer}");
    ensure!(get(client, bucket, "a/b").await? == b"x");
    Ok(())
}

async fn an_empty_bucket_is_deleted(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    put(client, bucket, "a/b/c", b"x").await?;
    client
        .delete_object()
        .bucket(bucket)
        .key("a/b/c")
        .send()
        .await?;
    client.delete_bucket().bucket(bucket).send().await?;
    ensure!(status(client.head_bucket().bucket(bucket).send().await)? == 404);
    Ok(())
}

async fn another_secret_is_refused(endpoint: &Endpoint, _: &Client, bucket: &str) -> Result<()> {
    let other = Endpoint {
        secret_key: "another-secret-0000000000".into(),
        ..endpoint.clone()
    };
    let body = ByteStream::from_static(b"x");
    let answer = status(
        other
            .client()
            .put_object()
            .bucket(bucket)
            .key("k")
            .body(body)
            .send()
            .await,
    )?;
    ensure!(answer == 403, "{answer}");
    Ok(())
}

async fn another_access_key_is_refused(
    endpoint: &Endpoint,
    _: &Client,
    bucket: &str,
) -> Result<()> {
    let other = Endpoint {
        access_key: "SOMEBODYELSE".into(),
        ..endpoint.clone()
    };
    let answer = status(other.client().list_objects_v2().bucket(bucket).send().await)?;
    ensure!(answer == 403, "{answer}");
    Ok(())
}

async fn a_request_without_signature_is_refused(
    endpoint: &Endpoint,
    _: &Client,
    bucket: &str,
) -> Result<()> {
    let client = Client::from_conf(
        endpoint
            .config()
            .allow_no_auth()
            .auth_scheme_preference(["noAuth".into()])
            .build(),
    );
    let answer = status(client.get_object().bucket(bucket).key("k").send().await)?;
    ensure!(answer == 403, "{answer}");
    Ok(())
}
