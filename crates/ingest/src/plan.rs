//! The plan of an import: which file is which dataset, page and revision of which day.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use catwing_domain::{BusinessDay, DatasetName, RawPosition, Revision, manifest::Completeness};

use crate::{IngestError, NamePattern, Refusal, file_name::FileName, name_pattern::Match};

/// Directories that are entered below the imported one.
const DEPTH_MAX: usize = 16;
/// The archive's own records; an import writes new ones.
const MANIFEST_DIRECTORY: &str = "_manifest";

/// How a file's business day is found.
#[derive(Clone, Debug)]
pub enum DateRule {
    /// All files belong to one day.
    Day(BusinessDay),
    /// The name says.
    FromName(NamePattern),
}

/// How a file's dataset is found, and what the tenant's file says of each dataset. In this order:
/// the one that is named for all files, the pattern's `{dataset}`, the mapping's own file
/// patterns, the name without its extension.
pub struct Datasets<'a> {
    /// The dataset of all files, where the caller names one.
    pub only: Option<DatasetName>,
    /// The tenant's datasets, and whether a delivery of each holds all there is.
    pub known: BTreeMap<DatasetName, Completeness>,
    /// The dataset whose file pattern in the mapping fits a file's name.
    pub by_file: &'a (dyn Fn(&str) -> Option<DatasetName> + Send + Sync),
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
    let walked = Walk::of(directory)?;
    if walked.files.is_empty() {
        return Err(IngestError::NothingToImport {
            path: directory.to_owned(),
            ignored: walked.ignored.len(),
        });
    }
    let mut refusals = Vec::new();
    let mut days: BTreeMap<BusinessDay, BTreeMap<DatasetName, Revisions>> = BTreeMap::new();
    for found in walked.files {
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
    let dataset = dataset_of(name, &parts, in_name, datasets)?;
    let completeness = datasets
        .known
        .get(&dataset)
        .cloned()
        .ok_or_else(|| unknown(&dataset, datasets))?;
    if parts
        .page
        .is_some_and(|page| page == 0 || page > RawPosition::PAGES_MAX)
    {
        return Err(format!(
            "pages are numbered 1 to {}; join or number its parts anew",
            RawPosition::PAGES_MAX
        ));
    }
    let file = PlannedFile {
        path: found.path,
        relative: found.relative,
        size_bytes: found.size_bytes,
        dataset,
        page: parts.page,
        extension: parts.extension,
        completeness,
    };
    Ok((day, parts.revision, file))
}

fn dataset_of(
    name: &str,
    parts: &FileName,
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
    if let Some(dataset) = (datasets.by_file)(name) {
        return Ok(dataset);
    }
    parts.stem.parse().map_err(|_| {
        format!(
            "its name does not say which dataset it is; say --dataset, put {{dataset}} into the \
             name pattern, or a file pattern into the tenant's file; there are {}",
            names(datasets)
        )
    })
}

fn unknown(dataset: &DatasetName, datasets: &Datasets<'_>) -> String {
    format!(
        "the tenant's file has no dataset {dataset}; say --dataset, or add it there; there are {}",
        names(datasets)
    )
}

fn names(datasets: &Datasets<'_>) -> String {
    if datasets.known.is_empty() {
        return "none yet".to_owned();
    }
    let names: Vec<_> = datasets.known.keys().map(DatasetName::as_str).collect();
    names.join(", ")
}

struct Found {
    path: PathBuf,
    relative: PathBuf,
    size_bytes: u64,
}

/// Everything below a directory, sorted by path.
struct Walk {
    root: PathBuf,
    files: Vec<Found>,
    ignored: Vec<Ignored>,
}

impl Walk {
    fn of(start: &Path) -> Result<Self, IngestError> {
        let read = |source| IngestError::ReadDirectory {
            path: start.to_owned(),
            source,
        };
        let root = start.canonicalize().map_err(read)?;
        let mut walk = Self {
            root: root.clone(),
            files: Vec::new(),
            ignored: Vec::new(),
        };
        let facts = fs::metadata(&root).map_err(read)?;
        if facts.is_file() {
            walk.root = root.parent().unwrap_or(&root).to_owned();
            walk.add(root, facts.len());
        } else {
            walk.enter(&root, 0)?;
        }
        walk.files.sort_by(|a, b| a.relative.cmp(&b.relative));
        walk.ignored.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(walk)
    }

    fn enter(&mut self, directory: &Path, depth: usize) -> Result<(), IngestError> {
        let read = |source| IngestError::ReadDirectory {
            path: directory.to_owned(),
            source,
        };
        for entry in fs::read_dir(directory).map_err(read)? {
            let entry = entry.map_err(read)?;
            let path = entry.path();
            let kind = entry.file_type().map_err(read)?;
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(b".") {
                self.ignore(&path, "hidden");
            } else if kind.is_dir() {
                if name == MANIFEST_DIRECTORY {
                    self.ignore(
                        &path,
                        "an archive's own manifest; the import writes a new one",
                    );
                } else if depth == DEPTH_MAX {
                    self.ignore(&path, "too many directories deep");
                } else {
                    self.enter(&path, depth + 1)?;
                }
            } else if kind.is_symlink() {
                self.follow(path);
            } else if kind.is_file() {
                let facts = entry.metadata().map_err(read)?;
                self.add(path, facts.len());
            } else {
                self.ignore(&path, "not a file");
            }
        }
        Ok(())
    }

    /// Links are followed to files of the same directory tree and no further.
    fn follow(&mut self, path: PathBuf) {
        let target = path
            .canonicalize()
            .ok()
            .and_then(|target| Some((fs::metadata(&target).ok()?, target)));
        match target {
            None => self.ignore(&path, "a link that leads nowhere"),
            Some((_, target)) if !target.starts_with(&self.root) => {
                self.ignore(&path, "a link that leads out of the directory");
            }
            Some((facts, _)) if facts.is_file() => self.add(path, facts.len()),
            Some(_) => self.ignore(&path, "a link to a directory"),
        }
    }

    fn add(&mut self, path: PathBuf, size_bytes: u64) {
        let relative = self.relative(&path);
        self.files.push(Found {
            path,
            relative,
            size_bytes,
        });
    }

    fn ignore(&mut self, path: &Path, why: &'static str) {
        let path = self.relative(path);
        self.ignored.push(Ignored { path, why });
    }

    fn relative(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.root).unwrap_or(path).to_owned()
    }
}
