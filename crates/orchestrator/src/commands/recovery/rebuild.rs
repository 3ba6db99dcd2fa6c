//! `catwing recovery rebuild`: everything again from the archive.

use anyhow::{Result, bail};
use catwing_domain::TenantId;
use catwing_raw_store::Author;
use catwing_recovery::{
    RecoveryError,
    apply::Grouping,
    gaps::Gaps,
    rebuild::{Exclusive, Extent, Rebuild},
};

use super::{
    check_answer, each, named_tables, rebuilding,
    switching::{Outcome, shown, switch},
    tenants, watched,
};
use crate::{Console, Session, cli::RebuildArgs, commands::backfill, failure::Usage};

pub(super) async fn run(session: &Session, args: &RebuildArgs, console: &Console) -> Result<u8> {
    let target = &args.target;
    if target.client == Some(TenantId::GLOBAL) {
        bail!(Usage(
            "cw_global is what all tenants refer to and can't be switched: rebuild everything into an empty database (--into), or load what it lacks with `catwing backfill --client CW-GLOBAL`"
                .to_owned()
        ));
    }
    if let Some(client) = target.client {
        named_tables(target, client)?;
    }
    let clients = tenants(session, target).await?;
    check_answer(session, &clients, target, console).await?;
    let rebuild = async |client, console: &Console| {
        if client == TenantId::GLOBAL {
            shared(session, console).await.map(|()| None)
        } else {
            one(session, client, args, console).await.map(Some)
        }
    };
    let (outcomes, code) = each(clients, target, console, rebuild).await?;
    console.result(&outcomes, || shown(&outcomes))?;
    Ok(code)
}

/// What all tenants share is loaded as on any day: it is small, and nothing may be switched there.
async fn shared(session: &Session, console: &Console) -> Result<()> {
    let client = TenantId::GLOBAL;
    let loader = session.loader();
    let run_id = session.new_run_id("rebuild", client);
    let applier = backfill::applier(session, &loader, client, &run_id, Grouping::default());
    let pending = applier.pending().await?;
    applier.apply(&pending, &|_| {}).await?;
    console.say(&format!("{} deliveries loaded", pending.len()));
    Ok(())
}

async fn one(
    session: &Session,
    client: TenantId,
    args: &RebuildArgs,
    console: &Console,
) -> Result<Outcome> {
    let gaps = gaps_of(session, client, args, console).await?;
    let _exclusive = Exclusive::take(&session.pool, client).await?;
    let run_id = session.new_run_id("rebuild", client);
    let rebuild = Rebuild {
        extent: Extent {
            until: args.target.until,
            entries: None,
        },
        gaps,
        ..rebuilding(session, client, &run_id)
    };
    let rebuilt = watched(console, async |watch| rebuild.run(watch).await).await?;
    let outcome = switch(session, &rebuild, rebuilt, &args.target, console).await?;
    settle_gaps(session, &rebuild, &outcome, console).await?;
    Ok(outcome)
}

/// An archive that lacks what its manifest names can't give the same database again: it is refused, or
/// every gap is told.
async fn gaps_of(
    session: &Session,
    client: TenantId,
    args: &RebuildArgs,
    console: &Console,
) -> Result<Gaps> {
    let gaps = Gaps::find(&session.store, client, args.allow_gaps, &|_| {}).await?;
    for gap in &gaps.findings {
        console.say(&format!("{:?} {}: {}", gap.state, gap.key, gap.detail));
    }
    match gaps.findings.first() {
        Some(first) if !args.allow_gaps => Err(RecoveryError::Gaps {
            client,
            gaps: gaps.findings.len(),
            first: first.key.clone(),
        }
        .into()),
        _ => Ok(gaps),
    }
}

/// Once live tables stand without what is lost, runs go on without it too.
async fn settle_gaps(
    session: &Session,
    rebuild: &Rebuild<'_>,
    outcome: &Outcome,
    console: &Console,
) -> Result<()> {
    let gaps = &rebuild.gaps;
    if gaps.is_empty() || !outcome.is_switched() {
        return Ok(());
    }
    let client = rebuild.tenant;
    let author = Author {
        run_id: rebuild.run_id,
        clock: session.clock.as_ref(),
    };
    let verdicts = gaps.refuse(&session.store, client, author).await?;
    for number in gaps.damaged.keys() {
        console.say(&format!("left out: entry {number}"));
    }
    for number in &gaps.lost_entries {
        console.say(&format!(
            "lost: entry {number} of the manifest; runs of {client} will stop at it until it is brought back"
        ));
    }
    if !verdicts.is_empty() {
        console.say(&format!(
            "{} refused by verdicts, which a later verdict overrides once the objects are found",
            crate::registry::count_of(verdicts.len(), "entry")
        ));
    }
    Ok(())
}
