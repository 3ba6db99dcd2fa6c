//! Databases beside the one in use, for what is only to be proved; they go again.

use anyhow::{Context, Result};
use sea_orm::sqlx::{self, AssertSqlSafe, postgres::PgPoolOptions};

use crate::{Session, failure::Usage};

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
