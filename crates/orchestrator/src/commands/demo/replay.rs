//! The promise, tried: the archives replayed in another order into an empty database.

use std::collections::BTreeMap;

use anyhow::Result;
use catwing_domain::TenantId;
use catwing_migrations::{migrate_global, migrate_tenant};
use catwing_recovery::{
    apply::Grouping,
    digest::{Comparison, compare, digest},
};
use serde::Serialize;

use crate::{
    Session,
    commands::{backfill, scratch},
    registry,
};

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
    let place = scratch::create(session, SCRATCH).await?;
    let replayed = Box::pin(replay_all(session, clients, &place)).await;
    place.pool.close().await;
    scratch::drop(session, SCRATCH).await?;
    replayed
}

async fn replay_all(
    session: &Session,
    clients: &[TenantId],
    place: &Session,
) -> Result<BTreeMap<TenantId, Replayed>> {
    migrate_global(&place.pool).await?;
    let mut all = BTreeMap::new();
    for client in clients {
        replay(session, *client, place).await?;
        let live = digest(&session.pool, *client).await?;
        let replayed = digest(&place.pool, *client).await?;
        let is_equal = matches!(compare(&live, &replayed)?, Comparison::Equal);
        let digest = live.digest.to_string();
        all.insert(*client, Replayed { digest, is_equal });
    }
    Ok(all)
}

async fn replay(session: &Session, client: TenantId, place: &Session) -> Result<()> {
    if client != TenantId::GLOBAL {
        migrate_tenant(&place.pool, &registry::names(client)).await?;
    }
    scratch::register(session, place, client).await?;
    let loader = place.loader();
    let grouping = Grouping {
        deliveries_max: DELIVERIES_TOGETHER,
        ..Grouping::default()
    };
    let applier = backfill::applier(place, &loader, client, "demo-replay", grouping);
    let mut pending = applier.pending().await?;
    pending.sort_by_key(|one| one.sealed.sha256);
    applier.apply(&pending, &|_| {}).await?;
    if client != TenantId::GLOBAL {
        catwing_stats::rebuild(&place.pool, client).await?;
    }
    Ok(())
}
