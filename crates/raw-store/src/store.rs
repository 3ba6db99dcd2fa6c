//! The connection to one bucket.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_s3::{
    Client,
    config::{
        BehaviorVersion, Region, RequestChecksumCalculation, ResponseChecksumValidation,
        SharedHttpClient, StalledStreamProtectionConfig, retry::RetryConfig,
        timeout::TimeoutConfig,
    },
    types::{BucketLocationConstraint, CreateBucketConfiguration},
};
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use futures_util::{Stream, TryStreamExt, stream};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    RawStoreError,
    error::status,
    object::{SINGLE_PUT_BYTES_MAX, UPLOAD_BYTES_PER_SECOND_MIN},
};

/// The bucket, unless the settings name another.
pub const BUCKET_DEFAULT: &str = "catwing-masters";
/// How long a connection may take to be made.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long one attempt of a request may take until its answer begins.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a body may stand still before the request is given up.
pub const STALL_TIMEOUT: Duration = Duration::from_secs(20);
/// How often a request is sent before its failure is reported.
pub const ATTEMPTS_MAX: u32 = 4;
/// The region that has no location constraint.
const REGION_DEFAULT: &str = "us-east-1";

/// Where the raw store is and how to reach it.
#[derive(Clone, Debug)]
pub struct StoreSettings {
    /// Address of the server; none for the region's own.
    pub endpoint_url: Option<String>,
    /// Region, `us-east-1` for servers that have none.
    pub region: String,
    /// Bucket; it is created where it is missing.
    pub bucket: String,
    /// Access key.
    pub access_key: String,
    /// Secret key.
    pub secret_key: SecretString,
    /// Session token of temporary credentials.
    pub session_token: Option<SecretString>,
    /// Whether the bucket is part of the path, as most servers but the original need.
    pub force_path_style: bool,
    /// How long a connection may take to be made.
    pub connect_timeout: Duration,
    /// How long one attempt may take until its answer begins; bodies get more by their size.
    pub attempt_timeout: Duration,
    /// How long a body may stand still.
    pub stall_timeout: Duration,
    /// How often a request is sent before its failure is reported.
    pub attempts_max: u32,
    /// Objects larger than this are sent in parts of this size.
    pub single_put_bytes_max: u64,
}

impl StoreSettings {
    /// Settings of a server at an address, all else by default.
    #[must_use]
    pub fn at(endpoint_url: impl Into<String>, access_key: &str, secret_key: SecretString) -> Self {
        Self {
            endpoint_url: Some(endpoint_url.into()),
            force_path_style: true,
            ..Self::aws(REGION_DEFAULT, access_key, secret_key)
        }
    }

    /// Settings of the region's own S3, all else by default.
    #[must_use]
    pub fn aws(region: &str, access_key: &str, secret_key: SecretString) -> Self {
        Self {
            endpoint_url: None,
            region: region.to_owned(),
            bucket: BUCKET_DEFAULT.to_owned(),
            access_key: access_key.to_owned(),
            secret_key,
            session_token: None,
            force_path_style: false,
            connect_timeout: CONNECT_TIMEOUT,
            attempt_timeout: ATTEMPT_TIMEOUT,
            stall_timeout: STALL_TIMEOUT,
            attempts_max: ATTEMPTS_MAX,
            single_put_bytes_max: SINGLE_PUT_BYTES_MAX,
        }
    }
}

/// One bucket of an S3 server. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) client: Client,
    pub(crate) bucket: String,
    pub(crate) single_put_bytes_max: u64,
    timeouts: TimeoutConfig,
    attempt_timeout: Duration,
}

/// An object as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its key.
    pub key: String,
    /// Bytes as stored.
    pub size_bytes: u64,
}

