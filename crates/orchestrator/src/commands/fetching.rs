//! Step 1: what the tenant's sources have of a business day, brought in as one delivery.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context, Result};
use catwing_domain::{
    BusinessDay, TenantId,
    manifest::{Body, Sha256Hash},
    tenant_file::{SourceFile, TenantFile},
};
use catwing_embedded::Home;
use catwing_ingest::{
    Datasets, DateRule, DayReport, Destination, FetchOutcome, FetchProgress, ImportPlan,
    IngestError, RestSettings, RestSource, ingest_day, plan_import,
};
use catwing_raw_store::{Author, Landing, Manifest};
use futures_util::TryStreamExt;

use crate::{
    Console, Session,
    console::{grouped, mebibytes},
    failure::told,
    journal::{Run, Step, StepEnd},
    registry::{self, count_of},
};

/// The sources of a tenant, ready to be asked for one business day after the other.
pub(super) struct Intake<'a> {
    session: &'a Session,
    run_id: &'a str,
    client: TenantId,
    mapping: Sha256Hash,
    file: TenantFile,
    rest: Vec<RestSource>,
    landing: Landing,
    /// A folder for pages on their way, for this run alone.
    spool: PathBuf,
}

impl<'a> Intake<'a> {
    /// Prepares all sources of a tenant, as its file in force describes them.
    pub(super) async fn open(
        session: &'a Session,
        client: TenantId,
        run_id: &'a str,
        days: impl IntoIterator<Item = BusinessDay>,
    ) -> Result<Self> {
        let registered = registry::get(session, client).await?;
        let file = registry::file_in_force(session, &registered).await?.file;
        let mut rest = Vec::new();
        for (name, source) in &file.sources {
            let SourceFile::Rest(source) = source else {
                continue;
            };
            let mut settings = RestSettings::of(name, source, &|name| session.variable(name))?;
            settings.jitter_seed = seed(run_id);
            rest.push(RestSource::new(&settings, Arc::clone(&session.clock))?);
        }
        Ok(Self {
            session,
            run_id,
            client,
            mapping: registered.mapping,
            file,
            rest,
            landing: Landing::new(&session.store, client, days),
            spool: spool(session, client, run_id)?,
        })
    }

    /// Brings a business day in: files of folders and pages of servers, sealed together.
    pub(super) async fn day(&mut self, day: BusinessDay, console: &Console) -> Result<StepEnd> {
        let plans = self.plans(day, console)?;
        let sources = self.rest.iter();
        let orders: Vec<_> = sources
            .flat_map(|source| source.orders(&self.file))
            .collect();
        let destination = Destination {
            store: &self.session.store,
            tenant: self.client,
            mapping: self.mapping,
            author: Author {
                run_id: self.run_id,
                clock: self.session.clock.as_ref(),
            },
        };
        let ingested = Box::pin(ingest_day(
            &mut self.landing,
            destination,
            day,
            (&plans, &orders),
            &self.spool,
            &log_page,
        ));
        let report = ingested.await?;
        tell(&report, console);
        Ok(step_end(&report))
    }

    /// The files that the day's folders have.
    fn plans(&self, day: BusinessDay, console: &Console) -> Result<Vec<ImportPlan>> {
        let mut plans = Vec::new();
        for source in self.file.sources.values() {
            let SourceFile::Files {
                folder: Some(folder),
            } = source
            else {
                continue;
            };
            let folder = PathBuf::from(folder.replace("{date}", &day.to_string()));
            let datasets = Datasets {
                only: None,
                tenant: &self.file,
            };
            let planned = match folder.exists() {
                true => plan_import(&folder, &datasets, &DateRule::Day(day)),
                false => Err(IngestError::NothingToImport {
                    path: folder,
                    ignored: 0,
                }),
            };
            // A day without a file is a day without data, not an error.
            match planned {
                Ok(plan) => plans.push(plan),
                Err(IngestError::NothingToImport { path, .. }) => {
                    console.say(&format!("{}: no data of this day", path.display()));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(plans)
    }
}

impl Drop for Intake<'_> {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.spool) {
            tracing::debug!(spool = %self.spool.display(), %error, "the spool folder stays");
        }
    }
}

