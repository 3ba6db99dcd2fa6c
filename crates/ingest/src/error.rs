//! What can go wrong while files are brought in, and what to do about it.

use std::path::PathBuf;

use catwing_domain::{BusinessDay, ErrorClass};
use catwing_raw_store::RawStoreError;
use thiserror::Error;

/// Refused files that a message lists by name; the rest is counted.
const REFUSALS_SHOWN_MAX: usize = 20;

/// A failed import.
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
            | Self::Refused { .. } => ErrorClass::Operator,
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
