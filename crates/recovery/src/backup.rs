//! Backups: one file a day, all of one snapshot, from which a person restores everything with `gunzip`
//! and `psql`, and [`Restore`] one tenant by a ranged read. `docs/BACKUP.md` describes the format.
//!
//! A backup exists when, and only when, its sidecar does; that is put last, after every byte of the
//! file was read back. What was begun stands under keys of its own until then, and the next backup
//! clears it away.

mod client;
mod flaw;
mod ground;
mod member;
mod restore;
mod shelf;
mod sidecar;
mod snapshot;
mod sql;
mod take;
mod verify;

pub use client::{ClientTools, DatabaseAddress};
pub use flaw::Flaw;
pub use restore::{Restore, Restored};
pub use shelf::{Found, NewestGood, Retention, Shelf, list, newest_good, retain};
pub use sidecar::{
    BACKUP_FORMAT, Member, Part, SIDECAR_BYTES_MAX, SchemaState, Sidecar, TenantState,
};
pub use snapshot::BACKUP_LOCK;
pub use take::{Backup, BackupProgress, BackupWatch, Phase, Taken};
pub use verify::verify;
