//! What can go wrong while a database is proved or brought back.

use catwing_domain::{ErrorClass, TenantId};
use sea_orm::sqlx;
use thiserror::Error;

/// An error of recovery.
#[derive(Debug, Error)]
pub enum RecoveryError {
    /// The snapshot of a digest could not be taken.
    #[error(
        "failed to begin the digest of {client}: check the database's address, and that the tenant is migrated"
    )]
    BeginDigest {
        /// The tenant.
        client: TenantId,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// A table could not be read for a digest.
    #[error(
        "failed to compute the digest of {client} over {table}: run `catwing migrate` if the table is missing"
    )]
    DigestTable {
        /// The tenant.
        client: TenantId,
        /// The table.
        table: &'static str,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// The server would compute other digests than all others.
    #[error(
        "digests of this server can't be compared with others: {reason}; move the database to a server that agrees"
    )]
    DigestServer {
        /// What is different about it.
        reason: &'static str,
    },
    /// A sum that is no number, which only a server gone wrong can send.
    #[error("the server's sum of row hashes {value:?} in {table} is not a number: report this")]
    DigestSum {
        /// The table.
        table: &'static str,
        /// What was sent.
        value: String,
    },
    /// The shared tenant has no rows of its own to prove yet.
    #[error(
        "CW-GLOBAL holds only rows that tenants inferred, which no digest covers: name a tenant such as CW-000200"
    )]
    NoGlobalDigest,
    /// Two digests that would differ even if nothing were wrong.
    #[error(
        "digests of different {what} can't be compared: {left} against {right}; rebuild one side so that both agree"
    )]
    Incomparable {
        /// What is different.
        what: &'static str,
        /// In the first digest.
        left: String,
        /// In the second digest.
        right: String,
    },
}

impl RecoveryError {
    /// What the caller should do.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::BeginDigest { source, .. } | Self::DigestTable { source, .. } => match source {
                sqlx::Error::Database(_) => ErrorClass::Operator,
                _ => ErrorClass::Transient,
            },
            Self::DigestServer { .. } | Self::NoGlobalDigest | Self::Incomparable { .. } => {
                ErrorClass::Operator
            }
            Self::DigestSum { .. } => ErrorClass::Bug,
        }
    }
}
