//! What can be wrong with a value of the domain, and what a caller should do about an error.

use thiserror::Error;

/// What the one who gets an error should do. The retry policy and the exit code follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// The outside world failed for now; the same call may succeed later.
    Transient,
    /// The data is wrong; a person or the source must correct it.
    Data,
    /// A setting, a right or an argument is wrong; the operator must mend it.
    Operator,
    /// Another process holds what is needed.
    Locked,
    /// A raw object is missing or is not what the manifest says.
    Raw,
    /// Catwing itself is wrong.
    Bug,
}

/// A value that the domain does not admit.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum DomainError {
    /// A client id that is neither `CW-GLOBAL` nor `CW-` and six digits.
    #[error(
        "client id {0:?} is not valid: it must be CW-GLOBAL, or CW- and six digits such as CW-000200"
    )]
    Tenant(String),
    /// A date that is no business day.
    #[error(
        "{0:?} is not a business day: it must be a date YYYY-MM-DD from 1970-01-01 to 2149-06-06"
    )]
    Day(String),
    /// A time zone that the built-in database does not have.
    #[error("time zone {0:?} is unknown: use an IANA name such as Europe/London")]
    TimeZone(String),
    /// A dataset's name that can't be part of a raw key.
    #[error(
        "dataset name {0:?} is not valid: use 1 to 64 of a-z, 0-9, _ and -, beginning with a letter"
    )]
    Dataset(String),
    /// A dataset's number outside its bits in a raw position.
    #[error("dataset number {0} is not valid: it must be 1 to 63")]
    DatasetNumber(u64),
    /// A raw object's name that does not follow the naming rules.
    #[error("{0:?} is not a raw object's name: expected DATASET[.rN][.pNNNNNN].EXTENSION")]
    ObjectName(String),
    /// A revision, page or ordinal that does not fit its bits in a raw position.
    #[error("{what} {value} is over the limit of {limit}")]
    Limit {
        /// What was counted.
        what: &'static str,
        /// How many there were.
        value: u64,
        /// How many there may be.
        limit: u64,
    },
    /// A natural key over [`crate::KEY_BYTES_MAX`].
    #[error("a natural key of {0} bytes is over the limit of {limit}", limit = crate::KEY_BYTES_MAX)]
    KeyLength(usize),
    /// A number that its column can't hold.
    #[error("number {value:?} does not fit {what}")]
    Number {
        /// The text as delivered.
        value: String,
        /// What it should have been.
        what: &'static str,
    },
    /// A tenant's file that is no valid TOML or has unknown or missing settings.
    #[error("the tenant file is not valid:\n{0}")]
    TenantFile(String),
    /// A manifest entry that can't be read.
    #[error("manifest entry is not valid: {0}")]
    Entry(String),
}
