//! The promise, tried: the archives replayed in another order into an empty database.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use catwing_domain::TenantId;
use catwing_load::Loader;
use catwing_migrations::{migrate_global, migrate_tenant};
use catwing_recovery::{
    apply::{Applier, Grouping},
    digest::{Comparison, compare, digest},
};
use sea_orm::sqlx::{self, PgPool, postgres::PgPoolOptions};
use serde::Serialize;

use crate::{Session, registry};

/// The database that a replay is made into, and that goes with it.
const SCRATCH: &str = "catwing_demo_replay";
/// Deliveries of one transaction: other ones than the load before had.
const DELIVERIES_TOGETHER: usize = 7;

/// What a tenant's replay came to.
#[derive(Debug, Serialize)]
pub(super) struct Replayed {
    pub digest: String,
    pub is_equal: bool,
}

/// The live digests, and whether a replay of all deliveries, shuffled, comes to the same. The shared
/// tenant comes first, since the others' statistics read its rates.
pub(super) async fn shuffled(
    session: &Session,
    clients: &[TenantId],
) -> Result<BTreeMap<TenantId, Replayed>> {
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
    let replayed = Box::pin(replay_all(session, clients, &scratch)).await;
    scratch.close().await;
    drop_scratch(&session.pool).await?;
    replayed
}

async fn replay_all(
    session: &Session,
    clients: &[TenantId],
    scratch: &PgPool,
) -> Result<BTreeMap<TenantId, Replayed>> {
    migrate_global(scratch).await?;
    let mut all = BTreeMap::new();
    for client in clients {
        replay(session, *client, scratch).await?;
        let live = digest(&session.pool, *client).await?;
        let replayed = digest(scratch, *client).await?;
        let is_equal = matches!(compare(&live, &replayed)?, Comparison::Equal);
        let digest = live.digest.to_string();
        all.insert(*client, Replayed { digest, is_equal });
    }
    Ok(all)
}

async fn replay(session: &Session, client: TenantId, scratch: &PgPool) -> Result<()> {
    if client != TenantId::GLOBAL {
        migrate_tenant(scratch, &registry::names(client)).await?;
        copy_base_currency(session, client, scratch).await?;
    }
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
        lost_entries: std::collections::BTreeSet::new(),
    };
    let mut pending = applier.pending().await?;
    pending.sort_by_key(|one| one.sealed.sha256);
    applier.apply(&pending, &|_| {}).await?;
    if client != TenantId::GLOBAL {
        catwing_stats::rebuild(scratch, client).await?;
    }
    Ok(())
}

/// Statistics are in the currency that the tenant is registered with.
async fn copy_base_currency(session: &Session, client: TenantId, scratch: &PgPool) -> Result<()> {
    let (name, currency, code, config): (String, i64, String, String) = sqlx::query_as(
        "select c.client_name, c.base_currency_id, m.code, c.config::text from cw_global.client_config as c \
         join cw_global.currencies as m on m.id = c.base_currency_id where c.client_id = $1",
    )
    .bind(client.to_string())
    .fetch_one(&session.pool)
    .await?;
    sqlx::query("select cw_global.infer_currencies(array[$1], array[$2])")
        .bind(currency)
        .bind(code)
        .execute(scratch)
        .await?;
    sqlx::query(
        "insert into cw_global.client_config (id, client_id, client_name, base_currency_id, config) \
         values ($1, $2, $3, $4, $5::jsonb)",
    )
    .bind(i64::from(client.number()))
    .bind(client.to_string())
    .bind(name)
    .bind(currency)
    .bind(config)
    .execute(scratch)
    .await?;
    Ok(())
}

async fn drop_scratch(pool: &PgPool) -> Result<()> {
    sqlx::query("drop database if exists catwing_demo_replay with (force)")
        .execute(pool)
        .await?;
    Ok(())
}
