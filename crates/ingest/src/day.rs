//! One business day of all sources: files and fetched pages, sealed together.

use std::path::Path;

use catwing_domain::{
    BusinessDay, DatasetName, Revision,
    failpoint::{FETCH_AFTER_DATASET, failpoint},
    manifest::EntryNumber,
};
use catwing_raw_store::{Draft, LandedObject, Landing, Outcome};

use crate::{
    Destination, FetchOrder, FetchWatch, Fetched, ImportPlan, ImportedFile, IngestError,
    import::{measure, results},
    plan::PlannedDelivery,
};

/// What became of the datasets of a business day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayReport {
    /// Every file, in the order of landing.
    pub files: Vec<ImportedFile>,
    /// Every dataset that was asked for.
    pub fetched: Vec<FetchedDataset>,
    /// The entries that were written: one, unless files hold several revisions.
    pub entries: Vec<EntryNumber>,
}

/// A dataset that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedDataset {
    /// The dataset.
    pub dataset: DatasetName,
    /// Its source.
    pub source: String,
    /// What became of it.
    pub outcome: FetchOutcome,
    /// Pages that it came in.
    pub pages: usize,
    /// Of these, the ones that an earlier fetch had left behind.
    pub taken_over: u32,
    /// Records, where they were counted.
    pub records: Option<u64>,
    /// Bytes of all pages.
    pub size_bytes: u64,
    /// Requests that were sent.
    pub requests: u32,
}

/// What became of a dataset that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchOutcome {
    /// The source has nothing for the day, which is no error.
    Nothing,
    /// It is part of the new entry.
    Landed {
        /// Its revision.
        revision: Revision,
    },
    /// An earlier entry has the same pages.
    AlreadyThere {
        /// That entry.
        entry: EntryNumber,
    },
}

impl DayReport {
    /// How many objects are new in the archive.
    #[must_use]
    pub fn landed(&self) -> usize {
        let files = self.files.iter();
        let files = files.filter(|file| file.outcome == Outcome::Landed).count();
        let landed =
            |fetched: &&FetchedDataset| matches!(fetched.outcome, FetchOutcome::Landed { .. });
        let pages = self.fetched.iter().filter(landed);
        files + pages.map(|fetched| fetched.pages).sum::<usize>()
    }
}

/// Brings a business day in: fetches all that is ordered, and seals it together with the planned
/// files of the day as one delivery. Documents of a day refer to each other, and what judges a
/// delivery wants it whole: where one dataset fails, nothing of the day is sealed. Pages that came
/// stay where they are, and the same call takes them over.
///
/// `landing` is one of the destination's tenant; `spool` as in [`FetchOrder::fetch`].
///
/// # Errors
/// Those of [`FetchOrder::fetch`], and [`IngestError::Land`] where the archive fails.
pub async fn ingest_day(
    landing: &mut Landing,
    destination: Destination<'_>,
    day: BusinessDay,
    (plans, orders): (&[ImportPlan], &[FetchOrder<'_>]),
    spool: &Path,
    watch: FetchWatch<'_>,
) -> Result<DayReport, IngestError> {
    let mut fetched = Vec::with_capacity(orders.len());
    for order in orders {
        fetched.push(Box::pin(order.fetch(landing, day, spool, watch)).await?);
        failpoint(FETCH_AFTER_DATASET);
    }
    let mut drafts: Vec<Draft> = Vec::new();
    for fetched in &mut fetched {
        drafts.extend(fetched.draft.take());
    }
    let failed = |source| IngestError::Land { day, source };
    let mut report = DayReport::default();
    let mut pages = Vec::new();
    for (nth, delivery) in joined(plans, day).into_iter().enumerate() {
        let mut incoming = Vec::with_capacity(delivery.files.len());
        for file in &delivery.files {
            incoming.push(measure(file).await.map_err(failed)?);
        }
        // Further deliveries are later revisions of the same files.
        let drafts = if nth == 0 { drafts.as_slice() } else { &[] };
        let landed = landing
            .land_with(
                day,
                destination.mapping,
                destination.author,
                &incoming,
                drafts,
            )
            .await
            .map_err(failed)?;
        let entry = landed.entry.map(|sealed| sealed.entry.number);
        report.entries.extend(entry);
        let mut objects = landed.objects;
        pages.extend(objects.split_off(incoming.len().min(objects.len())));
        report.files.extend(results(&delivery, &incoming, objects));
    }
    let mut pages = pages.into_iter();
    let drafts = drafts
        .iter()
        .map(|draft| (draft.dataset(), draft.objects().len()));
    let drafts: std::collections::BTreeMap<_, _> = drafts.collect();
    for (order, fetched) in orders.iter().zip(fetched) {
        let count = drafts.get(order.dataset).copied().unwrap_or(0);
        let objects: Vec<_> = pages.by_ref().take(count).collect();
        report
            .fetched
            .push(FetchedDataset::of(order, &fetched, &objects));
    }
    Ok(report)
}

impl FetchedDataset {
    fn of(order: &FetchOrder<'_>, fetched: &Fetched, objects: &[LandedObject]) -> Self {
        let outcome = match objects.first() {
            None => FetchOutcome::Nothing,
            Some(object) => match object.outcome {
                Outcome::Landed => FetchOutcome::Landed {
                    revision: object.revision,
                },
                Outcome::AlreadyThere { entry } | Outcome::Restored { entry } => {
                    FetchOutcome::AlreadyThere { entry }
                }
            },
        };
        Self {
            dataset: order.dataset.clone(),
            source: order.source.name().to_owned(),
            outcome,
            pages: objects.len(),
            taken_over: fetched.taken_over,
            records: fetched.records,
            size_bytes: fetched.size_bytes,
            requests: fetched.requests,
        }
    }
}

/// The planned deliveries of several folders: the first ones together, then the second ones. There
/// is always a first one, for what was fetched.
fn joined(plans: &[ImportPlan], day: BusinessDay) -> Vec<PlannedDelivery> {
    let none = || PlannedDelivery {
        day,
        files: Vec::new(),
    };
    let mut joined = vec![none()];
    for plan in plans {
        let of_day = plan
            .deliveries
            .iter()
            .filter(|delivery| delivery.day == day);
        for (nth, delivery) in of_day.enumerate() {
            if nth == joined.len() {
                joined.push(none());
            }
            if let Some(together) = joined.get_mut(nth) {
                together.files.extend(delivery.files.iter().cloned());
            }
        }
    }
    joined
}