impl Store {
    /// Connects, and creates the bucket where it is missing.
    ///
    /// # Errors
    /// [`RawStoreError::Setting`] for settings that can't be used, [`RawStoreError::Request`]
    /// where the server does not answer or denies the bucket.
    pub async fn connect(settings: StoreSettings) -> Result<Self, RawStoreError> {
        check(&settings)?;
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(settings.connect_timeout)
            .read_timeout(settings.attempt_timeout)
            .operation_attempt_timeout(settings.attempt_timeout)
            .build();
        let credentials = Credentials::new(
            settings.access_key.clone(),
            settings.secret_key.expose_secret(),
            settings
                .session_token
                .as_ref()
                .map(|token| token.expose_secret().to_owned()),
            None,
            "catwing",
        );
        let mut config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(settings.region.clone()))
            .credentials_provider(credentials)
            .force_path_style(settings.force_path_style)
            // Bodies carry our own SHA-256 instead, and are checked against it when read.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .retry_config(RetryConfig::standard().with_max_attempts(settings.attempts_max))
            .timeout_config(timeouts.clone())
            .stalled_stream_protection(
                StalledStreamProtectionConfig::enabled()
                    .grace_period(settings.stall_timeout)
                    .build(),
            );
        config.set_endpoint_url(settings.endpoint_url.clone());
        if settings.endpoint_url.as_deref().is_some_and(is_plain) {
            config.set_http_client(Some(without_certificates()?));
        }
        let store = Self {
            client: Client::from_conf(config.build()),
            bucket: settings.bucket.clone(),
            single_put_bytes_max: settings.single_put_bytes_max,
            timeouts,
            attempt_timeout: settings.attempt_timeout,
        };
        store.ensure_bucket(&settings.region).await?;
        Ok(store)
    }

    /// The bucket's name.
    #[must_use]
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// Objects whose keys begin with `prefix`, in the order of their keys, after `after` where it
    /// is given. Pages are fetched as the stream is read.
    pub fn list(
        &self,
        prefix: &str,
        after: Option<String>,
    ) -> impl Stream<Item = Result<Listed, RawStoreError>> + Send + 'static {
        enum At {
            Start(Option<String>),
            Token(String),
            End,
        }
        let store = self.clone();
        let prefix = prefix.to_owned();
        stream::try_unfold(At::Start(after), move |at| {
            let (store, prefix) = (store.clone(), prefix.clone());
            async move {
                let request = store
                    .client
                    .list_objects_v2()
                    .bucket(&store.bucket)
                    .prefix(&prefix);
                let request = match at {
                    At::End => return Ok(None),
                    At::Start(after) => request.set_start_after(after),
                    At::Token(token) => request.continuation_token(token),
                };
                let page = Box::pin(request.send())
                    .await
                    .map_err(|error| RawStoreError::request("list", prefix.clone(), error))?;
                let next = page.next_continuation_token.map_or(At::End, At::Token);
                let listed: Vec<_> = page
                    .contents
                    .unwrap_or_default()
                    .into_iter()
                    .filter_map(|object| {
                        Some(Ok(Listed {
                            key: object.key?,
                            size_bytes: u64::try_from(object.size?).ok()?,
                        }))
                    })
                    .collect();
                Ok(Some((stream::iter(listed), next)))
            }
        })
        .try_flatten()
    }

    /// The names right below a prefix that ends in `/`, each with its own `/` at the end.
    pub(crate) async fn folders(&self, prefix: &str) -> Result<Vec<String>, RawStoreError> {
        let mut folders = Vec::new();
        let mut token = None;
        loop {
            let request = self
                .client
                .list_objects_v2()
                .bucket(&self.bucket)
                .prefix(prefix)
                .delimiter("/")
                .set_continuation_token(token);
            let page = Box::pin(request.send())
                .await
                .map_err(|error| RawStoreError::request("list", prefix, error))?;
            folders.extend(
                page.common_prefixes
                    .unwrap_or_default()
                    .into_iter()
                    .filter_map(|common| common.prefix?.strip_prefix(prefix).map(str::to_owned)),
            );
            token = page.next_continuation_token;
            if token.is_none() {
                return Ok(folders);
            }
        }
    }

    /// Time-outs of a request that sends a body: the slowest line that is admitted finishes it.
    pub(crate) fn upload_settings(&self, body_bytes: u64) -> aws_sdk_s3::config::Builder {
        let sending = Duration::from_secs(body_bytes / UPLOAD_BYTES_PER_SECOND_MIN);
        let attempt = self.attempt_timeout.saturating_add(sending);
        aws_sdk_s3::Config::builder().timeout_config(
            self.timeouts
                .to_builder()
                .read_timeout(attempt)
                .operation_attempt_timeout(attempt)
                .build(),
        )
    }

    /// Creates the bucket unless it is there; whoever else creates it meanwhile is welcome.
    async fn ensure_bucket(&self, region: &str) -> Result<(), RawStoreError> {
        if self.has_bucket().await? {
            return Ok(());
        }
        let mut create = self.client.create_bucket().bucket(&self.bucket);
        if region != REGION_DEFAULT {
            create = create.create_bucket_configuration(
                CreateBucketConfiguration::builder()
                    .location_constraint(BucketLocationConstraint::from(region))
                    .build(),
            );
        }
        match Box::pin(create.send()).await {
            Ok(_) => {
                tracing::info!(bucket = self.bucket, "created the bucket of the raw store");
                Ok(())
            }
            Err(error) if status(&error) == Some(409) && self.has_bucket().await? => Ok(()),
            Err(error) => Err(RawStoreError::request("create bucket", &self.bucket, error)),
        }
    }

    async fn has_bucket(&self) -> Result<bool, RawStoreError> {
        let head = self.client.head_bucket().bucket(&self.bucket);
        match Box::pin(head.send()).await {
            Ok(_) => Ok(true),
            Err(error) if status(&error) == Some(404) => Ok(false),
            Err(error) => Err(RawStoreError::request("open bucket", &self.bucket, error)),
        }
    }
}

