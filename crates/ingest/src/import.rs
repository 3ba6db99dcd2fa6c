//! The import of files: landed day by day, byte for byte.

use std::path::PathBuf;

use catwing_domain::{
    BusinessDay, DatasetName, Revision, TenantId,
    manifest::{EntryNumber, Sha256Hash, SourceFacts},
};
use catwing_raw_store::{Author, Incoming, LandedObject, Landing, Outcome, Payload, Store};

use crate::{
    IngestError,
    plan::{ImportPlan, PlannedDelivery, PlannedFile},
};

/// The source's name in the manifest, for files that a person brought.
const SOURCE_NAME: &str = "raw import";

/// Where files are imported to, and by whom.
#[derive(Clone, Copy)]
pub struct Destination<'a> {
    /// The archive.
    pub store: &'a Store,
    /// Whose files they are.
    pub tenant: TenantId,
    /// SHA-256 of the tenant's file in force, which the archive has.
    pub mapping: Sha256Hash,
    /// The run that imports.
    pub author: Author<'a>,
}

/// A file and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedFile {
    /// Where it is below the imported directory.
    pub file: PathBuf,
    /// Its business day.
    pub day: BusinessDay,
    /// Its dataset.
    pub dataset: DatasetName,
    /// The key that it has in the archive.
    pub key: String,
    /// The revision that it is part of.
    pub revision: Revision,
    /// Its bytes.
    pub size_bytes: u64,
    /// Whether it is new.
    pub outcome: Outcome,
    /// Whether the tenant's file has its dataset; one that it lacks is not loaded.
    pub is_mapped: bool,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Every file, in the order of landing.
    pub files: Vec<ImportedFile>,
    /// The entries that were written.
    pub entries: Vec<EntryNumber>,
}

impl ImportReport {
    /// How many files are new in the archive.
    #[must_use]
    pub fn landed(&self) -> usize {
        let new = |file: &&ImportedFile| file.outcome == Outcome::Landed;
        self.files.iter().filter(new).count()
    }
}

/// How far an import is, after each file.
#[derive(Clone, Copy, Debug)]
pub struct ImportProgress<'a> {
    /// The file.
    pub file: &'a ImportedFile,
    /// Bytes of the files that are done.
    pub done_bytes: u64,
    /// Bytes of all files.
    pub total_bytes: u64,
}

/// Lands what was planned, one delivery after the other. Cut off anywhere, the same call lands the
/// rest; files that are in the archive already are left as they are.
///
/// # Errors
/// [`IngestError::Land`] with the day that failed; the days before it are in the archive.
pub async fn import(
    destination: Destination<'_>,
    plan: &ImportPlan,
    watch: &(dyn Fn(ImportProgress<'_>) + Send + Sync),
) -> Result<ImportReport, IngestError> {
    let days = plan.deliveries.iter().map(|delivery| delivery.day);
    let mut landing = Landing::new(destination.store, destination.tenant, days);
    let mut report = ImportReport::default();
    let mut done_bytes = 0;
    let total_bytes = plan.size_bytes();
    for delivery in &plan.deliveries {
        let day = delivery.day;
        let failed = |source| IngestError::Land { day, source };
        let mut incoming = Vec::with_capacity(delivery.files.len());
        for file in &delivery.files {
            incoming.push(measure(file).await.map_err(failed)?);
        }
        let landed = landing
            .land(day, destination.mapping, destination.author, &incoming)
            .await
            .map_err(failed)?;
        report
            .entries
            .extend(landed.entry.map(|sealed| sealed.entry.number));
        for file in results(delivery, &incoming, landed.objects) {
            done_bytes += file.size_bytes;
            watch(ImportProgress {
                file: &file,
                done_bytes,
                total_bytes,
            });
            report.files.push(file);
        }
    }
    Ok(report)
}

pub(crate) async fn measure(
    file: &PlannedFile,
) -> Result<Incoming, catwing_raw_store::RawStoreError> {
    Ok(Incoming {
        dataset: file.dataset.clone(),
        page: file.page,
        extension: file.extension.clone(),
        payload: Payload::from_file(&file.path).await?,
        completeness: file.completeness.clone(),
        source: SourceFacts {
            name: SOURCE_NAME.to_owned(),
            location: Some(file.relative.display().to_string()),
            ..SourceFacts::default()
        },
        record_count: None,
    })
}

pub(crate) fn results(
    delivery: &PlannedDelivery,
    incoming: &[Incoming],
    objects: Vec<LandedObject>,
) -> impl Iterator<Item = ImportedFile> {
    let files = delivery.files.iter().zip(incoming);
    files
        .zip(objects)
        .map(|((file, incoming), object)| ImportedFile {
            file: file.relative.clone(),
            day: delivery.day,
            dataset: file.dataset.clone(),
            key: object.key,
            revision: object.revision,
            size_bytes: incoming.payload.size_bytes(),
            outcome: object.outcome,
            is_mapped: file.is_mapped,
        })
}
