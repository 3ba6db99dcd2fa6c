//! Connections: the servers that are configured, or the embedded ones, which the first command that
//! needs them starts.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use catwing_domain::{Clock, SystemClock, TenantId};
use catwing_embedded::{Home, Postgres, S3Server};
use catwing_load::Loader;
use catwing_raw_store::{Store, StoreSettings};
use sea_orm::{
    DatabaseConnection, SqlxPostgresConnector,
    sqlx::{
        Connection, PgConnection, PgPool,
        postgres::{PgConnectOptions, PgPoolOptions},
    },
};
use secrecy::{ExposeSecret, SecretString};

use crate::{Console, Settings, failure::Usage};

/// Connections that one command uses at the most: tenants that run side by side share them.
const CONNECTIONS_MAX: u32 = 16;
/// How long the first connection may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(15);

/// What every command that works on data needs.
pub struct Session {
    /// The raw archive.
    pub store: Store,
    /// The database.
    pub pool: PgPool,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The settings in force.
    pub settings: Settings,
    /// What stands in for environment variables that tenants' files name: addresses of servers that
    /// this process has started.
    pub variables: BTreeMap<String, String>,
    /// Serves the S3 folder while the session lives, where no server is configured.
    _s3: Option<S3Server>,
}

impl Session {
    /// Connects, and starts what is embedded and does not run yet.
    ///
    /// # Errors
    /// Servers that do not answer, with the command that mends it.
    pub async fn open(settings: &Settings, console: &Console) -> Result<Self> {
        let (pool, s3) = tokio::join!(database(settings, console), archive(settings));
        let (pool, (store, s3)) = (pool?, s3?);
        Ok(Self {
            store,
            pool,
            clock: Arc::new(SystemClock),
            settings: settings.clone(),
            variables: BTreeMap::new(),
            _s3: s3,
        })
    }

    /// The same session on another database.
    #[must_use]
    pub fn at(&self, pool: PgPool) -> Self {
        Self {
            store: self.store.clone(),
            pool,
            clock: Arc::clone(&self.clock),
            settings: self.settings.clone(),
            variables: self.variables.clone(),
            _s3: None,
        }
    }

    /// The database for SeaORM: the same pool.
    #[must_use]
    pub fn orm(&self) -> DatabaseConnection {
        SqlxPostgresConnector::from_sqlx_postgres_pool(self.pool.clone())
    }

    /// A variable that a tenant's file names.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<String> {
        let given = self.variables.get(name).cloned();
        given.or_else(|| std::env::var(name).ok())
    }

    /// Loads into the database.
    #[must_use]
    pub fn loader(&self) -> Loader {
        Loader::new(self.pool.clone())
    }

    /// The id of a new run; no two runs share one.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "ids of runs begin here and are passed on"
    )]
    pub fn new_run_id(&self, kind: &str, client: TenantId) -> String {
        format!("{kind}-{client}-{}", uuid::Uuid::now_v7())
    }
}

/// The embedded PostgreSQL of the home.
///
/// # Errors
/// A home that can't be made.
pub(crate) fn embedded_postgres(settings: &Settings) -> Result<Postgres> {
    let home = Home::open(&settings.home.value)?;
    Ok(Postgres::new(home, settings.postgres_bin.value.clone()))
}

/// The database's address: the configured one, or that of the embedded server, which is started.
///
/// # Errors
/// An embedded server that does not start.
pub(crate) async fn database_url(settings: &Settings, console: &Console) -> Result<SecretString> {
    if let Some(url) = &settings.database_url.value {
        return Ok(url.clone());
    }
    let postgres = embedded_postgres(settings)?;
    // One that takes connections is asked no more: to look for programs takes longer than most commands.
    match postgres.status() {
        Ok(status) => match status.url {
            Some(url) => return Ok(SecretString::from(url)),
            None => console.say("starting the embedded PostgreSQL ..."),
        },
        Err(error) => tracing::debug!(%error, "looking at the embedded PostgreSQL"),
    }
    let started = tokio::task::spawn_blocking(move || postgres.ensure_running()).await?;
    let address = started
        .context("the embedded PostgreSQL is needed: `catwing doctor` says what is missing")?;
    Ok(SecretString::from(address.url))
}

async fn database(settings: &Settings, console: &Console) -> Result<PgPool> {
    connect(&database_url(settings, console).await?).await
}

/// A pool of connections to a database that answers.
///
/// # Errors
/// A usage error where it does not.
pub(crate) async fn connect(url: &SecretString) -> Result<PgPool> {
    let unreachable = || {
        Usage(
            "failed to connect to the database: check DATABASE_URL, or `catwing db status`"
                .to_owned(),
        )
    };
    let options: PgConnectOptions = url.expose_secret().parse().with_context(unreachable)?;
    // A pool would try again for half a minute where nobody listens: one connection says it at once.
    let first = tokio::time::timeout(CONNECT_WITHIN, PgConnection::connect_with(&options)).await;
    first
        .map_err(anyhow::Error::from)
        .and_then(|connected| Ok(connected?))
        .with_context(unreachable)?
        .close()
        .await?;
    Ok(PgPoolOptions::new()
        .max_connections(CONNECTIONS_MAX)
        .acquire_timeout(CONNECT_WITHIN)
        .connect_lazy_with(options))
}

async fn archive(settings: &Settings) -> Result<(Store, Option<S3Server>)> {
    let configured = settings.s3_endpoint.value.is_some() || settings.access_key.value.is_some();
    let (mut store_settings, server) = if configured {
        let missing =
            || Usage("an S3 server needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY".to_owned());
        let access_key = settings.access_key.value.clone().ok_or_else(missing)?;
        let secret_key = settings.secret_key.value.clone().ok_or_else(missing)?;
        let mut chosen = match &settings.s3_endpoint.value {
            Some(endpoint) => StoreSettings::at(endpoint, &access_key, secret_key),
            None => StoreSettings::aws(&settings.region.value, &access_key, secret_key),
        };
        chosen.region.clone_from(&settings.region.value);
        chosen
            .session_token
            .clone_from(&settings.session_token.value);
        (chosen, None)
    } else {
        let home = Home::open(&settings.home.value)?;
        let server = S3Server::start(&home.s3()).await?;
        let mut chosen = StoreSettings::at(
            server.endpoint(),
            server.access_key(),
            server.secret_key().clone(),
        );
        server.region().clone_into(&mut chosen.region);
        (chosen, Some(server))
    };
    store_settings.bucket.clone_from(&settings.bucket.value);
    let store = Store::connect(store_settings)
        .await
        .context("failed to reach the raw store")?;
    Ok((store, server))
}