fn is_plain(endpoint_url: &str) -> bool {
    endpoint_url.starts_with("http://")
}

/// A client that trusts nobody: to read all certificates that the system trusts takes as long as all else
/// that a short command does, and an endpoint without TLS shows none.
fn without_certificates() -> Result<SharedHttpClient, RawStoreError> {
    let context = TlsContext::builder().with_trust_store(TrustStore::empty());
    let context = context.build().map_err(|error| RawStoreError::Setting {
        setting: "the endpoint's address",
        problem: format!("no client can be made for it: {error}"),
    })?;
    Ok(aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .tls_context(context)
        .build_https())
}

fn check(settings: &StoreSettings) -> Result<(), RawStoreError> {
    let refuse = |setting, problem: &str| {
        Err(RawStoreError::Setting {
            setting,
            problem: problem.to_owned(),
        })
    };
    let admitted = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
    if !(3..=63).contains(&settings.bucket.len()) || !settings.bucket.bytes().all(admitted) {
        return refuse(
            "the bucket",
            "it must be 3 to 63 of a-z, 0-9, - and ., such as catwing-masters",
        );
    }
    if settings.region.is_empty() {
        return refuse("the region", "it is empty; us-east-1 suits most servers");
    }
    if settings.access_key.is_empty() || settings.secret_key.expose_secret().is_empty() {
        return refuse(
            "the access key",
            "access key and secret key must both be set",
        );
    }
    if let Some(url) = &settings.endpoint_url
        && !(url.starts_with("http://") || url.starts_with("https://"))
    {
        return refuse("the address", "it must begin with http:// or https://");
    }
    if settings.attempts_max == 0 {
        return refuse("the number of attempts", "it must be at least 1");
    }
    if settings.single_put_bytes_max == 0 || settings.single_put_bytes_max > SINGLE_PUT_BYTES_MAX {
        return refuse("the part size", "it must be 1 byte to 4 GiB");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{StoreSettings, check};

    fn settings() -> StoreSettings {
        StoreSettings::at("http://127.0.0.1:1", "key", "secret".to_owned().into())
    }

    #[test]
    fn settings_that_can_not_work_are_refused_by_name() {
        assert!(check(&settings()).is_ok());
        let refused = |change: fn(&mut StoreSettings), part: &str| {
            let mut settings = settings();
            change(&mut settings);
            let message = check(&settings).unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        };
        refused(|s| s.bucket = "Big_Bucket".into(), "the bucket");
        refused(|s| s.region.clear(), "us-east-1");
        refused(|s| s.access_key.clear(), "secret key");
        refused(
            |s| s.endpoint_url = Some("localhost:9000".into()),
            "http://",
        );
        refused(|s| s.attempts_max = 0, "at least 1");
        refused(|s| s.single_put_bytes_max = 0, "part size");
    }

    #[test]
    fn settings_do_not_print_their_secret() {
        let printed = format!("{:?}", settings());
        assert!(!printed.contains("\"secret\""), "{printed}");
    }
}
