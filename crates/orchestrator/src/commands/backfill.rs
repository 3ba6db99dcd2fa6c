//! `catwing backfill`: days that the archive lacks, and every delivery that the database lacks.

use std::collections::BTreeSet;

use anyhow::Result;
use catwing_domain::{BusinessDay, TenantId, manifest::EntryNumber};
use catwing_load::Loader;
use catwing_recovery::{
    apply::{Applier, ApplyReport, Grouping, Pending, RebuildReason},
    rebuild::Extent,
};
use tokio::signal::unix::{SignalKind, signal};

use super::{fetching, first_load};
use crate::{
    Console, Session,
    cli::{BackfillArgs, Order},
    console::{grouped, mebibytes, table},
    failure::told,
    journal::{self, Run, Step, StepEnd},
    registry,
};

pub(super) async fn run(session: &Session, args: &BackfillArgs, console: &Console) -> Result<u8> {
    let client = args.client;
    registry::get(session, client).await?;
    if let (Some(from), Some(to)) = (args.from, args.to) {
        let missing = fetching::missing(session, client, (from, to)).await?;
        console.say(&format!("{} days to bring in", missing.len()));
        for day in missing.iter().filter(|_| args.dry_run) {
            console.say(&day.to_string());
        }
        if !args.dry_run {
            fetching::days(session, client, &missing, console).await?;
        }
    }
    let loader = session.loader();
    let mut plan = applier(session, &loader, client, "", Grouping::default())
        .plan()
        .await?;
    let mut pending = std::mem::take(&mut plan.pending);
    pending.retain(|one| {
        args.from.is_none_or(|from| one.day() >= from) && args.to.is_none_or(|to| one.day() <= to)
    });
    sort(&mut pending, args.order);
    let in_bulk = args.per_transaction.is_none()
        && first_load::is_due(session, client, &plan, &pending).await?;
    let days: BTreeSet<_> = pending.iter().map(Pending::day).collect();
    let bytes: u64 = pending.iter().map(Pending::size_bytes).sum();
    console.say(&format!(
        "{} deliveries of {} days to load, {}",
        pending.len(),
        days.len(),
        mebibytes(bytes)
    ));
    for day in days.iter().rev().filter(|_| args.dry_run) {
        console.say(&day.to_string());
    }
    let span = days
        .first()
        .zip(days.last())
        .map(|(first, last)| (*first, *last));
    let (Some(span), false) = (span, args.dry_run) else {
        if !args.dry_run && aggregates(client) {
            finish(session, client, console).await?;
        }
        say_rebuild_due(client, &plan.rebuild_due, console);
        let days: Vec<_> = days.iter().map(ToString::to_string).collect();
        console.result(
            &serde_json::json!({ "client": client, "pending_days": days, "state": "done" }),
            String::new,
        )?;
        return Ok(0);
    };
    let all = args.from.is_none() && args.to.is_none();
    let way = match args.per_transaction {
        Some(count) => Way::InTransactions(Grouping {
            bytes_max: u64::MAX,
            deliveries_max: usize::try_from(count)?,
        }),
        None if in_bulk && all => Way::InBulk(Extent::default()),
        None if in_bulk => Way::InBulk(Extent {
            entries: Some(numbers(&pending)),
            ..Extent::default()
        }),
        None => Way::default(),
    };
    let (run_id, report) = as_run(session, client, &pending, span, way, console).await?;
    say_rebuild_due(client, &plan.rebuild_due, console);
    let whole = serde_json::json!({ "run_id": run_id, "client": client, "state": "done", "report": report });
    console.result(&whole, || shown(&report))?;
    Ok(0)
}

/// Says why the database is not what the archive says, if it is not, and what to do.
pub(super) fn say_rebuild_due(client: TenantId, reasons: &[RebuildReason], console: &Console) {
    for reason in reasons {
        console.say(&format!("{client}: rebuild due: {reason}"));
    }
    if !reasons.is_empty() {
        console.say(&format!(
            "rebuild: catwing recovery rebuild --client {client}"
        ));
    }
}

/// Nothing is left to load. An earlier run may have loaded everything and then failed, for want of a
/// rate, or died: statistics are all that it lacks, and then this one is a run too, which closes that one.
async fn finish(session: &Session, client: TenantId, console: &Console) -> Result<()> {
    let newest = journal::newest(session, client, 1).await?.pop();
    let Some(unfinished) = newest.filter(|run| run.status != "done") else {
        catwing_stats::refresh(&session.pool, client).await?;
        return Ok(());
    };
    let from = unfinished.from_day.to_string().parse()?;
    let thru = unfinished.thru_day.to_string().parse()?;
    as_run(session, client, &[], (from, thru), Way::default(), console).await?;
    Ok(())
}

/// Whether a tenant has statistics: what all share has none.
pub(super) fn aggregates(client: TenantId) -> bool {
    client != TenantId::GLOBAL
}

/// How deliveries get into the tables; the result is the same.
#[derive(Debug)]
pub(super) enum Way {
    /// Some at a time, into the live tables.
    InTransactions(Grouping),
    /// All at once, into tables that take the place of empty ones.
    InBulk(Extent),
}

impl Default for Way {
    fn default() -> Self {
        Self::InTransactions(Grouping::default())
    }
}

fn numbers(pending: &[Pending]) -> BTreeSet<EntryNumber> {
    let numbers = pending.iter().map(|one| one.sealed.entry.number);
    numbers.collect()
}

