//! Corrections: what lies at a refused record's place, and what stands there instead.

use std::{io::Read, path::Path};

use anyhow::{Context, Result, bail};
use catwing_domain::{
    Output, Reject, TenantId,
    manifest::{EntryNumber, Fix},
};
use catwing_entity::{quarantine, record_fixes};
use catwing_load::LoadError;
use catwing_raw_store::{Author, Correction};
use catwing_recovery::{
    RecoveryError,
    apply::{Applier, ApplyReport, Grouping, Pending},
};
use catwing_transform::{FoundRecord, RECORD_BYTES_MAX};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::NUMBER_BITS;
use crate::{
    Console, Session,
    cli::QuarantineFixArgs,
    commands::backfill,
    failure::{Locked, Usage},
    journal, registry,
};

/// A refused record, and the delivery that it is in.
pub(super) struct Refused {
    pub(super) row: quarantine::Model,
    pending: Pending,
    /// As it lies in the archive.
    pub(super) record: FoundRecord,
}

/// What became of a correction.
enum Loaded {
    Now(ApplyReport),
    /// Another process loads the tenant.
    Later,
}

impl Refused {
    /// Finds a refused record by its position: its row in quarantine, and its bytes in the archive.
    pub(super) async fn find(
        session: &Session,
        (client, position): (TenantId, i64),
        entity: Option<&str>,
    ) -> Result<Self> {
        let row = only_row(session, (client, position), entity).await?;
        let loader = session.loader();
        let applier = backfill::applier(session, &loader, client, "", Grouping::default());
        let Some(pending) = applier.delivery_of(&row.object_key).await? else {
            bail!(
                "no entry of {client} has {}: see `catwing raw verify --client {client}`",
                row.object_key
            );
        };
        let ordinal = u64::try_from(row.ordinal)?;
        let found = applier
            .records_at(&pending, (&row.object_key, ordinal))
            .await?;
        let record = found
            .into_iter()
            .find(|record| record.entity.name() == row.entity);
        let Some(record) = record else {
            bail!(Usage(format!(
                "what lies at record {} of {} makes no rows by itself: have the source deliver it again",
                row.ordinal, row.object_key
            )));
        };
        Ok(Self {
            row,
            pending,
            record,
        })
    }

    /// What the correction would come to: the problems of what would be refused again.
    async fn judge(&self, applier: &Applier<'_>, text: &str) -> Result<Vec<Reject>> {
        let fix = Fix {
            object: self.row.object_key.clone(),
            ordinal: u64::try_from(self.row.ordinal)?,
            sha256: self.record.sha256,
            number: 1,
            record: text.to_owned(),
            by: String::new(),
        };
        let corrected = self.pending.corrected(fix);
        let mut refused = Vec::new();
        let mut look = |output: &Output| refused.extend(output.rejects.iter().cloned());
        applier.inspect(&corrected, &mut look).await?;
        Ok(refused)
    }
}

pub(super) async fn fix(
    session: &Session,
    args: &QuarantineFixArgs,
    console: &Console,
) -> Result<u8> {
    let client = args.client;
    registry::get(session, client).await?;
    if args.by.trim().is_empty() {
        bail!(Usage(
            "--by says who corrects the record: it can't be empty".to_owned()
        ));
    }
    let text = read_correction(&args.with)?;
    let refused = Refused::find(session, (client, args.position), args.entity.as_deref()).await?;
    if !args.again
        && let Some(by) = corrected_by(session, client, &refused.row).await?
    {
        bail!(Usage(format!(
            "this record was corrected by {by}: repeat with --again to correct it once more"
        )));
    }
    let run_id = session.new_run_id("fix", client);
    let loader = session.loader();
    let applier = backfill::applier(session, &loader, client, &run_id, Grouping::default());
    let rejects = refused.judge(&applier, &text).await?;
    if let Some(reject) = rejects.first() {
        bail!(Usage(format!(
            "the correction would be refused too, and nothing is sealed:\n{}",
            problems(reject)
        )));
    }
    if args.dry_run {
        let json =
            serde_json::json!({ "client": client, "position": args.position, "sealed": null });
        console.result(&json, || "the correction would be accepted".to_owned())?;
        return Ok(0);
    }
    let entry = match sealed_already(&applier, &refused, &text).await? {
        Some(entry) => entry,
        None => {
            let correction = Correction {
                object: refused.row.object_key.clone(),
                ordinal: u64::try_from(refused.row.ordinal)?,
                sha256: refused.record.sha256,
                record: text,
                by: args.by.clone(),
            };
            let author = Author {
                run_id: &run_id,
                clock: session.clock.as_ref(),
            };
            let sealed = session.store.seal_fix(client, correction, author).await?;
            sealed.entry.number
        }
    };
    let loaded = load(&applier, entry).await?;
    tell(args, entry, &loaded, console)?;
    Ok(0)
}

