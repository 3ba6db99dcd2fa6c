//! What can go wrong while a database is proved or brought back.

mod class;

use std::{io, path::PathBuf};

use catwing_domain::{
    DomainError, TenantId,
    manifest::{EntryNumber, Sha256Hash},
};
use catwing_load::LoadError;
use catwing_migrations::MigrationError;
use catwing_raw_store::RawStoreError;
use catwing_stats::StatsError;
use catwing_transform::TransformError;
use sea_orm::sqlx;
use thiserror::Error;

use crate::backup::Flaw;

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
    /// The report of a drill can't be written, or is none.
    #[error("{key} is no report of a drill: remove it, or use the catwing that wrote it")]
    DrillReport {
        /// Its key.
        key: String,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// The archive lacks what its manifest names.
    #[error(
        "the archive of {client} has lost or damaged {gaps} of its objects, the first is {first}: \
         see them all with `catwing raw verify --client {client} --deep`, bring them back from a version of \
         the bucket, or rebuild without them: --allow-gaps"
    )]
    Gaps {
        /// The tenant.
        client: TenantId,
        /// How many.
        gaps: usize,
        /// The first of them.
        first: String,
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
    /// An address of a database that PostgreSQL's programs can't be told.
    #[error(
        "the database's address is no URL: DATABASE_URL is like postgres://user@host:5432/name"
    )]
    Address {
        /// What is wrong with it.
        #[source]
        source: url::ParseError,
    },
    /// Another backup of the database is under way.
    #[error("another backup of this database is under way: wait for it to end")]
    BackupRuns,
    /// A database without anything of Catwing's.
    #[error(
        "there is nothing to back up in this database: add a tenant with `catwing tenant add FILE.toml`"
    )]
    NothingToBackUp,
    /// A pg_dump that is older than the server.
    #[error(
        "pg_dump {client} can't dump a server of version {server}: install the clients of version \
         {major}, on Debian by `apt-get install postgresql-client-{major}`, or name their folder in CATWING_PG_BIN"
    )]
    ClientOlder {
        /// The version of pg_dump.
        client: String,
        /// The version of the server.
        server: String,
        /// The major version of the server.
        major: u32,
    },
    /// A server, or its clients, older than that of a backup.
    #[error(
        "a backup of a server of version {backup} can't be restored to one of version {server} by psql {client}: \
         restore to a server and with clients that are as new"
    )]
    OlderThanBackup {
        /// The version of the server that was backed up.
        backup: String,
        /// The version of the server to restore to.
        server: String,
        /// The version of psql.
        client: String,
    },
    /// The snapshot of a backup could not be taken, or was lost.
    #[error(
        "failed to hold a snapshot of the database: check its address, and that the server runs"
    )]
    Snapshot {
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// Where a tenant stands could not be read.
    #[error(
        "failed to read where {client} stands: run `catwing migrate`, and back up as the owner of the database \
         or as a member of every tenant's roles"
    )]
    BackupRead {
        /// The tenant.
        client: TenantId,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// A ledger with an entry that has no number or no hash.
    #[error(
        "the ledger of {client} has an entry without a number or a SHA-256: rebuild {client} from raw"
    )]
    LedgerUnreadable {
        /// The tenant.
        client: TenantId,
    },
    /// A clock that is at no day.
    #[error("the machine's clock is wrong: set it, since a backup is named after its day")]
    Clock {
        /// What is wrong with its day.
        #[source]
        source: DomainError,
    },
    /// A program of PostgreSQL that does not start.
    #[error("failed to start {}: `catwing doctor` says how to install PostgreSQL's clients", program.display())]
    StartProgram {
        /// The program.
        program: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A pg_dump that failed.
    #[error("pg_dump of {client} failed; run the backup again when that is mended: {said}")]
    Dump {
        /// The tenant.
        client: TenantId,
        /// What it said.
        said: String,
    },
    /// A dump that ended too early, or is none.
    #[error("what pg_dump wrote of {client} is no whole dump, {said}: run the backup again")]
    DumpBroken {
        /// The tenant.
        client: TenantId,
        /// What is wrong with it.
        said: String,
    },
    /// Bytes of a dump got lost between programs of this machine.
    #[error(
        "failed to pass on the dump of {client}: check memory and processes of this machine, and run the command again"
    )]
    Pipe {
        /// The tenant.
        client: TenantId,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A sidecar that can't be written.
    #[error("failed to write the sidecar of a backup: report this as a fault of catwing")]
    WriteSidecar {
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The archive failed while backups were written or read.
    #[error("failed to reach the backups in the archive")]
    BackupStore {
        /// What the raw store said.
        #[source]
        source: Box<RawStoreError>,
    },
    /// A backup that is not what it should be.
    #[error("the backup {key} is not good, {flaw}: use another one, and run `catwing backup`")]
    BackupFlawed {
        /// Its key.
        key: String,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// No backup can be used.
    #[error(
        "there is no good backup{refused}: run `catwing backup`, or rebuild from raw with `catwing recovery rebuild`"
    )]
    NoGoodBackup {
        /// Those that were refused, and why.
        refused: String,
    },
    /// A tenant that a backup does not have.
    #[error(
        "{client} is not in the backup {key}: `catwing backup list` shows which tenants are in which"
    )]
    NotInBackup {
        /// The tenant.
        client: TenantId,
        /// The backup's key.
        key: String,
    },
    /// Schemas that stand where a tenant should be restored to.
    #[error(
        "{client} can't be restored where {schemas} is already: drop that first, or restore beside it"
    )]
    InTheWay {
        /// The tenant.
        client: TenantId,
        /// What is there.
        schemas: String,
    },
    /// A tenant without the schema that all share.
    #[error("{client} can't be restored to a database without cw_global: restore CW-GLOBAL first")]
    SharedMissing {
        /// The tenant.
        client: TenantId,
    },
    /// The database that is restored to failed.
    #[error(
        "failed to restore {client}: check the address and rights of the database that it goes to"
    )]
    RestoreTarget {
        /// The tenant.
        client: TenantId,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// A dump that the database did not take.
    #[error("the database refused the dump of {client}, and nothing of it is there: {said}")]
    RestoreSql {
        /// The tenant.
        client: TenantId,
        /// What psql said.
        said: String,
    },
    /// A foreign key into the shared schema that does not hold, or could not be added.
    #[error(
        "failed to add {constraint} to the restored {client}: drop its schemas and restore it again"
    )]
    SharedKey {
        /// The tenant.
        client: TenantId,
        /// The key.
        constraint: String,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
}

impl RecoveryError {
    pub(crate) fn backup_store(source: RawStoreError) -> Self {
        Self::BackupStore {
            source: Box::new(source),
        }
    }

    pub(crate) fn flawed(key: &str, flaw: Flaw) -> Self {
        Self::BackupFlawed {
            key: key.to_owned(),
            flaw,
        }
    }

    pub(crate) fn no_good_backup(refused: &[(String, Flaw)]) -> Self {
        let told = |(key, flaw): &(String, Flaw)| format!("\n  {key}: {flaw}");
        Self::NoGoodBackup {
            refused: refused.iter().map(told).collect(),
        }
    }
}
