//! What can go wrong while settings are read or written.

use catwing_domain::{DomainError, ErrorClass, TenantId};
use catwing_raw_store::RawStoreError;
use catwing_recovery::RecoveryError;
use catwing_transform::TransformError;
use sea_orm::sqlx;
use thiserror::Error;

/// An error of settings.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// What was asked for can't be meant.
    #[error("{0}")]
    Change(String),
    /// What would be written is refused, with what every replay would say of it.
    #[error("{table}: {problems}: nothing was written")]
    Refused {
        /// The table.
        table: &'static str,
        /// What is wrong, with field and value.
        problems: String,
    },
    /// The event id is that of another write.
    #[error(
        "event {event_id} of {table} is another write already: give this one an id of its own; nothing was written"
    )]
    OtherEvent {
        /// The table.
        table: &'static str,
        /// The id.
        event_id: String,
    },
    /// Somebody else writes settings of the tenant, or loads its data, and does not end.
    #[error(
        "{tenant} is being loaded, or its settings are being written: try again; nothing was written"
    )]
    Locked {
        /// The tenant.
        tenant: TenantId,
    },
    /// The database could not be read.
    #[error("failed to read {what} of {tenant}")]
    Read {
        /// The tenant.
        tenant: TenantId,
        /// What was read.
        what: &'static str,
        /// The server's error.
        #[source]
        source: sqlx::Error,
    },
    /// The write could not be made a record.
    #[error("failed to check the write")]
    Check(#[source] TransformError),
    /// A day, a key or a name is beyond what can be stored.
    #[error("failed to make an event of the write")]
    Event(#[source] DomainError),
    /// The write could not be archived; nothing was written.
    #[error("failed to archive the write: nothing was written")]
    Archive(#[source] RawStoreError),
    /// Writes that are archived could not be brought into the database.
    #[error(
        "failed to bring archived settings of {tenant} into the database: run `catwing backfill --client {tenant}`"
    )]
    Apply {
        /// The tenant.
        tenant: TenantId,
        /// What recovery said.
        #[source]
        source: RecoveryError,
    },
}

impl SettingsError {
    /// What the caller should do.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Change(_) | Self::Refused { .. } | Self::OtherEvent { .. } => {
                ErrorClass::Operator
            }
            Self::Locked { .. } => ErrorClass::Locked,
            Self::Read { .. } => ErrorClass::Transient,
            Self::Check(_) | Self::Event(_) => ErrorClass::Bug,
            Self::Archive(error) => error.class(),
            Self::Apply { source, .. } => source.class(),
        }
    }
}
