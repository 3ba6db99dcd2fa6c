//! PostgreSQL in a container. All tests of a process share one; it goes with the last of them.

use std::sync::{Arc, Weak};
use std::time::Duration;

use anyhow::{Context, Result};
use testcontainers::core::client::docker_client_instance;
use testcontainers::core::wait::LogWaitStrategy;
use testcontainers::core::{IntoContainerPort, WaitFor};
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, GenericImage, ImageExt};
use tokio::sync::Mutex;

/// The major version of the private cluster on Debian 12, so that both prove the same.
const IMAGE_TAG: &str = "15";

const PORT: u16 = 5432;

/// An engine that is there answers a ping within milliseconds.
const PING_TIMEOUT: Duration = Duration::from_secs(1);

/// The container listens inside of Docker's network alone, behind a port of the loopback interface.
const PASSWORD: &str = "catwing-test";

/// A container, alive as long as a test holds it.
pub type Shared = Arc<ContainerAsync<GenericImage>>;

static SHARED: Mutex<Weak<ContainerAsync<GenericImage>>> = Mutex::const_new(Weak::new());

/// Whether an engine answers where testcontainers would look for it; else why not.
pub async fn engine_answers() -> Result<(), String> {
    let ping = async {
        let engine = docker_client_instance()
            .await
            .map_err(|error| error.to_string())?;
        let answer = engine.ping().await.map_err(|error| error.to_string());
        answer.map(|_| ())
    };
    match tokio::time::timeout(PING_TIMEOUT, ping).await {
        Ok(answer) => answer,
        Err(_) => Err(format!("no answer within {} s", PING_TIMEOUT.as_secs())),
    }
}

/// The container of this process, started if no other test has, and its administrator's URL.
pub async fn start() -> Result<(Shared, String)> {
    let mut shared = SHARED.lock().await;
    let container = match shared.upgrade() {
        Some(container) => container,
        None => {
            let container = Arc::new(image().start().await.context(
                "a Docker engine answers, but the PostgreSQL container did not start: see \
                 `docker ps --all`, or name another server in DATABASE_URL",
            )?);
            *shared = Arc::downgrade(&container);
            container
        }
    };
    let host = container.get_host().await?;
    let port = container.get_host_port_ipv4(PORT).await?;
    let url = format!("postgres://postgres:{PASSWORD}@{host}:{port}/postgres");
    Ok((container, url))
}

fn image() -> testcontainers::ContainerRequest<GenericImage> {
    // The image first starts a server to initialize itself, which says that it is ready as well.
    let ready = LogWaitStrategy::stderr("database system is ready to accept connections");
    GenericImage::new("postgres", IMAGE_TAG)
        .with_exposed_port(PORT.tcp())
        .with_wait_for(WaitFor::log(ready.with_times(2)))
        .with_env_var("POSTGRES_PASSWORD", PASSWORD)
}
