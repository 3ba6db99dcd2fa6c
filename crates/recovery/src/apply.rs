//! Applying deliveries: from the raw archive through transform into the database. Every way to the
//! database is this one: a day's run, a backfill, a replay.

mod grouping;
mod mappings;
mod plan;
mod proposal;
mod reading;
mod remap;
mod report;
mod staging;
mod transaction;

use std::{collections::BTreeSet, time::Duration};

use catwing_domain::{BusinessDay, Clock, ErrorClass, TenantId, manifest::EntryNumber};
use catwing_load::Loader;
use catwing_raw_store::Store;

use crate::RecoveryError;
use mappings::Mappings;
use transaction::Transaction;

pub use grouping::{Grouping, TRANSACTION_BYTES_MAX, TRANSACTION_DELIVERIES_MAX};
pub use plan::{Pending, Plan, RebuildReason, Refused};
pub use proposal::{Proposal, propose_remap};
pub use remap::ReadBy;
pub use report::{ApplyReport, NewDrift, RecordTotals};

/// How often a transaction is tried that the outside world broke.
const ATTEMPTS_MAX: u32 = 4;
/// The pause before the second attempt; it doubles with each.
const RETRY_PAUSE: Duration = Duration::from_millis(500);

/// Hears of progress.
pub type Watch<'w> = &'w (dyn Fn(ApplyProgress) + Send + Sync);

/// Applies a tenant's deliveries.
pub struct Applier<'a> {
    /// The archive.
    pub store: &'a Store,
    /// The database.
    pub loader: &'a Loader,
    /// Whose deliveries.
    pub tenant: TenantId,
    /// The run that applies them.
    pub run_id: &'a str,
    /// Where the ledger's times come from.
    pub clock: &'a dyn Clock,
    /// How much goes into one transaction.
    pub grouping: Grouping,
    /// Entries of the manifest that can't be read and are left out; none but in a rebuild that may.
    pub lost_entries: BTreeSet<EntryNumber>,
}

/// How far an apply is, after each delivery that is committed or staged.
#[derive(Clone, Copy, Debug)]
pub struct ApplyProgress {
    /// Raw bytes that were read.
    pub read_bytes: u64,
    /// Raw bytes of all deliveries.
    pub total_bytes: u64,
    /// Deliveries in the database.
    pub committed: usize,
    /// Deliveries in all.
    pub total: usize,
}

impl Applier<'_> {
    /// What the archive has and the database lacks, in the order of entries: [`Plan::pending`].
    ///
    /// # Errors
    /// As [`Self::plan`].
    pub async fn pending(&self) -> Result<Vec<Pending>, RecoveryError> {
        Ok(self.plan().await?.pending)
    }

    /// The deliveries of a business day that the archive has, loaded or not, refused or not, each as its own
    /// mapping reads it. The chain is checked on the way.
    ///
    /// # Errors
    /// [`RecoveryError::ReadArchive`].
    pub async fn landed(&self, day: BusinessDay) -> Result<Vec<Pending>, RecoveryError> {
        plan::landed(self, day).await
    }

    /// What is to be applied, and what only a rebuild can bring. The chain is checked on the way.
    ///
    /// # Errors
    /// [`RecoveryError::ReadArchive`], [`RecoveryError::ReadLedger`];
    /// [`RecoveryError::OtherEntry`] where the database holds an entry that the archive does not
    /// have; [`RecoveryError::UnknownEntry`] for kinds of entries that decide what the database
    /// holds and that this version can't apply.
    pub async fn plan(&self) -> Result<Plan, RecoveryError> {
        plan::plan(self).await
    }

    /// The delivery that holds a raw object, and what the database has it read by: to look at it with
    /// [`Self::inspect`] or [`Self::records_at`], whether it is loaded or not. None where no entry has it.
    ///
    /// # Errors
    /// [`RecoveryError::ReadArchive`], [`RecoveryError::ReadLedger`].
    pub async fn delivery_of(&self, object: &str) -> Result<Option<Pending>, RecoveryError> {
        plan::delivery_of(self, object).await
    }

    /// Applies deliveries in the order given, as many to a transaction as the grouping says.
    ///
    /// # Errors
    /// [`RecoveryError::OtherTransform`] where the database holds what went through another version of
    /// transform: nothing is mixed in place. Else any; transactions before the one that failed are in the database, nothing of it is.
    pub async fn apply(
        &self,
        pending: &[Pending],
        watch: Watch<'_>,
    ) -> Result<ApplyReport, RecoveryError> {
        self.check_transform(pending).await?;
        let mut report = ApplyReport::default();
        let mut mappings = Mappings::default();
        let mut progress = ApplyProgress {
            read_bytes: 0,
            total_bytes: pending.iter().map(Pending::size_bytes).sum(),
            committed: 0,
            total: pending.len(),
        };
        let mut rest = pending;
        while !rest.is_empty() {
            let (group, after) = rest.split_at(self.grouping.first_of(rest));
            let done = self
                .group_with_retries(group, &mut mappings, &mut progress, watch)
                .await?;
            report.add(done);
            progress.committed += group.len();
            watch(progress);
            rest = after;
        }
        Ok(report)
    }

    async fn check_transform(&self, pending: &[Pending]) -> Result<(), RecoveryError> {
        if pending.is_empty() {
            return Ok(());
        }
        let client = self.tenant;
        let applied = self.loader.applied(client).await;
        let applied = applied.map_err(|source| RecoveryError::ReadLedger { client, source })?;
        match plan::other_transforms(&applied).first() {
            Some(RebuildReason::Transform { loaded, current }) => {
                Err(RecoveryError::OtherTransform {
                    client,
                    loaded: *loaded,
                    current: *current,
                })
            }
            _ => Ok(()),
        }
    }

    /// The whole of the retry policy: what the outside world broke is tried again, all else is told.
    async fn group_with_retries(
        &self,
        group: &[Pending],
        mappings: &mut Mappings,
        progress: &mut ApplyProgress,
        watch: Watch<'_>,
    ) -> Result<ApplyReport, RecoveryError> {
        let mut pause = RETRY_PAUSE;
        let mut attempt = 1;
        let before = progress.read_bytes;
        loop {
            match self.group(group, mappings, progress, watch).await {
                Err(error) if attempt < ATTEMPTS_MAX && error.class() == ErrorClass::Transient => {
                    tracing::warn!(tenant = %self.tenant, attempt, error = %Chain(&error), "trying again");
                    tokio::time::sleep(pause).await;
                    progress.read_bytes = before;
                    (attempt, pause) = (attempt + 1, pause * 2);
                }
                done => return done,
            }
        }
    }

    /// One transaction.
    async fn group(
        &self,
        group: &[Pending],
        mappings: &mut Mappings,
        progress: &mut ApplyProgress,
        watch: Watch<'_>,
    ) -> Result<ApplyReport, RecoveryError> {
        let mut transaction = Transaction::begin(self, mappings, progress, watch).await?;
        for pending in group {
            if let Err(error) = transaction.deliver(pending).await {
                transaction.abort().await;
                return Err(error);
            }
        }
        transaction.commit().await
    }
}

/// An error with its causes, for the log.
struct Chain<'e>(&'e dyn std::error::Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
