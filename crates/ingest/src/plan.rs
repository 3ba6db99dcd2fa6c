//! The plan of an import: which file is which dataset, page and revision of which day.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use catwing_domain::{
    BusinessDay, DatasetName, RawPosition, Revision, TenantId, manifest::Completeness,
    tenant_file::TenantFile,
};

use crate::{
    IngestError, NamePattern, Refusal,
    file_name::FileName,
    name_pattern::Match,
    walk::{Found, Walk},
};

/// Endings of files that may be data: one whose name has no day is asked about, never left out.
const DATA_EXTENSIONS: [&str; 10] = [
    "csv", "tsv", "txt", "json", "jsonl", "ndjson", "xml", "xls", "xlsx", "parquet",
];

/// How a file's business day is found.
#[derive(Clone, Debug)]
pub enum DateRule {
    /// All files belong to one day.
    Day(BusinessDay),
    /// The name says.
    FromName(NamePattern),
}

/// How a file's dataset is found. In this order: the one that is named for all files, the name
/// pattern's `{dataset}`, the tenant's file (its file patterns, then its datasets' own names).
pub struct Datasets<'a> {
    /// The dataset of all files, where the caller names one.
    pub only: Option<DatasetName>,
    /// The tenant's file, which also says whether a delivery of a dataset holds all there is.
    pub tenant: &'a TenantFile,
}

/// What an import is going to do.
#[derive(Clone, Debug, Default)]
pub struct ImportPlan {
    /// Deliveries in the order in which they are landed: by day, and within a day by revision.
    pub deliveries: Vec<PlannedDelivery>,
    /// What lies in the directory and is left alone.
    pub ignored: Vec<Ignored>,
}

impl ImportPlan {
    /// All files, in the order in which they are landed.
    pub fn files(&self) -> impl Iterator<Item = &PlannedFile> {
        self.deliveries.iter().flat_map(|delivery| &delivery.files)
    }

    /// Bytes of all files.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.files().map(|file| file.size_bytes).sum()
    }
}

/// Files that are landed and sealed together.
#[derive(Clone, Debug)]
pub struct PlannedDelivery {
    /// Their business day.
    pub day: BusinessDay,
    /// The files, by dataset and page.
    pub files: Vec<PlannedFile>,
}

/// A file and what it is.
#[derive(Clone, Debug)]
pub struct PlannedFile {
    /// Where it is.
    pub path: PathBuf,
    /// Where it is below the imported directory.
    pub relative: PathBuf,
    /// Bytes, as the directory says.
    pub size_bytes: u64,
    /// Its dataset.
    pub dataset: DatasetName,
    /// Its page, where the name has one.
    pub page: Option<u32>,
    /// Its extension as stored.
    pub extension: String,
    /// Whether its dataset's deliveries hold all there is.
    pub completeness: Completeness,
    /// Whether the tenant's file has its dataset; a file that it lacks is landed, and not loaded.
    pub is_mapped: bool,
}

/// Something that is not imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// Where it is below the imported directory.
    pub path: PathBuf,
    /// Why.
    pub why: &'static str,
}