/// Loads what corrections are sealed and not in the database.
pub(super) async fn replay(
    session: &Session,
    client: TenantId,
    dry_run: bool,
    console: &Console,
) -> Result<u8> {
    registry::get(session, client).await?;
    let run_id = session.new_run_id("replay", client);
    let loader = session.loader();
    let applier = backfill::applier(session, &loader, client, &run_id, Grouping::default());
    let corrections = corrections(&applier).await?;
    let mut report = ApplyReport::default();
    if !dry_run {
        report = applier
            .apply(&corrections, &|_| {})
            .await
            .map_err(busy(client))?;
    }
    let open = super::count(session, client).await?;
    let json = serde_json::json!({
        "client": client, "corrections": corrections.len(), "loaded": !dry_run, "open": open, "report": report,
    });
    console.result(&json, || {
        let done = if dry_run { "to load" } else { "loaded" };
        let mut text = format!(
            "{client}: {} {done}, {} still refused",
            registry::count_of(corrections.len(), "correction"),
            registry::count_of(usize::try_from(open).unwrap_or(usize::MAX), "record"),
        );
        if open > 0 {
            text.push_str(&format!(
                "\nsee what is refused: catwing quarantine list --client {client}"
            ));
        }
        text
    })?;
    Ok(0)
}

/// The one row that is meant.
async fn only_row(
    session: &Session,
    (client, position): (TenantId, i64),
    entity: Option<&str>,
) -> Result<quarantine::Model> {
    let transaction = journal::as_loader(session, client).await?;
    let mut query = quarantine::Entity::find()
        .filter(quarantine::Column::RawPosition.eq(position))
        .order_by_asc(quarantine::Column::Entity);
    if let Some(entity) = entity {
        query = query.filter(quarantine::Column::Entity.eq(entity));
    }
    let mut rows = query.all(&transaction).await?;
    match (rows.pop(), rows.first()) {
        (Some(row), None) => Ok(row),
        (None, _) => bail!(Usage(format!(
            "no record with the position {position} is in quarantine: see `catwing quarantine list --client {client}`"
        ))),
        (Some(last), Some(_)) => {
            let kinds = rows.iter().chain([&last]).map(|row| row.entity.as_str());
            bail!(Usage(format!(
                "the record at {position} is read as {}: say which with --entity",
                kinds.collect::<Vec<_>>().join(" and ")
            )))
        }
    }
}

/// Who corrected a record, where somebody did.
async fn corrected_by(
    session: &Session,
    client: TenantId,
    row: &quarantine::Model,
) -> Result<Option<String>> {
    let transaction = journal::as_loader(session, client).await?;
    let fix = record_fixes::Entity::find()
        .filter(record_fixes::Column::Entity.eq(&row.entity))
        .filter(record_fixes::Column::RawPosition.gt(row.raw_position))
        .filter(record_fixes::Column::RawPosition.lte(row.raw_position | NUMBER_BITS))
        .order_by_desc(record_fixes::Column::RawPosition)
        .one(&transaction)
        .await?;
    Ok(fix.map(|fix| fix.fixed_by))
}

