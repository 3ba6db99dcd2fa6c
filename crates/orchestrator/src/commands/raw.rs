//! `catwing raw`: the archive.

use anyhow::{Result, bail};
use std::collections::BTreeMap;

use catwing_domain::{BusinessDay, DatasetName, DayZone, TenantId, tenant_file::TenantFile};
use catwing_ingest::{Datasets, DateRule, ImportPlan, plan_import};
use catwing_raw_store::{
    Manifest, ManifestHead, Outcome, Progress, SealedEntry, State, VerifyOptions, verify,
};
use futures_util::{StreamExt, TryStreamExt};

use super::landing::land;
use crate::{
    Console, Session,
    cli::RawCommand,
    console::{grouped, mebibytes, table},
    failure::{RAW, Usage},
    registry::{self, count_of},
};

pub(super) async fn run(session: &Session, command: &RawCommand, console: &Console) -> Result<u8> {
    match command {
        RawCommand::Import { .. } => import_files(session, command, console).await,
        RawCommand::Ls { client, date } => list(session, *client, *date, console).await,
        RawCommand::Cat { client, key } => cat(session, *client, key, console).await,
        RawCommand::Verify { client, deep } => verify_all(session, *client, *deep, console).await,
    }
}

async fn import_files(session: &Session, command: &RawCommand, console: &Console) -> Result<u8> {
    let RawCommand::Import { client, .. } = command else {
        return Ok(0);
    };
    let registered = registry::get(session, *client).await?;
    let file = registry::file_in_force(session, &registered).await?.file;
    let plan = plan_of(command, &file)?;
    for ignored in &plan.ignored {
        console.say(&format!(
            "ignored {}: {}",
            ignored.path.display(),
            ignored.why
        ));
    }
    let run_id = session.new_run_id("import", *client);
    let report = land(session, &registered, &run_id, &plan, console).await?;
    let bytes: u64 = report.files.iter().map(|file| file.size_bytes).sum();
    let files: Vec<_> = report
        .files
        .iter()
        .map(|file| {
            serde_json::json!({ "file": file.file, "date": file.day, "dataset": file.dataset, "key": file.key,
                "landed": file.outcome == Outcome::Landed, "mapped": file.is_mapped })
        })
        .collect();
    for file in report.files.iter().filter(|file| !file.is_mapped) {
        console.say(&format!(
            "{}: landed, and not loaded: the tenant's file has no dataset {}",
            file.file.display(),
            file.dataset
        ));
    }
    let ignored: Vec<_> = plan
        .ignored
        .iter()
        .map(|ignored| serde_json::json!({ "file": ignored.path, "why": ignored.why }))
        .collect();
    let json = serde_json::json!({ "run_id": run_id, "client": client, "entries": report.entries, "files": files, "ignored": ignored });
    console.result(&json, || {
        let landed = report.landed();
        format!(
            "{} landed, {} already there, {} ignored, {}; next: catwing backfill --client {client}",
            count_of(landed, "file"),
            report.files.len() - landed,
            plan.ignored.len(),
            mebibytes(bytes)
        )
    })?;
    Ok(0)
}

/// What an import is going to do.
fn plan_of(command: &RawCommand, file: &TenantFile) -> Result<ImportPlan> {
    let RawCommand::Import {
        directory,
        date,
        date_from_name,
        dataset,
        ..
    } = command
    else {
        return Ok(ImportPlan::default());
    };
    let dates = match (date, date_from_name) {
        (Some(day), _) => DateRule::Day(*day),
        (None, Some(pattern)) => DateRule::FromName(pattern.parse()?),
        (None, None) => bail!(Usage("say the day: --date, or --date-from-name".to_owned())),
    };
    let datasets = Datasets {
        only: dataset.clone(),
        tenant: file,
    };
    Ok(plan_import(directory, &datasets, &dates)?)
}

async fn list(
    session: &Session,
    client: TenantId,
    day: Option<BusinessDay>,
    console: &Console,
) -> Result<u8> {
    let mut entries = std::pin::pin!(Manifest::of(&session.store, client).entries(None));
    let mut found: Vec<SealedEntry> = Vec::new();
    while let Some(sealed) = entries.try_next().await? {
        if day.is_none_or(|day| sealed.entry.business_day == day) {
            found.push(sealed);
        }
    }
    let json: Vec<_> = found.iter().map(|sealed| &sealed.entry).collect();
    console.result(&json, || {
        let rows = found.iter().flat_map(|sealed| {
            let entry = &sealed.entry;
            let (number, date) = (entry.number.to_string(), entry.business_day.to_string());
            let one = |key: String, bytes: String| [number.clone(), date.clone(), key, bytes];
            let objects = entry.body.objects().iter();
            let mut rows: Vec<_> = objects
                .map(|object| one(object.key.clone(), grouped(object.size_bytes)))
                .collect();
            if rows.is_empty() {
                rows.push(one(entry.body.kind().to_owned(), String::new()));
            }
            rows
        });
        table(["entry", "day", "key", "bytes"], rows)
    })?;
    Ok(0)
}

