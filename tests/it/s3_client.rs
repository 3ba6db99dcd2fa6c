//! Clients and requests that all tests of S3 share.

use anyhow::{Context, Result};
use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{BehaviorVersion, Builder, Region};
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::primitives::ByteStream;
use catwing_embedded::S3Server;
use secrecy::ExposeSecret;

/// Where a server is and who may use it.
#[derive(Debug, Clone)]
pub struct Endpoint {
    pub url: String,
    pub access_key: String,
    pub secret_key: String,
}

impl Endpoint {
    pub fn of(server: &S3Server) -> Self {
        Self {
            url: server.endpoint(),
            access_key: server.access_key().into(),
            secret_key: server.secret_key().expose_secret().into(),
        }
    }

    pub fn client(&self) -> Client {
        Client::from_conf(self.config().build())
    }

    /// The configuration without retries, so that a test sees every answer.
    pub fn config(&self) -> Builder {
        let credentials = Credentials::new(&self.access_key, &self.secret_key, None, None, "test");
        aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(&self.url)
            .credentials_provider(credentials)
            .force_path_style(true)
            .retry_config(RetryConfig::disabled())
    }
}

pub async fn put(client: &Client, bucket: &str, key: &str, body: &[u8]) -> Result<String> {
    let body = ByteStream::from(body.to_vec());
    let output = client
        .put_object()
        .bucket(bucket)
        .key(key)
        .body(body)
        .send()
        .await
        .with_context(|| format!("put {key:?}"))?;
    Ok(output.e_tag.unwrap_or_default())
}

pub async fn get(client: &Client, bucket: &str, key: &str) -> Result<Vec<u8>> {
    let output = client
        .get_object()
        .bucket(bucket)
        .key(key)
        .send()
        .await
        .with_context(|| format!("get {key:?}"))?;
    Ok(output.body.collect().await?.to_vec())
}

/// Whether a key has an object, by HEAD and by GET alike.
pub async fn exists(client: &Client, bucket: &str, key: &str) -> Result<bool> {
    let head = status(client.head_object().bucket(bucket).key(key).send().await)?;
    let get = status(client.get_object().bucket(bucket).key(key).send().await)?;
    anyhow::ensure!(
        (head < 300) == (get < 300),
        "HEAD says {head}, GET says {get}"
    );
    Ok(head < 300)
}

/// The HTTP status of an answer, whatever it is. No answer is an error.
pub fn status<T, E>(result: Result<T, SdkError<E, HttpResponse>>) -> Result<u16>
where
    E: std::error::Error + Send + Sync + 'static,
{
    match result {
        Ok(_) => Ok(200),
        Err(error) => match error.raw_response() {
            Some(response) => Ok(response.status().as_u16()),
            None => Err(error).context("no answer"),
        },
    }
}
