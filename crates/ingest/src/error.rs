//! What can go wrong while files and pages are brought in, and what to do about it.

use std::path::PathBuf;

use catwing_domain::{BusinessDay, DatasetName, ErrorClass};
use catwing_raw_store::RawStoreError;
use thiserror::Error;

use crate::rest::quoted;

/// Refused files that a message lists by name; the rest is counted.
const REFUSALS_SHOWN_MAX: usize = 20;

/// A failed import or fetch.
#[derive(Debug, Error)]
pub enum IngestError {
    /// A pattern for file names that says too little or too much.
    #[error(
        "the name pattern {pattern:?} is not valid: {problem}; \
         write it as the files are named, such as sales_%Y-%m-%d or {{dataset}}_%Y%m%d"
    )]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A directory that can't be read.
    #[error("failed to read {}: check that it exists and may be read", path.display())]
    ReadDirectory {
        /// The directory, or a file in it.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A directory without any file that could be imported.
    #[error(
        "{} has no file to import ({ignored} ignored): name the directory that the files are in",
        path.display()
    )]
    NothingToImport {
        /// The directory.
        path: PathBuf,
        /// Files and other things in it that were ignored.
        ignored: usize,
    },
    /// Files whose dataset, day or place is not clear. Nothing was imported.
    #[error("nothing was imported, because of {} of the files:{}", refusals.len(), listed(refusals))]
    Refused {
        /// Each file and why.
        refusals: Vec<Refusal>,
    },
    /// A day that could not be landed. The days before it are in the archive.
    #[error(
        "failed to land {day}; the days before it are in the archive, and the same command goes on \
         from there"
    )]
    Land {
        /// The day.
        day: BusinessDay,
        /// What the raw store said.
        #[source]
        source: RawStoreError,
    },
    /// A REST source whose settings can't be used.
    #[error("the source {source_name} can't be used, {setting}: {problem}")]
    Source {
        /// Its name in the tenant's file.
        source_name: String,
        /// The setting.
        setting: &'static str,
        /// What is wrong with it and what to do, without secrets.
        problem: String,
    },
    /// A request that was sent again and again, and never answered well.
    #[error(
        "GET {url} failed, attempts {attempts}: {problem}; nothing was sealed, and the same command \
         goes on with the first page that is missing"
    )]
    Unanswered {
        /// The address, without secrets.
        url: String,
        /// How often it was sent.
        attempts: u32,
        /// How the last attempt failed.
        problem: String,
        /// What the client said of it, where it did.
        #[source]
        source: Option<reqwest::Error>,
    },
    /// A request that the source refuses, however often it is sent.
    #[error("GET {url} was refused with status {status}{}: {advice}", quoted(body))]
    FetchRefused {
        /// The address, without secrets.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What to do.
        advice: String,
        /// The first characters of the answer.
        body: String,
    },
    /// An answer that is no page of the dataset.
    #[error(
        "the answer to GET {url} can't be used{}: {problem}; nothing was sealed",
        quoted(body)
    )]
    Answer {
        /// The address, without secrets.
        url: String,
        /// What is wrong with it.
        problem: String,
        /// Its first characters, where they tell something.
        body: String,
    },
    /// A dataset whose pages contradicted each other in every pass.
    #[error(
        "{dataset} of {day} changed while it was read, in each of {fetches} passes, at last because \
         {problem}; nothing was sealed: run the same command again when the source is at rest"
    )]
    Inconsistent {
        /// The dataset.
        dataset: DatasetName,
        /// The business day.
        day: BusinessDay,
        /// How often it was fetched.
        fetches: u32,
        /// The last contradiction.
        problem: String,
    },
    /// The file that a page goes through can't be written or read.
    #[error("failed to keep a page at {}: check that there is room, and that it may be written", path.display())]
    Spool {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// A file that can't be imported as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The file, below the imported directory.
    pub file: PathBuf,
    /// What is wrong with it and what to do.
    pub problem: String,
}

impl IngestError {
    /// What the caller should do; the exit code follows from it.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Pattern { .. }
            | Self::ReadDirectory { .. }
            | Self::NothingToImport { .. }
            | Self::Refused { .. }
            | Self::Source { .. }
            | Self::FetchRefused { .. }
            | Self::Spool { .. } => ErrorClass::Operator,
            Self::Unanswered { .. } | Self::Inconsistent { .. } => ErrorClass::Transient,
            Self::Answer { .. } => ErrorClass::Data,
            Self::Land { source, .. } => source.class(),
        }
    }
}

fn listed(refusals: &[Refusal]) -> String {
    let mut text = String::new();
    for refusal in refusals.iter().take(REFUSALS_SHOWN_MAX) {
        text.push_str(&format!(
            "\n  {}: {}",
            refusal.file.display(),
            refusal.problem
        ));
    }
    if refusals.len() > REFUSALS_SHOWN_MAX {
        text.push_str(&format!(
            "\n  and {} more",
            refusals.len() - REFUSALS_SHOWN_MAX
        ));
    }
    text
}