/// The days from one to another that have no delivery, the newest first; none where the tenant's
/// sources are not there to be asked.
pub(super) async fn missing(
    session: &Session,
    client: TenantId,
    (from, to): (BusinessDay, BusinessDay),
) -> Result<Vec<BusinessDay>> {
    let registered = registry::get(session, client).await?;
    let file = registry::file_in_force(session, &registered).await?.file;
    let can_be_asked = |source: &SourceFile| match source {
        SourceFile::Files { folder } => folder.is_some(),
        SourceFile::Rest(_) => true,
    };
    if !file.sources.values().any(can_be_asked) {
        return Ok(Vec::new());
    }
    let mut delivered = std::collections::BTreeSet::new();
    let mut entries = std::pin::pin!(Manifest::of(&session.store, client).entries(None));
    while let Some(sealed) = entries.try_next().await? {
        if matches!(sealed.entry.body, Body::Delivery(_)) {
            delivered.insert(sealed.entry.business_day);
        }
    }
    let days = (from.number()..=to.number()).rev();
    Ok(days
        .map(BusinessDay::from_number)
        .filter(|day| !delivered.contains(day))
        .collect())
}

/// Brings in days one after the other, as a run of its own. The first day that fails ends it; the
/// days before are in the archive.
pub(super) async fn days(
    session: &Session,
    client: TenantId,
    days: &[BusinessDay],
    console: &Console,
) -> Result<()> {
    let (Some(first), Some(last)) = (days.iter().min(), days.iter().max()) else {
        return Ok(());
    };
    let run = Run::begin(session, client, "backfill", (*first, *last)).await?;
    let run_id = run.id.clone();
    let mut intake = None;
    for day in days {
        let row = run.begin_step(session, Step::Ingest, *day).await?;
        let came = async {
            let intake = match &mut intake {
                Some(intake) => intake,
                empty => empty
                    .insert(Intake::open(session, client, &run_id, days.iter().copied()).await?),
            };
            intake.day(*day, console).await
        };
        match Box::pin(came).await {
            Ok(end) => run.end_step(session, row, &end).await?,
            Err(error) => {
                run.fail(session, row, &told(&error)).await;
                return Err(error.context(format!("failed to bring in {day}")));
            }
        }
    }
    run.end(session, None).await
}

/// A folder for pages on their way. What a run that died left in its own is removed: runs of a
/// tenant exclude each other.
fn spool(session: &Session, client: TenantId, run_id: &str) -> Result<PathBuf> {
    let home = Home::open(&session.settings.home.value)?;
    let of_tenant = home.path().join("spool").join(client.to_string());
    let folder = of_tenant.join(run_id);
    let made = || -> std::io::Result<()> {
        if of_tenant.exists() {
            std::fs::remove_dir_all(&of_tenant)?;
        }
        std::fs::create_dir_all(&folder)
    };
    made().with_context(|| {
        let folder = of_tenant.display();
        format!("failed to make the spool folder {folder}: check that it may be written")
    })?;
    Ok(folder)
}

/// What the jitter of waits follows from: another sequence for each run.
fn seed(run_id: &str) -> u64 {
    let hash = Sha256Hash::of(run_id.as_bytes()).0;
    hash.iter()
        .take(8)
        .fold(0, |seed, byte| (seed << 8) | u64::from(*byte))
}

fn log_page(at: FetchProgress<'_>) {
    tracing::debug!(
        dataset = %at.dataset,
        day = %at.day,
        page = at.page,
        records = at.records,
        size_bytes = at.size_bytes,
        announced_total = at.announced_total,
        "a page came"
    );
}

fn tell(report: &DayReport, console: &Console) {
    for fetched in &report.fetched {
        let dataset = &fetched.dataset;
        let what = match fetched.outcome {
            FetchOutcome::Nothing => {
                console.say(&format!("{dataset}: no data of this day"));
                continue;
            }
            FetchOutcome::Landed { .. } => "landed",
            FetchOutcome::AlreadyThere { .. } => "already there",
        };
        let records = fetched.records.map(|records| {
            let records = grouped(records);
            format!(", {records} records")
        });
        console.say(&format!(
            "{dataset}: {}{}, {}, {what}",
            count_of(fetched.pages, "page"),
            records.unwrap_or_default(),
            mebibytes(fetched.size_bytes)
        ));
    }
}

fn step_end(report: &DayReport) -> StepEnd {
    let fetched: serde_json::Map<_, _> = report
        .fetched
        .iter()
        .map(|fetched| {
            let outcome = match fetched.outcome {
                FetchOutcome::Nothing => "nothing",
                FetchOutcome::Landed { .. } => "landed",
                FetchOutcome::AlreadyThere { .. } => "already_there",
            };
            let told = serde_json::json!({
                "outcome": outcome,
                "pages": fetched.pages,
                "taken_over": fetched.taken_over,
                "records": fetched.records,
                "bytes": fetched.size_bytes,
                "requests": fetched.requests,
            });
            (fetched.dataset.to_string(), told)
        })
        .collect();
    StepEnd {
        counts: serde_json::json!({
            "files": report.files.len(),
            "landed": report.landed(),
            "fetched": fetched,
        }),
        ..StepEnd::default()
    }
}
