//! What can fail in a load, and what to do about it.

use catwing_domain::{
    Entity, ErrorClass, TenantId,
    manifest::{EntryNumber, Sha256Hash},
};
use sea_orm::sqlx;
use thiserror::Error;

/// Why a load failed. Nothing of the transaction is in the database then, but after
/// [`LoadError::CommitUnknown`].
#[derive(Debug, Error)]
pub enum LoadError {
    /// No transaction could be opened in the tenant's schema and role.
    #[error(
        "failed to begin a load of {tenant}; check that the server answers and that the tenant was added and migrated"
    )]
    Begin {
        /// Whose load.
        tenant: TenantId,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// Fields that differ from what the mapping speaks of could not be written down.
    #[error(
        "failed to write the journal of drift of {tenant}; see the cause: what was loaded stays"
    )]
    Drift {
        /// Whose journal.
        tenant: TenantId,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// Another process applies deliveries of the tenant.
    #[error("{tenant} is being loaded by another process; wait until it has ended, then try again")]
    Locked {
        /// Whose load.
        tenant: TenantId,
    },
    /// The ledger could not be read.
    #[error("failed to read the load ledger of {tenant}; see the cause, then try again")]
    ReadLedger {
        /// Whose ledger.
        tenant: TenantId,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// The ledger holds a row that no load of ours writes.
    #[error(
        "the load ledger of {tenant} has an unreadable row for entry {entry}; rebuild the tenant from raw"
    )]
    LedgerRow {
        /// Whose ledger.
        tenant: TenantId,
        /// The row's key, as stored.
        entry: i64,
    },
    /// The database was loaded from another manifest than the one at hand.
    #[error(
        "entry {entry} was applied as {ledger}, but the manifest now has {manifest} in its place; \
         check the bucket and the database's address, or rebuild the tenant from raw"
    )]
    OtherManifest {
        /// The entry.
        entry: EntryNumber,
        /// What the ledger says was applied.
        ledger: Sha256Hash,
        /// What the manifest has.
        manifest: Sha256Hash,
    },
    /// Methods were called out of turn, or after one of them had failed.
    #[error("{0}; this is a bug in the caller: abort the load and report it")]
    OutOfTurn(&'static str),
    /// Transform handed on something that load can't take.
    #[error("entry {entry}: {what}; this is a bug in transform: report it")]
    Output {
        /// The delivery.
        entry: EntryNumber,
        /// What is wrong with it.
        what: String,
    },
    /// Rows could not be copied to their staging table.
    #[error("failed to stage rows of {what}; nothing was written: see the cause, then try again")]
    Stage {
        /// The table, or what else was staged.
        what: &'static str,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// Codes of currencies or languages could not be added to the shared schema.
    #[error(
        "failed to add codes to cw_global by {function}; nothing was written: see the cause, then try again"
    )]
    Shared {
        /// The function that adds them.
        function: &'static str,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// What follows from the merged rows could not be worked out.
    #[error("failed to work out {what}; nothing was written: see the cause, then try again")]
    Derive {
        /// What it is.
        what: &'static str,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// Two natural keys of a table have the same id.
    #[error(
        "key collision in {table}: {first:?} and {second:?} have the same id {id}; \
         set a key_salt in the tenant's file and rebuild the tenant"
    )]
    KeyCollision {
        /// The table.
        table: &'static str,
        /// The id of both.
        id: i64,
        /// One natural key.
        first: String,
        /// The other.
        second: String,
    },
    /// A row refers to another that is not there.
    #[error(
        "row {id} of {table} refers by {column} to {missing} in {parent}, which is not there; \
         nothing was written: this is a bug, report it with the delivery"
    )]
    BrokenReference {
        /// The row's table.
        table: &'static str,
        /// The row.
        id: i64,
        /// Its column.
        column: &'static str,
        /// The table that it leads to.
        parent: String,
        /// The id that no row of it has.
        missing: i64,
    },
    /// Staged rows could not be merged into their table.
    #[error("failed to merge {table}; nothing was written: see the cause, then try again")]
    Merge {
        /// The table.
        table: &'static str,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// Presence could not be brought up to date.
    #[error("failed to update presence; nothing was written: see the cause, then try again")]
    Presence {
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// Records could not be counted after the merge.
    #[error("failed to account for {entity}; nothing was written: see the cause, then try again")]
    Account {
        /// The records' kind.
        entity: &'static str,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// Records were lost or doubled between transform and the database.
    #[error(
        "conservation is broken for entry {entry}, {object}, {entity_name}: {difference}; \
         nothing was written: report it with the delivery",
        entity_name = entity.name()
    )]
    Conservation {
        /// The delivery.
        entry: EntryNumber,
        /// The raw object.
        object: String,
        /// The records' kind.
        entity: Entity,
        /// The numbers that do not agree.
        difference: String,
    },
    /// Rejects could not be written to quarantine.
    #[error("failed to write quarantine; nothing was written: see the cause, then try again")]
    Quarantine {
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// The ledger or its counts could not be written.
    #[error("failed to write the load ledger; nothing was written: see the cause, then try again")]
    WriteLedger {
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// The server refused to commit.
    #[error("failed to commit; nothing was written: see the cause, then try again")]
    Commit {
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// The connection died between COMMIT and its answer.
    #[error(
        "the connection was lost while committing, so the load is either whole or absent; \
         try again: the ledger tells which"
    )]
    CommitUnknown {
        /// How it was lost.
        #[source]
        source: sqlx::Error,
    },
    /// A step of a bulk load failed.
    #[error(
        "failed to {step} of a bulk load; what was done before stays: see the cause, then try again"
    )]
    Bulk {
        /// The step, and what it was at: `build the index products_pkey`.
        step: String,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// What a bulk load had staged is gone, as after a crash of the server.
    #[error("what the bulk load of {tenant} had staged is gone: begin it anew")]
    BulkLost {
        /// Whose load.
        tenant: TenantId,
    },
    /// The transaction could not be rolled back by us; the server does it when the connection ends.
    #[error("failed to roll the load back; the server does so by itself, try again")]
    Abort {
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
}

impl LoadError {
    /// What the caller should do.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Locked { .. } => ErrorClass::Locked,
            Self::OtherManifest { .. } => ErrorClass::Raw,
            Self::KeyCollision { .. } | Self::LedgerRow { .. } | Self::BulkLost { .. } => {
                ErrorClass::Operator
            }
            Self::OutOfTurn(_)
            | Self::Output { .. }
            | Self::BrokenReference { .. }
            | Self::Conservation { .. } => ErrorClass::Bug,
            Self::CommitUnknown { .. } | Self::Abort { .. } => ErrorClass::Transient,
            Self::Begin { source, .. }
            | Self::ReadLedger { source, .. }
            | Self::Drift { source, .. }
            | Self::Stage { source, .. }
            | Self::Shared { source, .. }
            | Self::Derive { source, .. }
            | Self::Merge { source, .. }
            | Self::Presence { source }
            | Self::Account { source, .. }
            | Self::Quarantine { source }
            | Self::WriteLedger { source }
            | Self::Bulk { source, .. }
            | Self::Commit { source } => class_of(source),
        }
    }
}

