//! What can go wrong with the raw store, and what to do about it.

use std::path::PathBuf;

use aws_sdk_s3::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};
use catwing_domain::{BusinessDay, DatasetName, DomainError, ErrorClass, TenantId};
use thiserror::Error;

/// The cause of a failed request, for the chain that is printed at the top.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A failed operation on the raw store.
#[derive(Debug, Error)]
pub enum RawStoreError {
    /// A setting that can't be used.
    #[error("{setting} of the raw store is not valid: {problem}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// What is wrong with it and what it should be.
        problem: String,
    },
    /// The server refused a request, or did not answer it.
    #[error("failed to {operation} {target} in the raw store: {advice}")]
    Request {
        /// What was tried.
        operation: &'static str,
        /// The key, prefix or bucket.
        target: String,
        /// What to do.
        advice: &'static str,
        /// How the caller should take it.
        class: ErrorClass,
        /// What the client said.
        #[source]
        source: Cause,
    },
    /// A local file that can't be read.
    #[error("failed to read {}: check that it exists and may be read", path.display())]
    ReadFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A local file that can't be written.
    #[error("failed to write {}: check that there is room, and that it may be written", path.display())]
    Spool {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Pages that lost their revision to another delivery while they came.
    #[error(
        "another delivery of {dataset} of {day} was sealed while this one came: run the same command again"
    )]
    Overtaken {
        /// The dataset.
        dataset: DatasetName,
        /// The business day.
        day: BusinessDay,
    },
    /// A local file that was written to while it was landed.
    #[error(
        "{} changed while it was read: import it again when nothing writes to it any more",
        path.display()
    )]
    FileChanged {
        /// The file.
        path: PathBuf,
    },
    /// An object over the limit of whoever wants it whole.
    #[error("{key} is larger than the {limit_bytes} bytes that may be read at once")]
    TooLarge {
        /// Its key.
        key: String,
        /// The limit.
        limit_bytes: u64,
    },
    /// An object that should be there and is not.
    #[error(
        "{key} is missing from the raw store: run `catwing raw verify`, then import the same file again"
    )]
    Missing {
        /// Its key.
        key: String,
    },
    /// An object whose bytes are not those that were landed.
    #[error(
        "{key} is corrupt, {detail}: run `catwing raw verify --deep` and restore the object from a copy"
    )]
    Corrupt {
        /// Its key.
        key: String,
        /// How it differs.
        detail: String,
    },
    /// A key that should be new and holds other bytes.
    #[error(
        "{key} already holds other bytes, which are never overwritten: run `catwing raw verify --deep`"
    )]
    Taken {
        /// The key.
        key: String,
    },
    /// A manifest entry that is missing or does not follow from the one before.
    #[error("the manifest is broken at {key}, {detail}: run `catwing raw verify`")]
    Chain {
        /// The entry's key.
        key: String,
        /// What is wrong with it.
        detail: String,
    },
    /// Objects that can't be one delivery.
    #[error("{dataset} of {day} can't be landed: {problem}")]
    Delivery {
        /// The dataset.
        dataset: DatasetName,
        /// The business day.
        day: BusinessDay,
        /// What is wrong and what to do.
        problem: String,
    },
    /// A verdict, a correction or a remap that can't be sealed.
    #[error("the manifest of {tenant} can't take that: {problem}")]
    Decision {
        /// Whose manifest.
        tenant: TenantId,
        /// What is wrong and what to do.
        problem: String,
    },
    /// More others wrote to a manifest at the same time than an append has patience for.
    #[error(
        "the manifest of {tenant} was extended by others {attempts} times in a row: try again later"
    )]
    Contention {
        /// Whose manifest.
        tenant: TenantId,
        /// How often it was tried.
        attempts: u32,
    },
    /// An entry that can't be written.
    #[error(
        "failed to write an entry of the manifest of {tenant}: report this as a fault of catwing"
    )]
    WriteEntry {
        /// Whose manifest.
        tenant: TenantId,
        /// Why.
        #[source]
        source: DomainError,
    },
}

impl RawStoreError {
    /// What the caller should do; the exit code follows from it.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Request { class, .. } => *class,
            Self::Setting { .. }
            | Self::ReadFile { .. }
            | Self::Spool { .. }
            | Self::Decision { .. } => ErrorClass::Operator,
            Self::Contention { .. } | Self::Overtaken { .. } => ErrorClass::Transient,
            Self::FileChanged { .. } | Self::TooLarge { .. } | Self::Delivery { .. } => {
                ErrorClass::Data
            }
            Self::Missing { .. }
            | Self::Corrupt { .. }
            | Self::Taken { .. }
            | Self::Chain { .. } => ErrorClass::Raw,
            Self::WriteEntry { .. } => ErrorClass::Bug,
        }
    }

    /// A failed request, sorted by what the server said.
    pub(crate) fn request<E>(
        operation: &'static str,
        target: impl Into<String>,
        source: SdkError<E, HttpResponse>,
    ) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let (class, advice) = sort(&source);
        Self::Request {
            operation,
            target: target.into(),
            advice,
            class,
            source: source.into(),
        }
    }
}

/// The HTTP status of the server's answer, where there was one.
pub(crate) fn status<E>(error: &SdkError<E, HttpResponse>) -> Option<u16> {
    error.raw_response().map(|answer| answer.status().as_u16())
}

fn sort<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> (ErrorClass, &'static str) {
    let code = error.code().unwrap_or_default();
    match (error, status(error)) {
        (SdkError::ConstructionFailure(_), _) => (
            ErrorClass::Operator,
            "check the address, region and bucket of the S3 settings",
        ),
        (_, Some(_)) if code == "NoSuchBucket" => (
            ErrorClass::Operator,
            "the bucket does not exist; check its name in the S3 settings",
        ),
        (_, Some(401 | 403)) => (
            ErrorClass::Operator,
            "access was denied; check the access key, the secret key and the rights on the bucket",
        ),
        (_, Some(400)) if code == "BadDigest" || code == "InvalidDigest" => (
            ErrorClass::Transient,
            "the bytes were damaged on the way; try again",
        ),
        (_, Some(400..=407 | 410..=428)) => (
            ErrorClass::Operator,
            "the server does not admit the request; check that it is S3 with conditional writes",
        ),
        (_, Some(_)) => (
            ErrorClass::Transient,
            "the server can't answer for now; try again later",
        ),
        (_, None) => (
            ErrorClass::Transient,
            "the server does not answer; check that it runs and try again",
        ),
    }
}
