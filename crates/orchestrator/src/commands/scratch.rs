//! Databases beside the one in use, for what is only to be proved; they go again.

use anyhow::{Context, Result};
use catwing_domain::TenantId;
use sea_orm::sqlx::{self, AssertSqlSafe, postgres::PgPoolOptions};

use crate::{Session, failure::Usage, registry};

/// Connections to such a database: as many as indexes are built side by side, and some for what waits.
const CONNECTIONS_MAX: u32 = 8;

/// A new, empty database on the same server, and a session on it; one of that name is dropped first.
///
/// # Errors
/// Who may not make databases.
pub(super) async fn create(session: &Session, name: &'static str) -> Result<Session> {
    drop(session, name).await?;
    sqlx::query(AssertSqlSafe(format!("create database {name}")))
        .execute(&session.pool)
        .await
        .with_context(|| Usage(format!(
            "failed to make the database {name}: who connects needs the right to make databases (alter role ... createdb)"
        )))?;
    let options = (*session.pool.connect_options()).clone().database(name);
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS_MAX)
        .connect_with(options)
        .await?;
    Ok(session.at(pool))
}

/// Registers a tenant there as it is here: its statistics are in the currency that it is registered with.
/// The shared tenant need not have been added: then it has no sources, and nothing to load.
///
/// # Errors
/// An archive without the tenant's file.
pub(super) async fn register(session: &Session, place: &Session, client: TenantId) -> Result<()> {
    if let Some(registered) = registry::find(session, client).await? {
        let file = registry::file_in_force(session, &registered).await?.file;
        registry::register(place, &file, registered.mapping).await?;
    }
    Ok(())
}

/// Drops it, with whoever is connected to it.
///
/// # Errors
/// A server that does not answer.
pub(super) async fn drop(session: &Session, name: &'static str) -> Result<()> {
    let statement = format!("drop database if exists {name} with (force)");
    sqlx::query(AssertSqlSafe(statement))
        .execute(&session.pool)
        .await?;
    Ok(())
}