/// What to do about an error of the database or of the way to it.
fn class_of(error: &sqlx::Error) -> ErrorClass {
    match error {
        sqlx::Error::Database(error) => error
            .code()
            .map_or(ErrorClass::Bug, |code| class_of_state(&code)),
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => ErrorClass::Transient,
        sqlx::Error::Configuration(_) | sqlx::Error::Tls(_) => ErrorClass::Operator,
        _ => ErrorClass::Bug,
    }
}

fn class_of_state(state: &str) -> ErrorClass {
    match state {
        // A lock that is not free, and a server that starts, stops or was told to drop us.
        "55P03" => ErrorClass::Transient,
        // No such schema, table, function or role, and no right to it: not migrated, or not ours.
        "3D000" | "3F000" | "42P01" | "42703" | "42704" | "42883" | "42501" | "22023" | "25006" => {
            ErrorClass::Operator
        }
        _ => match state.get(..2) {
            // Connection, rollback (serialization, deadlock), resources, intervention, system.
            Some("08" | "40" | "53" | "57" | "58") => ErrorClass::Transient,
            Some("28") => ErrorClass::Operator,
            _ => ErrorClass::Bug,
        },
    }
}

/// Whether a failed COMMIT may have taken effect: no answer came, or the server was going down.
pub(crate) fn is_ambiguous(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => error
            .code()
            .is_some_and(|state| state.starts_with("08") || state.starts_with("57P")),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use catwing_domain::ErrorClass;
    use sea_orm::sqlx;

    use super::{LoadError, class_of_state, is_ambiguous};

    #[test]
    fn states_say_what_to_do() {
        for (state, class) in [
            ("57P01", ErrorClass::Transient),
            ("40P01", ErrorClass::Transient),
            ("53300", ErrorClass::Transient),
            ("55P03", ErrorClass::Transient),
            ("42501", ErrorClass::Operator),
            ("42P01", ErrorClass::Operator),
            ("28P01", ErrorClass::Operator),
            ("23514", ErrorClass::Bug),
            ("42601", ErrorClass::Bug),
            ("", ErrorClass::Bug),
        ] {
            assert_eq!(class_of_state(state), class, "{state}");
        }
    }

    #[test]
    fn the_cause_is_in_the_chain_and_not_in_the_text() {
        let error = LoadError::Merge {
            table: "products",
            source: sqlx::Error::PoolTimedOut,
        };
        assert!(!error.to_string().contains("pool"));
        assert!(error.source().is_some());
        assert_eq!(error.class(), ErrorClass::Transient);
        assert!(is_ambiguous(&sqlx::Error::WorkerCrashed));
    }
}
