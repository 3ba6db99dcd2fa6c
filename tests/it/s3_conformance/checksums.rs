//! A body that is not what its request says is refused, and nothing of it can be
//! read afterwards.

use anyhow::{Result, ensure};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode};

use crate::s3_client::{Endpoint, exists, get, put, status};

const BODY: &[u8] = b"hello world";
/// Digests of `BODY` in base64.
const MD5: &str = "XrY7u+Ae7tCTyyK7j1rNww==";
const CRC32: &str = "DUoRhQ==";
const CRC32C: &str = "yZRlqg==";
const CRC64NVME: &str = "jSnVw/bqjr4=";
const SHA1: &str = "Kq5sNclPz7QV2+lfQIuc6R7oRu0=";
const SHA256: &str = "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=";

super::checks!(
    a_right_md5_is_accepted,
    a_wrong_md5_is_refused,
    a_malformed_md5_is_refused,
    a_wrong_crc32_is_refused,
    a_wrong_crc32c_is_refused,
    a_wrong_crc64nvme_is_refused,
    a_wrong_sha1_is_refused,
    a_wrong_sha256_is_refused,
    right_checksums_are_kept,
    a_body_that_is_not_the_signed_one_is_refused,
    a_wrong_trailing_checksum_is_refused,
    a_refused_body_leaves_the_old_object,
);

fn request(client: &Client, bucket: &str) -> PutObjectFluentBuilder {
    client
        .put_object()
        .bucket(bucket)
        .key("k")
        .body(ByteStream::from_static(BODY))
}

async fn is_refused(client: &Client, bucket: &str, request: PutObjectFluentBuilder) -> Result<()> {
    let answer = status(request.send().await)?;
    ensure!(answer == 400, "{answer}");
    ensure!(!exists(client, bucket, "k").await?, "refused, but there");
    let listed = client.list_objects_v2().bucket(bucket).send().await?;
    ensure!(listed.contents().is_empty(), "refused, but listed");
    Ok(())
}

async fn a_right_md5_is_accepted(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    request(client, bucket).content_md5(MD5).send().await?;
    ensure!(get(client, bucket, "k").await? == BODY);
    Ok(())
}

async fn a_wrong_md5_is_refused(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    is_refused(
        client,
        bucket,
        request(client, bucket).content_md5("AAAAAAAAAAAAAAAAAAAAAA=="),
    )
    .await
}

async fn a_malformed_md5_is_refused(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    is_refused(
        client,
        bucket,
        request(client, bucket).content_md5("no base64"),
    )
    .await
}

async fn a_wrong_crc32_is_refused(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    is_refused(
        client,
        bucket,
        request(client, bucket).checksum_crc32("AAAAAA=="),
    )
    .await
}

async fn a_wrong_crc32c_is_refused(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    is_refused(
        client,
        bucket,
        request(client, bucket).checksum_crc32_c("AAAAAA=="),
    )
    .await
}

async fn a_wrong_crc64nvme_is_refused(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    is_refused(
        client,
        bucket,
        request(client, bucket).checksum_crc64_nvme("AAAAAAAAAAA="),
    )
    .await
}

