//! The S3 server: transport, credentials and lifetime. What it stores and how
//! is in the modules below.
//!
//! | module | owns |
//! | --- | --- |
//! | `key` | which keys have a place of their own below a bucket |
//! | `store` | the folder's layout, locks, and what a dead process left |
//! | `receive` | a body on its way in: written aside, measured, compared with what the client claimed |
//! | `publish` | the one moment when a body becomes an object |
//! | `attributes` | what is known of an object beside its bytes |
//! | `precondition` | `If-*` headers |
//! | `bucket`, `object`, `listing`, `multipart` | the operations |
//! | `service` | the table from S3's operations to ours |

mod attributes;
mod bucket;
mod key;
mod listing;
mod multipart;
mod object;
mod precondition;
mod publish;
mod receive;
mod service;
mod store;

use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use s3s::auth::{S3Auth, SecretKey};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{S3Result, s3_error};
use secrecy::{ExposeSecret, SecretString};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::Error;
use store::Store;

/// The region that the server says it is in; clients sign with any.
const REGION: &str = "us-east-1";
/// How long requests under way may take to finish once a stop is asked for.
const DRAIN_MAX: Duration = Duration::from_secs(10);
/// Pause after a failed accept (out of descriptors), so that it can't spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// An S3 server in this process over a folder, on an ephemeral loopback port.
///
/// Several servers, in one or many processes, may serve the same folder at
/// once. Credentials are new and random for each server. Addresses are
/// path-style. Dropping it stops it: requests under way may finish.
#[derive(Debug)]
pub struct S3Server {
    address: SocketAddr,
    access_key: String,
    secret_key: SecretString,
    stop: Option<watch::Sender<()>>,
    serving: Option<JoinHandle<()>>,
}

impl S3Server {
    /// Serves the folder `root`, which is created if it is missing.
    ///
    /// # Errors
    ///
    /// When the folder can't be used or no loopback port can be had.
    pub async fn start(root: &Path) -> Result<Self, Error> {
        let folder = root.to_path_buf();
        let store = tokio::task::spawn_blocking(move || Store::open(&folder))
            .await
            .map_err(|source| Error::OpenStore {
                path: root.into(),
                source: source.into(),
            })?
            .map_err(|source| Error::OpenStore {
                path: root.into(),
                source,
            })?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(|source| Error::Listen { source })?;
        let address = listener
            .local_addr()
            .map_err(|source| Error::Listen { source })?;
        let access_key = format!("CW{}", random_hex::<9>()?.to_uppercase());
        let secret_key = SecretString::from(random_hex::<32>()?);

        let mut builder = S3ServiceBuilder::new(service::Service::new(Arc::new(store), REGION));
        builder.set_auth(OneKey {
            access_key: access_key.clone(),
            secret_key: SecretKey::from(secret_key.expose_secret()),
        });
        let (stop, stopped) = watch::channel(());
        let serving = tokio::spawn(serve(listener, builder.build(), stopped));
        tracing::debug!(%address, root = %root.display(), "S3 server started");
        Ok(Self {
            address,
            access_key,
            secret_key,
            stop: Some(stop),
            serving: Some(serving),
        })
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where the server listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The access key id of this server's one identity.
    #[must_use]
    pub fn access_key(&self) -> &str {
        &self.access_key
    }

    /// The secret key of this server's one identity.
    #[must_use]
    pub fn secret_key(&self) -> &SecretString {
        &self.secret_key
    }

    /// The region to sign for.
    #[must_use]
    pub fn region(&self) -> &'static str {
        REGION
    }

    /// Stops, and returns when requests under way have finished or ten seconds
    /// have passed.
    pub async fn shutdown(mut self) {
        self.stop.take();
        if let Some(serving) = self.serving.take()
            && serving.await.is_err()
        {
            tracing::warn!("the S3 server ended with a panic");
        }
    }
}

/// Accepts until the sender of `stopped` is dropped, then lets requests end.
async fn serve(listener: TcpListener, service: S3Service, mut stopped: watch::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = stopped.changed() => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, service.clone(), stopped.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "can't accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    let drained = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(DRAIN_MAX, drained).await.is_err() {
        tracing::warn!("some S3 requests did not finish in time");
    }
}

async fn converse(stream: TcpStream, service: S3Service, mut stopped: watch::Receiver<()>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "can't set TCP_NODELAY");
    }
    let mut http = http1::Builder::new();
    let connection = http
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
    }
}

struct OneKey {
    access_key: String,
    secret_key: SecretKey,
}

#[async_trait::async_trait]
impl S3Auth for OneKey {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        if access_key == self.access_key {
            Ok(self.secret_key.clone())
        } else {
            Err(s3_error!(
                InvalidAccessKeyId,
                "this server does not know that access key"
            ))
        }
    }
}

fn random_hex<const BYTES: usize>() -> Result<String, Error> {
    let mut bytes = [0; BYTES];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .map_err(|source| Error::Randomness { source })?;
    Ok(hex::encode(bytes))
}