/// Looks through a directory, or at one file, and says what each file is. Nothing is imported if
/// one file is not clear. Reads the directory on the calling thread.
///
/// # Errors
/// [`IngestError::Refused`] with every file that is not clear, [`IngestError::NothingToImport`]
/// for a directory without files, [`IngestError::ReadDirectory`] where it can't be read.
pub fn plan_import(
    directory: &Path,
    datasets: &Datasets<'_>,
    dates: &DateRule,
) -> Result<ImportPlan, IngestError> {
    let mut walked = Walk::of(directory)?;
    let (files, others): (Vec<_>, Vec<_>) = std::mem::take(&mut walked.files)
        .into_iter()
        .partition(|found| !is_no_data(found, dates));
    walked
        .ignored
        .extend(others.into_iter().map(|found| Ignored {
            path: found.relative,
            why: "no data by its ending, and no day in its name",
        }));
    walked.ignored.sort_by(|a, b| a.path.cmp(&b.path));
    if files.is_empty() {
        return Err(IngestError::NothingToImport {
            path: directory.to_owned(),
            ignored: walked.ignored.len(),
        });
    }
    let mut refusals = Vec::new();
    let mut days: BTreeMap<BusinessDay, BTreeMap<DatasetName, Revisions>> = BTreeMap::new();
    for found in files {
        let relative = found.relative.clone();
        let assigned = assign(found, datasets, dates).and_then(|(day, revision, file)| {
            let revisions = days.entry(day).or_default();
            let revisions = revisions.entry(file.dataset.clone()).or_default();
            revisions.add(day, revision, file)
        });
        if let Err(problem) = assigned {
            refusals.push(Refusal {
                file: relative,
                problem,
            });
        }
    }
    for revisions in days.values().flat_map(BTreeMap::values) {
        refusals.extend(revisions.gaps());
    }
    if !refusals.is_empty() {
        return Err(IngestError::Refused { refusals });
    }
    Ok(ImportPlan {
        deliveries: days.into_iter().flat_map(deliveries).collect(),
        ignored: walked.ignored,
    })
}

/// The files of one dataset for one day, by the revision and page in their names.
#[derive(Default)]
struct Revisions(BTreeMap<Revision, BTreeMap<Option<u32>, PlannedFile>>);

impl Revisions {
    fn add(
        &mut self,
        day: BusinessDay,
        revision: Revision,
        file: PlannedFile,
    ) -> Result<(), String> {
        let pages = self.0.entry(revision).or_default();
        let clash = pages
            .iter()
            .find(|(page, _)| **page == file.page || page.is_none() || file.page.is_none());
        if let Some((_, other)) = clash {
            return Err(format!(
                "{} is {} of {day} as well; name the two .p000001. and .p000002. if they are parts \
                 of one delivery, or .r2. the one that came later",
                other.relative.display(),
                file.dataset,
            ));
        }
        pages.insert(file.page, file);
        Ok(())
    }

    /// A page that is missing between others: half a delivery is none.
    fn gaps(&self) -> impl Iterator<Item = Refusal> {
        self.0.values().filter_map(|pages| {
            let numbers = pages.keys().flatten().copied();
            let missing = (1..).zip(numbers).find(|(expected, page)| expected != page);
            let (expected, page) = missing?;
            let file = pages.get(&Some(page))?;
            Some(Refusal {
                file: file.relative.clone(),
                problem: format!(
                    "page {expected} of {} is missing; import all pages of a delivery together",
                    file.dataset
                ),
            })
        })
    }
}

/// The first revisions of all datasets of a day are landed together, then the second ones.
fn deliveries(
    (day, datasets): (BusinessDay, BTreeMap<DatasetName, Revisions>),
) -> Vec<PlannedDelivery> {
    let mut deliveries: Vec<PlannedDelivery> = Vec::new();
    for revisions in datasets.into_values() {
        for (at, pages) in revisions.0.into_values().enumerate() {
            if at == deliveries.len() {
                deliveries.push(PlannedDelivery {
                    day,
                    files: Vec::new(),
                });
            }
            if let Some(delivery) = deliveries.get_mut(at) {
                delivery.files.extend(pages.into_values());
            }
        }
    }
    deliveries
}

/// Whether a file is a remark beside the data (`SOURCE.md`, `LICENSE`): where names hold the day,
/// it has none, and its ending is none that data has.
fn is_no_data(found: &Found, dates: &DateRule) -> bool {
    let DateRule::FromName(pattern) = dates else {
        return false;
    };
    let name = found.path.file_name().and_then(|name| name.to_str());
    let (Some(path), Some(name)) = (found.path.to_str(), name) else {
        return false;
    };
    match FileName::parse(name) {
        None => !name.contains('.'),
        Some(parts) => {
            let form = parts.extension.split('.').next().unwrap_or_default();
            pattern.find(path, &parts).is_none() && !DATA_EXTENSIONS.contains(&form)
        }
    }
}

