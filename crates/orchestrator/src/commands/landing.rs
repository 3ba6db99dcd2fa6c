//! Landing planned files: the one way in of `raw import`, step 1 and the demo.

use anyhow::Result;
use catwing_ingest::{Destination, ImportPlan, ImportReport, import};
use catwing_raw_store::Author;

use crate::{Console, Session, registry::Registered};

/// Lands what was planned, for a tenant by a run, with progress.
pub(super) async fn land(
    session: &Session,
    tenant: &Registered,
    run_id: &str,
    plan: &ImportPlan,
    console: &Console,
) -> Result<ImportReport> {
    let destination = Destination {
        store: &session.store,
        tenant: tenant.client,
        mapping: tenant.mapping,
        author: Author {
            run_id,
            clock: session.clock.as_ref(),
        },
    };
    let progress = console.progress("landing", plan.size_bytes());
    let landed = import(destination, plan, &|at| progress.at(at.done_bytes)).await;
    progress.done();
    Ok(landed?)
}