async fn a_wrong_sha1_is_refused(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    is_refused(
        client,
        bucket,
        request(client, bucket).checksum_sha1("AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    )
    .await
}

async fn a_wrong_sha256_is_refused(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    let wrong = format!("{}=", "A".repeat(43));
    is_refused(
        client,
        bucket,
        request(client, bucket).checksum_sha256(wrong),
    )
    .await
}

async fn right_checksums_are_kept(_: &Endpoint, client: &Client, bucket: &str) -> Result<()> {
    let head = || {
        client
            .head_object()
            .bucket(bucket)
            .key("k")
            .checksum_mode(ChecksumMode::Enabled)
            .send()
    };
    request(client, bucket).checksum_crc32(CRC32).send().await?;
    ensure!(head().await?.checksum_crc32() == Some(CRC32));
    request(client, bucket)
        .checksum_crc32_c(CRC32C)
        .send()
        .await?;
    ensure!(head().await?.checksum_crc32_c() == Some(CRC32C));
    request(client, bucket)
        .checksum_crc64_nvme(CRC64NVME)
        .send()
        .await?;
    ensure!(head().await?.checksum_crc64_nvme() == Some(CRC64NVME));
    request(client, bucket).checksum_sha1(SHA1).send().await?;
    ensure!(head().await?.checksum_sha1() == Some(SHA1));
    request(client, bucket)
        .checksum_sha256(SHA256)
        .send()
        .await?;
    ensure!(head().await?.checksum_sha256() == Some(SHA256));
    ensure!(get(client, bucket, "k").await? == BODY);
    Ok(())
}

/// Changes the body between the client's signature and the wire, on which is no TLS.
#[derive(Debug)]
struct Tamper(fn(&[u8]) -> Vec<u8>);

impl Intercept for Tamper {
    fn name(&self) -> &'static str {
        "Tamper"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let body = request.body().bytes().map(<[u8]>::to_vec);
        let body = (self.0)(&body.unwrap_or_default());
        // A body of another length would leave the server waiting for the rest.
        let announced = request.headers().get("content-length");
        if announced != Some(body.len().to_string().as_str()) {
            return Err(format!("{} bytes for {announced:?}", body.len()).into());
        }
        *request.body_mut() = SdkBody::from(body);
        let in_the_clear = request.uri().replacen("https:", "http:", 1);
        Ok(request.set_uri(in_the_clear)?)
    }
}

async fn a_body_that_is_not_the_signed_one_is_refused(
    endpoint: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    let tamper = Tamper(|body| {
        let mut body = body.to_vec();
        if let Some(first) = body.first_mut() {
            *first ^= 1;
        }
        body
    });
    let tampering = Client::from_conf(endpoint.config().interceptor(tamper).build());
    is_refused(client, bucket, request(&tampering, bucket)).await
}

/// Sends `BODY` as a stream whose checksum comes behind it; on the wire is what `tamper` says.
async fn stream(endpoint: &Endpoint, bucket: &str, tamper: Tamper) -> Result<u16> {
    // The client signs each chunk, and would be refused for that, unless it believes in TLS.
    let secure = endpoint.url.replacen("http:", "https:", 1);
    let config = endpoint.config().endpoint_url(secure).interceptor(tamper);
    let client = Client::from_conf(config.build());
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), BODY)?;
    let request = client
        .put_object()
        .bucket(bucket)
        .key("k")
        .checksum_algorithm(ChecksumAlgorithm::Crc32)
        .body(ByteStream::from_path(file.path()).await?);
    status(request.send().await)
}

async fn a_wrong_trailing_checksum_is_refused(
    endpoint: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    let wrong =
        Tamper(|_| b"B\r\nhello world\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n".to_vec());
    let answer = stream(endpoint, bucket, wrong).await?;
    ensure!(answer == 400, "{answer}");
    ensure!(!exists(client, bucket, "k").await?, "refused, but there");

    let right =
        Tamper(|_| b"B\r\nhello world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n".to_vec());
    let answer = stream(endpoint, bucket, right).await?;
    ensure!(answer == 200, "the same request untouched: {answer}");
    ensure!(get(client, bucket, "k").await? == BODY);
    Ok(())
}

async fn a_refused_body_leaves_the_old_object(
    _: &Endpoint,
    client: &Client,
    bucket: &str,
) -> Result<()> {
    let tag = put(client, bucket, "k", b"old").await?;
    let answer = status(
        request(client, bucket)
            .checksum_crc32("AAAAAA==")
            .send()
            .await,
    )?;
    ensure!(answer == 400, "{answer}");
    ensure!(get(client, bucket, "k").await? == b"old");
    let head = client.head_object().bucket(bucket).key("k").send().await?;
    ensure!(head.e_tag() == Some(tag.as_str()));
    Ok(())
}