/// The same correction, sealed by a command that was killed before it could load it.
async fn sealed_already(
    applier: &Applier<'_>,
    refused: &Refused,
    text: &str,
) -> Result<Option<EntryNumber>> {
    let same = |fix: &Fix| {
        fix.object == refused.row.object_key
            && i64::try_from(fix.ordinal) == Ok(refused.row.ordinal)
            && fix.sha256 == refused.record.sha256
            && fix.record == text
    };
    let sealed = corrections(applier).await?;
    let sealed = sealed.iter().find(|one| one.fix.as_ref().is_some_and(same));
    Ok(sealed.map(|one| one.sealed.entry.number))
}

async fn corrections(applier: &Applier<'_>) -> Result<Vec<Pending>> {
    let mut pending = applier.pending().await?;
    pending.retain(|one| one.fix.is_some());
    Ok(pending)
}

async fn load(applier: &Applier<'_>, entry: EntryNumber) -> Result<Loaded> {
    let mut pending = corrections(applier).await?;
    pending.retain(|one| one.sealed.entry.number == entry);
    match applier.apply(&pending, &|_| {}).await {
        Ok(report) => Ok(Loaded::Now(report)),
        Err(RecoveryError::Load {
            source: LoadError::Locked { .. },
            ..
        }) => Ok(Loaded::Later),
        Err(error) => Err(error).with_context(|| {
            format!("entry {entry} has the correction: `catwing quarantine replay` goes on with it")
        }),
    }
}

fn busy(client: TenantId) -> impl Fn(RecoveryError) -> anyhow::Error {
    move |error| match error {
        RecoveryError::Load {
            source: LoadError::Locked { .. },
            ..
        } => Locked(format!(
            "{client} is being loaded by another process: repeat this when it has ended"
        ))
        .into(),
        other => other.into(),
    }
}

fn tell(
    args: &QuarantineFixArgs,
    entry: EntryNumber,
    loaded: &Loaded,
    console: &Console,
) -> Result<()> {
    let client = args.client;
    let report = match loaded {
        Loaded::Now(report) => Some(report),
        Loaded::Later => None,
    };
    let json = serde_json::json!({
        "client": client, "position": args.position, "sealed": entry, "loaded": report.is_some(),
        "report": report,
    });
    console.result(&json, || match report {
        Some(report) => format!(
            "sealed as entry {entry} and loaded; statistics follow with the next run\n{}",
            backfill::shown(report)
        ),
        None => format!(
            "sealed as entry {entry}; a load is under way, and `catwing quarantine replay --client {client}` brings it in"
        ),
    })
}

fn read_correction(path: &Path) -> Result<String> {
    let mut bytes = Vec::new();
    let limit = RECORD_BYTES_MAX as u64 + 1;
    if path == Path::new("-") {
        std::io::stdin()
            .lock()
            .take(limit)
            .read_to_end(&mut bytes)?;
    } else {
        let file = std::fs::File::open(path)
            .with_context(|| Usage(format!("{} can't be read", path.display())))?;
        file.take(limit).read_to_end(&mut bytes)?;
    }
    if bytes.len() > RECORD_BYTES_MAX {
        bail!(Usage(format!(
            "{} is larger than a record may be: {RECORD_BYTES_MAX} bytes",
            path.display()
        )));
    }
    let mut text = String::from_utf8(bytes).map_err(|_| {
        Usage(format!(
            "{} is not UTF-8, as a correction is",
            path.display()
        ))
    })?;
    // An editor's line end at the end is no part of the record.
    let kept = text.trim_end_matches(['\n', '\r']).len();
    text.truncate(kept);
    Ok(text)
}

fn problems(reject: &Reject) -> String {
    let line = |problem: &catwing_domain::Problem| {
        let field = problem.field.as_ref().map(|field| format!("{field}: "));
        let value = problem.value.as_ref().map(|value| format!("{value:?} "));
        format!(
            "{}{}{} ({})",
            field.unwrap_or_default(),
            value.unwrap_or_default(),
            problem.message,
            problem.rule.name()
        )
    };
    let lines: Vec<_> = reject.problems.iter().map(line).collect();
    lines.join("\n")
}
