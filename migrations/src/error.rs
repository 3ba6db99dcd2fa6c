//! What can go wrong while schemas are changed.

use sea_orm::DbErr;
use thiserror::Error;

/// A change of schemas that failed. Nothing of it remains: each scope changes in one transaction.
#[derive(Debug, Error)]
pub enum MigrationError {
    /// A name that is not one of a tenant's schemas or roles.
    #[error(
        "{0:?} can't be the name of a tenant's schema or role: it must be cw_ and up to 51 of a-z, 0-9 and _"
    )]
    Name(String),
    /// The shared schema is behind.
    #[error("schema cw_global is not migrated: run `catwing migrate`, which does it first")]
    GlobalFirst,
    /// Another transaction held what the migration needs for too long.
    #[error(
        "schema {schema} is in use: another migration or a long transaction holds it; wait for that to end and run the command again"
    )]
    Busy {
        /// The schema.
        schema: String,
        /// The lock time-out.
        #[source]
        source: DbErr,
    },
    /// The change could not begin.
    #[error(
        "failed to begin a change of schema {schema}: check the database's address, and that the server runs"
    )]
    Begin {
        /// The schema.
        schema: String,
        /// What the server said.
        #[source]
        source: DbErr,
    },
    /// Roles, schemas or rights could not be made.
    #[error(
        "failed to prepare roles and rights of schema {schema}: migrate as the owner of the database, with the right to create roles"
    )]
    Prepare {
        /// The schema.
        schema: String,
        /// What the server said.
        #[source]
        source: DbErr,
    },
    /// A migration failed.
    #[error(
        "failed to migrate schema {schema}, which is as it was: mend the cause and run the command again"
    )]
    Migrate {
        /// The schema.
        schema: String,
        /// What the server said.
        #[source]
        source: DbErr,
    },
    /// A migration could not be reverted.
    #[error(
        "failed to revert migrations of schema {schema}, which is as it was: remove what depends on it first"
    )]
    Revert {
        /// The schema.
        schema: String,
        /// What the server said.
        #[source]
        source: DbErr,
    },
    /// Which tenants are ready could not be read.
    #[error("failed to read which tenants are migrated: check the database's address and rights")]
    Ready {
        /// What the server said.
        #[source]
        source: DbErr,
    },
    /// The list of applied migrations could not be read.
    #[error(
        "failed to read which migrations schema {schema} has: check the database's address and rights"
    )]
    Status {
        /// The schema.
        schema: String,
        /// What the server said.
        #[source]
        source: DbErr,
    },
    /// A tenant's schemas could not be removed.
    #[error(
        "failed to remove schema {schema}, which is as it was: end what uses it and run the command again"
    )]
    Remove {
        /// The schema.
        schema: String,
        /// What the server said.
        #[source]
        source: DbErr,
    },
}
