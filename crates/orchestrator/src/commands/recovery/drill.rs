//! `catwing recovery drill`: both ways back, gone to their ends in databases that go again, and their
//! results compared with what stands live.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use anyhow::Result;
use catwing_domain::{Site, TenantId, manifest::EntryNumber};
use catwing_migrations::{migrate_global, migrate_tenant};
use catwing_recovery::{
    apply::Grouping,
    backup::{Sidecar, newest_good},
    digest::{Comparison, TenantDigest, compare, digest_and_ledger, digest_at},
    drill::{DrillReport, TenantDrill, Way},
    rebuild::{Exclusive, Extent, Rebuild},
    site::names,
};

use super::{rebuilding, restore::restored, watched};
use crate::{
    Console, Session,
    cli::DrillArgs,
    commands::{backfill, scratch},
    console::table,
    failure::{FAILED, told},
    registry,
};

const RESTORED: &str = "catwing_drill_restored";
const REBUILT: &str = "catwing_drill_rebuilt";

/// What a tenant's live tables hold, and by which entries.
type Live = BTreeMap<TenantId, (TenantDigest, BTreeSet<EntryNumber>)>;

pub(super) async fn run(session: &Session, args: &DrillArgs, console: &Console) -> Result<u8> {
    // One drill at a time: its databases have names.
    let _alone = Exclusive::take(&session.pool, TenantId::GLOBAL).await?;
    let mut clients = BTreeSet::from([TenantId::GLOBAL]);
    match args.client {
        Some(client) => {
            registry::get(session, client).await?;
            clients.insert(client);
        }
        None => clients.extend(registry::clients(session).await?),
    }
    let mut live = Live::new();
    for client in clients {
        live.insert(client, digest_and_ledger(&session.pool, client).await?);
    }
    let digests = live
        .iter()
        .map(|(client, (digest, _))| (*client, digest.digest.clone()));
    let mut report = DrillReport::begun(
        session.new_run_id("drill", args.client.unwrap_or(TenantId::GLOBAL)),
        session.clock.now(),
        digests,
    );
    if let Err(error) = Box::pin(restore_all(session, &live, &mut report, console)).await {
        report.failures.push(format!("restore: {}", told(&error)));
    }
    if let Err(error) = Box::pin(rebuild_all(session, &live, &mut report, console)).await {
        report.failures.push(format!("rebuild: {}", told(&error)));
    }
    if !args.keep {
        scratch::drop(session, RESTORED).await?;
        scratch::drop(session, REBUILT).await?;
    }
    let key = report.record(&session.store).await?;
    console.say(&format!("recorded as {key}"));
    for failure in &report.failures {
        console.failed(failure);
    }
    console.result(&report, || shown(&report))?;
    Ok(if report.is_proof() { 0 } else { FAILED })
}

/// Option A: the newest good backup, then what its ledger lacks.
async fn restore_all(
    session: &Session,
    live: &Live,
    report: &mut DrillReport,
    console: &Console,
) -> Result<()> {
    let clients: Vec<_> = live.keys().copied().collect();
    let found = newest_good(&session.store, &clients).await?;
    for (key, flaw) in &found.refused {
        report
            .failures
            .push(format!("{key} is no good backup: {flaw}"));
    }
    let sidecar = found.sidecar;
    report.backup = Some(sidecar.key.clone());
    report.backup_taken_at = Some(sidecar.taken_at);
    report.data_lag_seconds = Some(report.at.duration_since(sidecar.taken_at).as_secs());
    report.data_lag_entries = Some(lacking(&sidecar, live));
    let started = Instant::now();
    let place = scratch::create(session, RESTORED).await?;
    for (client, (digest, entries)) in live {
        let console = console.of(format!("{client} restored"));
        let began = Instant::now();
        restored(&place, *client, &sidecar, Site::Live, &console).await?;
        if *client == TenantId::GLOBAL {
            migrate_global(&place.pool).await?;
        } else {
            migrate_tenant(&place.pool, &names(*client, Site::Live)).await?;
        }
        load(&place, *client, entries).await?;
        if *client != TenantId::GLOBAL {
            catwing_stats::refresh(&place.pool, *client).await?;
        }
        let way = judge(&place, *client, Site::Live, digest, began).await?;
        if let Some(drill) = report.tenants.get_mut(client) {
            drill.restored = Some(way);
        }
    }
    report.restore_seconds = Some(started.elapsed().as_secs_f64());
    place.pool.close().await;
    Ok(())
}

