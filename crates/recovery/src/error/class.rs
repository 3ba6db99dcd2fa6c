//! What the caller should do about each error: wait, mend data, change a setting, report.

use catwing_domain::ErrorClass;
use catwing_transform::TransformError;
use sea_orm::sqlx;

use super::RecoveryError;

impl RecoveryError {
    /// What the caller should do.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::ReadArchive { source, .. } | Self::BackupStore { source } => source.class(),
            Self::ReadLedger { source, .. } | Self::Load { source, .. } => source.class(),
            Self::OtherEntry { .. } | Self::Gaps { .. } => ErrorClass::Raw,
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
            Self::Schemas { .. } | Self::DrillReport { .. } => ErrorClass::Operator,
            Self::Statistics { source, .. } => source.class(),
            Self::BeginDigest { source, .. }
            | Self::DigestTable { source, .. }
            | Self::Site { source, .. }
            | Self::BackupRead { source, .. }
            | Self::RestoreTarget { source, .. }
            | Self::SharedKey { source, .. } => match source {
                sqlx::Error::Database(_) => ErrorClass::Operator,
                _ => ErrorClass::Transient,
            },
            Self::DigestServer { .. } | Self::Incomparable { .. } => ErrorClass::Operator,
            Self::DigestSum { .. } | Self::WriteSidecar { .. } => ErrorClass::Bug,
            Self::BackupRuns => ErrorClass::Locked,
            Self::Snapshot { .. } | Self::Pipe { .. } | Self::DumpBroken { .. } => {
                ErrorClass::Transient
            }
            Self::Address { .. }
            | Self::NothingToBackUp
            | Self::ClientOlder { .. }
            | Self::OlderThanBackup { .. }
            | Self::Clock { .. }
            | Self::StartProgram { .. }
            | Self::NotInBackup { .. }
            | Self::InTheWay { .. }
            | Self::SharedMissing { .. } => ErrorClass::Operator,
            Self::LedgerUnreadable { .. }
            | Self::Dump { .. }
            | Self::BackupFlawed { .. }
            | Self::NoGoodBackup { .. }
            | Self::RestoreSql { .. } => ErrorClass::Data,
        }
    }
}
