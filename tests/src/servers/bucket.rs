//! A bucket of a test's own.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Region};
use catwing_embedded::S3Server;
use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::{S3_ENDPOINT, unique_name};

/// An empty bucket that nobody else uses. In the process its server and folder go with this
/// value; on a named server it stays, since a bucket can't be removed while it holds an object
/// and a raw store never deletes one.
pub struct TestBucket {
    name: String,
    address: Address,
    client: Client,
    served: Option<Served>,
}

/// What a client is configured with.
struct Address {
    endpoint: String,
    region: String,
    access_key: String,
    secret_key: String,
}

/// The server stops before its folder goes: fields are dropped in this order.
struct Served {
    _server: S3Server,
    folder: TempDir,
}

impl TestBucket {
    /// Creates it on the server that `CATWING_TEST_S3_ENDPOINT` names, else in this process.
    ///
    /// # Errors
    /// When the named server refuses, or its credentials are not in the environment.
    pub async fn create() -> Result<Self> {
        let named = env::var(S3_ENDPOINT).ok().filter(|url| !url.is_empty());
        let (address, served) = match named {
            Some(endpoint) => (given(endpoint)?, None),
            None => {
                let (address, served) = serve().await?;
                (address, Some(served))
            }
        };
        let client = connect(&address);
        let name = unique_name();
        client
            .create_bucket()
            .bucket(&name)
            .send()
            .await
            .with_context(|| format!("{} refuses to create a bucket", address.endpoint))?;
        Ok(Self {
            name,
            address,
            client,
            served,
        })
    }

    /// The bucket's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A client of the server, path-style.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The server's URL.
    pub fn endpoint(&self) -> &str {
        &self.address.endpoint
    }

    /// The `AWS_*` variables that point a process under test at the server.
    pub fn variables(&self) -> [(&'static str, &str); 4] {
        [
            ("AWS_ENDPOINT_URL", &self.address.endpoint),
            ("AWS_REGION", &self.address.region),
            ("AWS_ACCESS_KEY_ID", &self.address.access_key),
            ("AWS_SECRET_ACCESS_KEY", &self.address.secret_key),
        ]
    }

    /// Where the objects are plain files, for tests that damage them: in the process only.
    pub fn folder(&self) -> Option<PathBuf> {
        let served = self.served.as_ref()?;
        Some(served.folder.path().join(&self.name))
    }
}

fn given(endpoint: String) -> Result<Address> {
    let variable = |name: &str| {
        env::var(name).with_context(|| format!("{S3_ENDPOINT} is set, so {name} must be too"))
    };
    Ok(Address {
        endpoint,
        region: env::var("AWS_REGION").unwrap_or_else(|_| "us-east-1".to_owned()),
        access_key: variable("AWS_ACCESS_KEY_ID")?,
        secret_key: variable("AWS_SECRET_ACCESS_KEY")?,
    })
}

async fn serve() -> Result<(Address, Served)> {
    let folder = tempfile::tempdir().context("no temporary folder for the S3 server")?;
    let root: &Path = folder.path();
    let server = S3Server::start(root).await?;
    let address = Address {
        endpoint: server.endpoint(),
        region: server.region().to_owned(),
        access_key: server.access_key().to_owned(),
        secret_key: server.secret_key().expose_secret().to_owned(),
    };
    let served = Served {
        _server: server,
        folder,
    };
    Ok((address, served))
}

fn connect(address: &Address) -> Client {
    let credentials = Credentials::new(
        &address.access_key,
        &address.secret_key,
        None,
        None,
        "catwing-tests",
    );
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(&address.endpoint)
        .region(Region::new(address.region.clone()))
        .credentials_provider(credentials)
        .force_path_style(true)
        .build();
    Client::from_conf(config)
}