/// Option B: an empty database by migrations, and everything from the archive.
async fn rebuild_all(
    session: &Session,
    live: &Live,
    report: &mut DrillReport,
    console: &Console,
) -> Result<()> {
    let started = Instant::now();
    let place = scratch::create(session, REBUILT).await?;
    migrate_global(&place.pool).await?;
    for (client, (digest, entries)) in live {
        let console = console.of(format!("{client} rebuilt"));
        let began = Instant::now();
        scratch::register(session, &place, *client).await?;
        let way = if *client == TenantId::GLOBAL {
            load(&place, *client, entries).await?;
            judge(&place, *client, Site::Live, digest, began).await?
        } else {
            let rebuild = Rebuild {
                extent: Extent {
                    until: None,
                    entries: Some(entries.clone()),
                },
                ..rebuilding(&place, *client, &report.run_id)
            };
            let rebuilt = watched(&console, async |watch| rebuild.run(watch).await).await?;
            way_of(digest, &rebuilt.digest, began)
        };
        if let Some(drill) = report.tenants.get_mut(client) {
            drill.rebuilt = Some(way);
        }
    }
    report.rebuild_seconds = Some(started.elapsed().as_secs_f64());
    place.pool.close().await;
    Ok(())
}

/// Loads of some entries those that the database lacks, as on any day.
async fn load(place: &Session, client: TenantId, entries: &BTreeSet<EntryNumber>) -> Result<()> {
    let loader = place.loader();
    let run_id = place.new_run_id("drill", client);
    let applier = backfill::applier(place, &loader, client, &run_id, Grouping::default());
    let mut pending = applier.pending().await?;
    pending.retain(|one| entries.contains(&one.sealed.entry.number));
    applier.apply(&pending, &|_| {}).await?;
    Ok(())
}

async fn judge(
    place: &Session,
    client: TenantId,
    site: Site,
    live: &TenantDigest,
    began: Instant,
) -> Result<Way> {
    let found = digest_at(&place.pool, client, site).await?;
    Ok(way_of(live, &found, began))
}

fn way_of(live: &TenantDigest, found: &TenantDigest, began: Instant) -> Way {
    let (differing, incomparable) = match compare(live, found) {
        Ok(Comparison::Equal) => (Vec::new(), None),
        Ok(Comparison::Different(tables)) => {
            (tables.into_iter().map(|table| table.table).collect(), None)
        }
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    Way {
        digest: found.digest.clone(),
        differing,
        incomparable,
        seconds: began.elapsed().as_secs_f64(),
    }
}

/// Entries that are loaded and in no table of the backup.
fn lacking(sidecar: &Sidecar, live: &Live) -> u64 {
    let of = |(client, (_, entries)): (&TenantId, &(TenantDigest, BTreeSet<EntryNumber>))| {
        let state = sidecar.tenant(*client);
        let held =
            |entry: &&EntryNumber| state.is_some_and(|state| state.ledger.contains_key(entry));
        entries.iter().filter(|entry| !held(entry)).count() as u64
    };
    live.iter().map(of).sum()
}

fn shown(report: &DrillReport) -> String {
    let way = |way: &Option<Way>| match way {
        None => "failed".to_owned(),
        Some(way) if way.is_equal() => "equal".to_owned(),
        Some(Way {
            incomparable: Some(why),
            ..
        }) => why.clone(),
        Some(way) => format!("differs: {}", way.differing.join(" ")),
    };
    let seconds = |way: &Option<Way>| {
        way.as_ref()
            .map_or("-".to_owned(), |way| format!("{:.1}", way.seconds))
    };
    let row = |(client, drill): (&TenantId, &TenantDrill)| {
        [
            client.to_string(),
            way(&drill.restored),
            seconds(&drill.restored),
            way(&drill.rebuilt),
            seconds(&drill.rebuilt),
        ]
    };
    let header = ["tenant", "restored", "seconds", "rebuilt", "seconds"];
    let total =
        |seconds: Option<f64>| seconds.map_or("-".to_owned(), |seconds| format!("{seconds:.1} s"));
    let verdict = if report.is_proof() {
        "proved"
    } else {
        "NOT proved"
    };
    format!(
        "{}\n\n{verdict}: from backup and archive in {}, from the archive alone in {}; the backup lacked {} entries and was {} s old",
        table(header, report.tenants.iter().map(row)),
        total(report.restore_seconds),
        total(report.rebuild_seconds),
        report
            .data_lag_entries
            .map_or("-".to_owned(), |entries| entries.to_string()),
        report
            .data_lag_seconds
            .map_or("-".to_owned(), |seconds| seconds.to_string()),
    )
}
