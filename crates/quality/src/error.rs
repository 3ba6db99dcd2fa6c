//! What can fail in the quality gate and the health monitor, and what to do about it.

use catwing_domain::{ErrorClass, TenantId};
use sea_orm::sqlx;
use thiserror::Error;

/// Why something could not be judged, measured or written down.
#[derive(Debug, Error)]
pub enum QualityError {
    /// No transaction could be opened in the tenant's schemas and role.
    #[error(
        "failed to begin checks of {tenant}; check that the server answers, and run `catwing migrate`"
    )]
    Begin {
        /// Whose checks.
        tenant: TenantId,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// What deliveries are compared with could not be read.
    #[error(
        "failed to read the history of {tenant} that its deliveries are compared with; nothing was judged: \
         see the cause, then run the day again"
    )]
    ReadHistory {
        /// Whose history.
        tenant: TenantId,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// What was found could not be written down, or it is not known whether it was.
    #[error(
        "failed to write down what was found of {tenant}; verdicts that are sealed stand: see the cause, \
         then run the day again"
    )]
    Record {
        /// Whose findings.
        tenant: TenantId,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// What was written down could not be read.
    #[error(
        "failed to read what was found of {tenant}: check that the server answers, then try again"
    )]
    ReadFindings {
        /// Whose findings.
        tenant: TenantId,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// The loaded tables could not be measured.
    #[error(
        "failed to measure {metric} of {tenant}; nothing of it was changed: see the cause, then run \
         `catwing run --from health_monitor` for the day"
    )]
    Measure {
        /// Whose tables.
        tenant: TenantId,
        /// What was measured.
        metric: &'static str,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
}

impl QualityError {
    /// Who has to do something about it.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        let (Self::Begin { source, .. }
        | Self::ReadHistory { source, .. }
        | Self::Record { source, .. }
        | Self::ReadFindings { source, .. }
        | Self::Measure { source, .. }) = self;
        class_of(source)
    }
}

fn class_of(error: &sqlx::Error) -> ErrorClass {
    let Some(error) = error.as_database_error() else {
        return ErrorClass::Transient;
    };
    let code = error.code().unwrap_or_default();
    match code.as_ref() {
        "55P03" => ErrorClass::Transient,
        // A table or right is missing: the schema is behind.
        "42P01" | "42501" | "3F000" | "42704" => ErrorClass::Operator,
        _ => match code.get(..2) {
            Some("08" | "40" | "53" | "57" | "58") => ErrorClass::Transient,
            Some("28") => ErrorClass::Operator,
            _ => ErrorClass::Bug,
        },
    }
}
