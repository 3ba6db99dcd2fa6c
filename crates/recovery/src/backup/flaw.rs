//! What can be wrong with a backup.

use catwing_domain::TenantId;
use thiserror::Error;

use super::{BACKUP_FORMAT, sql::NotSql};

/// Why a backup is not used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Flaw {
    /// It has no sidecar: it was never finished.
    #[error("it has no sidecar, so it was never finished")]
    Unsealed,
    /// There is a sidecar and nothing else.
    #[error("the file of its sidecar is missing")]
    Missing,
    /// A sidecar that can't be read.
    #[error("its sidecar can't be read: {0}")]
    SidecarUnreadable(String),
    /// A sidecar of another version.
    #[error("its sidecar is of format {0}, and this version of catwing reads {BACKUP_FORMAT}")]
    Format(u32),
    /// A sidecar whose own checksum is not right.
    #[error("its sidecar was changed after it was written")]
    SidecarChanged,
    /// A sidecar that speaks of another file.
    #[error("its sidecar is that of {0}")]
    Stale(String),
    /// A file of another size than the sidecar says.
    #[error("it has {found_bytes} bytes where its sidecar says {expected_bytes}")]
    Size {
        /// Its bytes.
        found_bytes: u64,
        /// Those of the sidecar.
        expected_bytes: u64,
    },
    /// Members that do not follow each other, or are not all there.
    #[error("its sidecar does not tell a member for every byte of it and every tenant")]
    Members,
    /// Bytes of a member that are not those that were written.
    #[error("the bytes of {client} are not those that were written")]
    Sha256 {
        /// Whose member.
        client: TenantId,
    },
    /// A member that is no gzip, or whose checksum is wrong.
    #[error("the bytes of {client} can't be decompressed: {reason}")]
    Gzip {
        /// Whose member.
        client: TenantId,
        /// Why.
        reason: String,
    },
    /// A member that is no SQL of a dump.
    #[error("the SQL of {client} is no whole dump: {reason}")]
    Sql {
        /// Whose member.
        client: TenantId,
        /// Why.
        reason: String,
    },
    /// A table with other rows than the same snapshot had.
    #[error("{table} of {client} has {found} rows in it where the snapshot had {expected}")]
    Rows {
        /// The tenant.
        client: TenantId,
        /// The table.
        table: String,
        /// Rows in the backup, or `no`.
        found: String,
        /// Rows of the snapshot.
        expected: u64,
    },
}

impl Flaw {
    pub(super) fn not_sql(client: TenantId, reason: NotSql) -> Self {
        Self::Sql {
            client,
            reason: reason.to_string(),
        }
    }
}
