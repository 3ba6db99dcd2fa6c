//! The first load of a tenant's history: in bulk, into tables beside that take the place of the empty
//! ones, as a rebuild does it. What is loaded is the same as by transactions of a few days each, at a
//! third of their price.

use anyhow::{Result, anyhow};
use catwing_domain::TenantId;
use catwing_recovery::{
    apply::{ApplyReport, Pending, Plan},
    rebuild::{Exclusive, Extent, Rebuild},
    site::may_make_schemas,
    switch::Switch,
};

use super::{
    backfill::stopped,
    recovery::{rebuilding, watched},
};
use crate::{Console, Session};

/// Raw bytes from which on a bulk load is worth the schemas that it makes.
const RAW_BYTES_MIN: u64 = 8 << 20;

/// Whether the database holds nothing of the tenant, much is to be loaded, and this login may make
/// schemas.
pub(super) async fn is_due(
    session: &Session,
    client: TenantId,
    plan: &Plan,
    pending: &[Pending],
) -> Result<bool> {
    let bytes: u64 = pending.iter().map(Pending::size_bytes).sum();
    let due = !plan.holds_any && client != TenantId::GLOBAL && bytes >= RAW_BYTES_MIN;
    Ok(due && may_make_schemas(&session.pool).await?)
}

/// Loads the deliveries of an extent, all of them or none; killed, the same command goes on.
pub(super) async fn run(
    session: &Session,
    client: TenantId,
    run_id: &str,
    extent: Extent,
    console: &Console,
) -> Result<ApplyReport> {
    let _exclusive = Exclusive::take(&session.pool, client).await?;
    let mut rebuild = Rebuild {
        extent,
        ..rebuilding(session, client, run_id)
    };
    let load = watched(console, async |watch| rebuild.load(watch).await);
    let mut report = tokio::select! {
        loaded = load => loaded?,
        signal = stopped() => return Err(anyhow!(
            "stopped by {}: nothing is in the tables yet, and the same command goes on from what it has staged",
            signal?
        )),
    };
    let mut switch = Switch::within_run(&session.pool, client).await?;
    // What people set meanwhile went to the tables that are replaced.
    report.add(rebuild.bring_over(&mut switch).await?);
    switch.commit(false).await?;
    Ok(report)
}
