//! What can go wrong while a database is proved or brought back.

use catwing_domain::{
    ErrorClass, TenantId,
    manifest::{EntryNumber, Sha256Hash},
};
use catwing_load::LoadError;
use catwing_migrations::MigrationError;
use catwing_raw_store::RawStoreError;
use catwing_stats::StatsError;
use catwing_transform::TransformError;
use sea_orm::sqlx;
use thiserror::Error;

/// An error of recovery.
#[derive(Debug, Error)]
pub enum RecoveryError {
    /// An entry, a mapping or an object of the archive could not be read.
    #[error("failed to read the archive of {client}")]
    ReadArchive {
        /// The tenant.
        client: TenantId,
        /// What the raw store said.
        #[source]
        source: Box<RawStoreError>,
    },
    /// The ledger could not be read.
    #[error(
        "failed to read the ledger of {client}: run `catwing tenant list` to see whether this database has it"
    )]
    ReadLedger {
        /// The tenant.
        client: TenantId,
        /// What load said.
        #[source]
        source: LoadError,
    },
    /// The database holds an entry that the archive does not have, or has otherwise.
    #[error(
        "the database of {client} holds entry {number}, which the archive does not have like that: \
         this is another archive; check the bucket, then run `catwing raw verify --client {client}`"
    )]
    OtherEntry {
        /// The tenant.
        client: TenantId,
        /// The entry.
        number: EntryNumber,
    },
    /// An entry that decides what the database holds, of a kind that can't be applied here.
    #[error(
        "entry {number} of {client} is a {kind}, which this version of catwing can't apply: use a newer one"
    )]
    UnknownEntry {
        /// The tenant.
        client: TenantId,
        /// The entry.
        number: EntryNumber,
        /// Its kind.
        kind: &'static str,
    },
    /// The mapping of an entry is no mapping any more.
    #[error("the mapping {hash} of entry {number} of {client} can't be used: {reason}")]
    Mapping {
        /// The tenant.
        client: TenantId,
        /// The entry.
        number: EntryNumber,
        /// The mapping.
        hash: Sha256Hash,
        /// Its mistakes.
        reason: String,
    },
    /// A remap can't put its mapping in the place of a delivery's own.
    #[error("entry {number} of {client} can't have {entity} read by the mapping {hash}: {reason}")]
    Remap {
        /// The tenant.
        client: TenantId,
        /// The delivery's entry.
        number: EntryNumber,
        /// The entity that is remapped.
        entity: String,
        /// The mapping of the remap.
        hash: Sha256Hash,
        /// What is in the way.
        reason: String,
    },
    /// The database holds rows of another version of transform, which are never mixed with others.
    #[error(
        "the database of {client} was loaded with transform version {loaded}, and this is version {current}: \
         run `catwing recovery rebuild --client {client}`"
    )]
    OtherTransform {
        /// The tenant.
        client: TenantId,
        /// The version that made what is loaded.
        loaded: i32,
        /// The version of this program.
        current: i32,
    },
    /// A delivery could not be transformed.
    #[error("failed to transform entry {number} of {client}")]
    Transform {
        /// The tenant.
        client: TenantId,
        /// The entry.
        number: EntryNumber,
        /// What transform said.
        #[source]
        source: Box<TransformError>,
    },
    /// Deliveries could not be loaded.
    #[error("failed to load deliveries of {client}")]
    Load {
        /// The tenant.
        client: TenantId,
        /// What load said.
        #[source]
        source: LoadError,
    },
    /// Another process rebuilds, restores or loads the tenant.
    #[error(
        "{client} is being rebuilt, restored or loaded by another process: wait until it has ended, then try again"
    )]
    Locked {
        /// The tenant.
        client: TenantId,
    },
    /// The schemas beside the live ones could not be made or dropped.
    #[error(
        "failed to make or drop schemas beside those of {client}: connect as the database's administrator, and see the cause"
    )]
    Schemas {
        /// The tenant.
        client: TenantId,
        /// What migrations said.
        #[source]
        source: MigrationError,
    },
    /// The schemas beside the live ones could not be looked at, or switched to.
    #[error(
        "failed to {what} the schemas of {client}; the live ones are as they were: see the cause, then try again"
    )]
    Site {
        /// The tenant.
        client: TenantId,
        /// What was being done.
        what: &'static str,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// Statistics of rebuilt or restored tables could not be computed.
    #[error(
        "failed to compute statistics of {client}; what is loaded stays: see the cause, then try again"
    )]
    Statistics {
        /// The tenant.
        client: TenantId,
        /// What statistics said.
        #[source]
        source: Box<StatsError>,
    },
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
            Self::ReadArchive { source, .. } => source.class(),
            Self::ReadLedger { source, .. } | Self::Load { source, .. } => source.class(),
            Self::OtherEntry { .. } => ErrorClass::Raw,
            Self::UnknownEntry { .. }
            | Self::Mapping { .. }
            | Self::Remap { .. }
            | Self::OtherTransform { .. } => ErrorClass::Operator,
            Self::Transform { source, .. } => match **source {
                TransformError::Place { .. }
                | TransformError::Lookup { .. }
                | TransformError::Correction { .. } => ErrorClass::Data,
                TransformError::Write { .. } | TransformError::Conservation { .. } => {
                    ErrorClass::Bug
                }
            },
            Self::Locked { .. } => ErrorClass::Locked,
            Self::Schemas { .. } => ErrorClass::Operator,
            Self::Statistics { source, .. } => source.class(),
            Self::BeginDigest { source, .. }
            | Self::DigestTable { source, .. }
            | Self::Site { source, .. } => match source {
                sqlx::Error::Database(_) => ErrorClass::Operator,
                _ => ErrorClass::Transient,
            },
            Self::DigestServer { .. } | Self::Incomparable { .. } => ErrorClass::Operator,
            Self::DigestSum { .. } => ErrorClass::Bug,
        }
    }
}