/// Finds day, revision and dataset of one file.
fn assign(
    found: Found,
    datasets: &Datasets<'_>,
    dates: &DateRule,
) -> Result<(BusinessDay, Revision, PlannedFile), String> {
    let text = |path: &Path| path.to_str().map(str::to_owned);
    let (Some(path), Some(name)) = (
        text(&found.path),
        found.path.file_name().and_then(|name| name.to_str()),
    ) else {
        return Err("its name is not UTF-8; rename it".to_owned());
    };
    let parts = FileName::parse(name).ok_or_else(|| {
        "its name has no extension; add the one of its form, such as .csv or .json".to_owned()
    })?;
    let found_in_name = match dates {
        DateRule::Day(_) => None,
        DateRule::FromName(pattern) => Some(pattern.find(&path, &parts).ok_or_else(|| {
            format!(
                "its name does not fit the pattern {pattern}; change the pattern, or move it away"
            )
        })?),
    };
    let day = match (dates, &found_in_name) {
        (DateRule::Day(day), _) => *day,
        (_, Some(Match { day, .. })) => day.clone()?,
        (DateRule::FromName(_), None) => return Err("its day is not known; give --date".to_owned()),
    };
    let in_name = found_in_name.and_then(|found| found.dataset);
    let dataset = dataset_of(name, in_name, datasets)?;
    let known = datasets.tenant.datasets.get(&dataset);
    if known.is_none() && datasets.only.is_some() {
        return Err(format!(
            "the tenant's file has no dataset {dataset}; add it there, or say another --dataset; \
             there are {}",
            names(datasets.tenant)
        ));
    }
    if parts
        .page
        .is_some_and(|page| page == 0 || page > RawPosition::PAGES_MAX)
    {
        return Err(format!(
            "pages are numbered 1 to {}; join or number its parts anew",
            RawPosition::PAGES_MAX
        ));
    }
    // The UI's writes need no declaration: every tenant's mapping has them, the shared one's excepted.
    let is_built_in =
        dataset == DatasetName::ui_events() && datasets.tenant.client != TenantId::GLOBAL;
    let file = PlannedFile {
        path: found.path,
        relative: found.relative,
        size_bytes: found.size_bytes,
        dataset,
        page: parts.page,
        extension: parts.extension,
        completeness: known.map_or(Completeness::Delta, |known| known.completeness()),
        is_mapped: known.is_some() || is_built_in,
    };
    Ok((day, parts.revision, file))
}

fn dataset_of(
    name: &str,
    in_name: Option<String>,
    datasets: &Datasets<'_>,
) -> Result<DatasetName, String> {
    if let Some(only) = &datasets.only {
        return Ok(only.clone());
    }
    if let Some(text) = in_name {
        return text.parse().map_err(|error| {
            format!("{error}; rename the file, or say --dataset for files of one dataset")
        });
    }
    if let Some(named) = datasets.tenant.dataset_of_file(name) {
        return Ok(named.clone());
    }
    // No mapping names it: it is landed all the same, under its own name.
    let own = unmapped_name(name).ok_or_else(|| {
        format!(
            "no dataset can be made of its name; rename it, or say --dataset; there are {}",
            names(datasets.tenant)
        )
    })?;
    if datasets.tenant.datasets.contains_key(&own) {
        return Err(format!(
            "it is called like the dataset {own}, whose file patterns it does not fit; say \
             --dataset, or change the patterns in the tenant's file"
        ));
    }
    Ok(own)
}

/// A file's name as that of a dataset: `Order-Details.csv` is `order_details`.
fn unmapped_name(name: &str) -> Option<DatasetName> {
    let stem = FileName::parse(name)?.stem.to_ascii_lowercase();
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let text: String = stem.chars().map(plain).collect();
    text.parse().ok()
}

fn names(tenant: &TenantFile) -> String {
    if tenant.datasets.is_empty() {
        return "none yet".to_owned();
    }
    let names: Vec<_> = tenant.datasets.keys().map(DatasetName::as_str).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests;
