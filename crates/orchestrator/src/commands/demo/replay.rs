//! The promise, tried: the archive replayed in another order into an empty database.

use anyhow::{Context, Result};
use catwing_domain::TenantId;
use catwing_load::Loader;
use catwing_migrations::{migrate_global, migrate_tenant};
use catwing_recovery::{
    apply::{Applier, Grouping},
    digest::{Comparison, compare, digest},
};
use sea_orm::sqlx::{self, PgPool, postgres::PgPoolOptions};

use crate::{Session, registry};

/// The database that a replay is made into, and that goes with it.
const SCRATCH: &str = "catwing_demo_replay";
/// Deliveries of one transaction: other ones than the load before had.
const DELIVERIES_TOGETHER: usize = 7;

/// The live digest, and whether a replay of all deliveries, shuffled, comes to the same.
pub(super) async fn shuffled(session: &Session, client: TenantId) -> Result<(String, bool)> {
    drop_scratch(&session.pool).await?;
    sqlx::query("create database catwing_demo_replay")
        .execute(&session.pool)
        .await
        .context("failed to make a database for the replay")?;
    let options = (*session.pool.connect_options()).clone().database(SCRATCH);
    let scratch = PgPoolOptions::new()
        .max_connections(4)
        .connect_with(options)
        .await?;
    let replayed = replay(session, client, &scratch).await;
    let compared = match replayed {
        Ok(()) => both(session, client, &scratch).await,
        Err(error) => Err(error),
    };
    scratch.close().await;
    drop_scratch(&session.pool).await?;
    compared
}

async fn replay(session: &Session, client: TenantId, scratch: &PgPool) -> Result<()> {
    migrate_global(scratch).await?;
    migrate_tenant(scratch, &registry::names(client)).await?;
    let loader = Loader::new(scratch.clone());
    let applier = Applier {
        store: &session.store,
        loader: &loader,
        tenant: client,
        run_id: "demo-replay",
        clock: session.clock.as_ref(),
        grouping: Grouping {
            deliveries_max: DELIVERIES_TOGETHER,
            ..Grouping::default()
        },
    };
    let mut pending = applier.pending().await?;
    pending.sort_by_key(|one| one.sealed.sha256);
    applier.apply(&pending, &|_| {}).await?;
    Ok(())
}

async fn both(session: &Session, client: TenantId, scratch: &PgPool) -> Result<(String, bool)> {
    let live = digest(&session.pool, client).await?;
    let replayed = digest(scratch, client).await?;
    let is_equal = matches!(compare(&live, &replayed)?, Comparison::Equal);
    Ok((live.digest.to_string(), is_equal))
}

async fn drop_scratch(pool: &PgPool) -> Result<()> {
    sqlx::query("drop database if exists catwing_demo_replay with (force)")
        .execute(pool)
        .await?;
    Ok(())
}