/// Applies deliveries as a run of its own, and refreshes statistics once after all of them; how it
/// ended is recorded either way.
pub(super) async fn as_run(
    session: &Session,
    client: TenantId,
    pending: &[Pending],
    days: (BusinessDay, BusinessDay),
    way: Way,
    console: &Console,
) -> Result<(String, ApplyReport)> {
    let run = Run::begin(session, client, "backfill", days).await?;
    let run_id = run.id.clone();
    let step = run.begin_step(session, Step::TransformLoad, days.1).await?;
    let applied = match way {
        Way::InTransactions(grouping) => {
            let loader = session.loader();
            apply(
                session, &loader, client, &run_id, pending, grouping, console,
            )
            .await
        }
        Way::InBulk(extent) => first_load::run(session, client, &run_id, extent, console).await,
    };
    let report = match applied {
        Ok(report) => report,
        Err(error) => {
            run.fail(session, step, &told(&error)).await;
            return Err(error);
        }
    };
    run.end_step(session, step, &step_end(&report)?).await?;
    if aggregates(client) {
        let step = run.begin_step(session, Step::Aggregation, days.1).await?;
        match aggregate(session, client, console).await {
            Ok(end) => run.end_step(session, step, &end).await?,
            Err(error) => {
                run.fail(session, step, &told(&error)).await;
                return Err(error.context(
                    "everything is loaded, but statistics are not refreshed: the same command goes on from there",
                ));
            }
        }
    }
    run.end(session, None).await?;
    Ok((run_id, report))
}

/// Step 8: statistics of what has changed since they were refreshed last.
pub(super) async fn aggregate(
    session: &Session,
    client: TenantId,
    console: &Console,
) -> Result<StepEnd> {
    let report = catwing_stats::refresh(&session.pool, client).await?;
    if report.without_cost > 0 {
        console.say(&format!(
            "{} of stock without a known cost on their day: they count in quantities, not in values",
            registry::count_of(usize::try_from(report.without_cost)?, "row")
        ));
    }
    Ok(StepEnd {
        rows_in: None,
        rows_out: Some(i64::try_from(report.rows_changed())?),
        counts: serde_json::to_value(&report)?,
    })
}

/// Applies deliveries with progress; Ctrl-C, or the SIGTERM of a scheduler, rolls the transaction
/// under way back and keeps the rest.
pub(super) async fn apply(
    session: &Session,
    loader: &Loader,
    client: TenantId,
    run_id: &str,
    pending: &[Pending],
    grouping: Grouping,
    console: &Console,
) -> Result<ApplyReport> {
    let progress = console.progress("loading", pending.iter().map(Pending::size_bytes).sum());
    let applier = applier(session, loader, client, run_id, grouping);
    let watch = |at: catwing_recovery::apply::ApplyProgress| progress.at(at.read_bytes);
    let applied = tokio::select! {
        applied = applier.apply(pending, &watch) => applied.map_err(Into::into),
        signal = stopped() => Err(anyhow::anyhow!(
            "stopped by {}: what was committed is whole, and the same command goes on from there",
            signal?
        )),
    };
    progress.done();
    applied
}

/// Waits for the signal to stop, and names it.
pub(super) async fn stopped() -> Result<&'static str> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.map(|()| "Ctrl-C").map_err(Into::into),
        _ = terminate.recv() => Ok("SIGTERM"),
    }
}

/// The applier of a tenant.
pub(super) fn applier<'a>(
    session: &'a Session,
    loader: &'a Loader,
    tenant: TenantId,
    run_id: &'a str,
    grouping: Grouping,
) -> Applier<'a> {
    Applier {
        store: &session.store,
        loader,
        tenant,
        run_id,
        clock: session.clock.as_ref(),
        grouping,
        lost_entries: BTreeSet::new(),
    }
}

/// What a step record says of a report.
pub(super) fn step_end(report: &ApplyReport) -> Result<StepEnd> {
    let written: u64 = report.rows_written.values().sum();
    Ok(StepEnd {
        rows_in: i64::try_from(report.totals().read).ok(),
        rows_out: i64::try_from(written).ok(),
        counts: serde_json::to_value(report)?,
    })
}

/// A report as a person reads it.
pub(super) fn shown(report: &ApplyReport) -> String {
    let row = |(entity, totals): (&&str, &catwing_recovery::apply::RecordTotals)| {
        [
            (*entity).to_owned(),
            grouped(totals.read),
            grouped(totals.won),
            grouped(totals.superseded),
            grouped(totals.duplicate),
            grouped(totals.quarantined),
        ]
    };
    let header = [
        "records",
        "read",
        "won",
        "superseded",
        "duplicate",
        "quarantined",
    ];
    let mut text = table(header, report.records.iter().map(row));
    for (kind, count) in &report.refused {
        text.push_str(&format!("\nrefused {}: {kind}", grouped(*count)));
    }
    for drift in &report.new_drift {
        text.push_str(&format!(
            "\n{} field of {}: {}, first in {} record {}",
            drift.kind, drift.entity, drift.field, drift.object, drift.ordinal
        ));
    }
    for key in &report.unmapped {
        text.push_str(&format!("\nno mapping: {key}"));
    }
    let seconds: Vec<_> = report
        .seconds
        .iter()
        .map(|(phase, seconds)| format!("{phase} {seconds:.2}"))
        .collect();
    text.push_str(&format!("\nseconds: {}", seconds.join(", ")));
    text
}

fn sort(pending: &mut [Pending], order: Order) {
    let day = |one: &Pending| -> (BusinessDay, u64) { (one.day(), one.sealed.entry.number.0) };
    match order {
        Order::Newest => pending.sort_by_key(|one| std::cmp::Reverse(day(one))),
        Order::Oldest => pending.sort_by_key(day),
        Order::Landed => pending.sort_by_key(|one| one.sealed.entry.number),
        Order::Shuffled => pending.sort_by_key(|one| one.sealed.sha256),
    }
}