async fn cat(session: &Session, client: TenantId, key: &str, console: &Console) -> Result<u8> {
    let mut entries = std::pin::pin!(Manifest::of(&session.store, client).entries(None));
    while let Some(sealed) = entries.try_next().await? {
        let mut objects = sealed.entry.body.objects().iter();
        let Some(object) = objects.find(|object| object.key == key) else {
            continue;
        };
        let mut body = session
            .store
            .get_verified(key, object.size_bytes, object.sha256)
            .await?;
        while let Some(chunk) = body.chunk().await? {
            if !console.bytes(&chunk)? {
                break;
            }
        }
        return Ok(0);
    }
    bail!(Usage(format!(
        "no entry of {client} has the object {key}: see `catwing raw ls --client {client}`"
    )))
}

/// What the schedule of the tenant's file in force expects by now; nothing of a tenant that the database
/// does not know, or whose file is lost, which verification tells itself.
async fn expected(session: &Session, client: TenantId) -> Result<Vec<(DatasetName, BusinessDay)>> {
    let Some(registered) = registry::find(session, client).await? else {
        return Ok(Vec::new());
    };
    let Ok(checked) = registry::file_in_force(session, &registered).await else {
        return Ok(Vec::new());
    };
    let zone = DayZone::named(&checked.file.time_zone)?;
    let scheduled = checked.file.datasets.iter();
    let scheduled: Vec<_> = scheduled
        .filter_map(|(name, dataset)| Some((name, dataset.schedule.as_ref()?)))
        .collect();
    if scheduled.is_empty() {
        return Ok(Vec::new());
    }
    let mut first: BTreeMap<DatasetName, BusinessDay> = BTreeMap::new();
    let mut entries = std::pin::pin!(Manifest::of(&session.store, client).entries(None));
    // A chain that is broken is told by verification.
    while let Some(Ok(sealed)) = entries.next().await {
        let day = sealed.entry.business_day;
        for object in sealed.entry.body.objects() {
            let known = first.entry(object.dataset.clone()).or_insert(day);
            *known = day.min(*known);
        }
    }
    let now = session.clock.now();
    let due = scheduled.into_iter().flat_map(|(name, schedule)| {
        let days = schedule.due(&zone, now, first.get(name).copied());
        days.into_iter().map(|day| (name.clone(), day))
    });
    Ok(due.collect())
}

/// The newest entry that the database was loaded from: the chain alone can't show that its end is gone.
async fn known_head(session: &Session, client: TenantId) -> Result<Option<ManifestHead>> {
    if registry::find(session, client).await?.is_none() {
        return Ok(None);
    }
    let applied = session.loader().applied(client).await?;
    let newest = applied.last_key_value();
    Ok(newest.map(|(number, applied)| ManifestHead {
        number: *number,
        sha256: applied.entry_sha256,
    }))
}

async fn verify_all(
    session: &Session,
    client: Option<TenantId>,
    deep: bool,
    console: &Console,
) -> Result<u8> {
    let tenants = match client {
        Some(client) => vec![client],
        None => session.store.tenants().await?.into_iter().collect(),
    };
    let mut reports = Vec::new();
    for tenant in tenants {
        let options = VerifyOptions {
            deep,
            expected: expected(session, tenant).await?,
            known_head: known_head(session, tenant).await?,
        };
        let progress = console.of(tenant).progress_of_objects("verifying", 0);
        let watch = |at: Progress<'_>| {
            if let Progress::Judged { done, total, .. } = at {
                progress.of(done, total);
            }
        };
        let report = verify(&session.store, tenant, &options, &watch).await;
        progress.done();
        reports.push(report?);
    }
    let damaged = reports
        .iter()
        .any(|report| report.is_damaged() || !report.chain_is_whole);
    console.result(&reports, || {
        let mut text = String::new();
        for report in &reports {
            let whole = if report.is_damaged() || !report.chain_is_whole {
                "DAMAGED"
            } else {
                "whole"
            };
            let (entries, objects) = (grouped(report.entries), grouped(report.objects));
            text.push_str(&format!(
                "{}: {whole}; {entries} entries, {objects} objects\n",
                report.tenant
            ));
            for finding in report
                .findings
                .iter()
                .filter(|finding| finding.state != State::Ok)
            {
                text.push_str(&format!(
                    "  {:?} {}: {}\n",
                    finding.state, finding.key, finding.detail
                ));
            }
        }
        text
    })?;
    Ok(if damaged { RAW } else { 0 })
}
