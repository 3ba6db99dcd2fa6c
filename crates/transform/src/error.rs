//! Why a delivery can't be transformed at all. What is wrong with a record is a reject instead.

use catwing_domain::{DatasetName, DomainError};
use thiserror::Error;

/// Why a delivery can't be transformed at all.
#[derive(Debug, Error)]
pub enum TransformError {
    /// A record's position does not fit its bits.
    #[error(
        "failed to place record {ordinal} of {object}: split the delivery into smaller objects"
    )]
    Place {
        /// The object's key.
        object: String,
        /// The record.
        ordinal: u64,
        /// Which limit.
        #[source]
        source: DomainError,
    },
    /// A value that was checked could not be stored after all.
    #[error("failed to write record {ordinal} of {object}: this is a bug of catwing")]
    Write {
        /// The object's key.
        object: String,
        /// The record.
        ordinal: u64,
        /// The value.
        #[source]
        source: DomainError,
    },
    /// The rows that values are looked up in take more memory than they may.
    #[error(
        "failed to look values up in {dataset}: its rows take more than {bytes_max} bytes; make them lines of their records instead, or leave columns out"
    )]
    Lookup {
        /// The dataset whose rows are looked at.
        dataset: DatasetName,
        /// What they may take.
        bytes_max: usize,
    },
    /// The record that is to be corrected is not where the correction says.
    #[error(
        "correction {number} of record {ordinal} of {object} can't be applied: {reason}; \
         seal a verdict that refuses it, or restore the object"
    )]
    Correction {
        /// The object's key.
        object: String,
        /// The record.
        ordinal: u64,
        /// The correction's number.
        number: u8,
        /// What is there instead.
        reason: String,
    },
    /// Rows went missing between source and records.
    #[error(
        "{object} has {source_rows} source rows for {entity}, but {accounted} were accounted for: this is a bug of catwing"
    )]
    Conservation {
        /// The object's key.
        object: String,
        /// The entity.
        entity: &'static str,
        /// Rows that were read.
        source_rows: u64,
        /// Rows in records, rejects and what the mapping leaves out.
        accounted: u64,
    },
}
