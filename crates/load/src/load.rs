//! A load: one transaction that takes whole deliveries of a tenant, all of them or none.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use catwing_domain::{
    City, Clock, ObjectCounts, Output, PresenceScope, RowKey, TableId, TenantId,
    failpoint::{self, failpoint},
    manifest::EntryNumber,
};
use sea_orm::sqlx::{PgConnection, Postgres, Transaction};

use crate::{
    DeliveryHead, LoadError, ObjectEntity, RecordCounts, account,
    bulk::deliveries,
    derive,
    derive::Replaced,
    error::is_ambiguous,
    ledger,
    loader::Way,
    merge,
    merge::Written,
    presence, quarantine, shared,
    stage::{Stage, Staged, StagedScope},
};

/// A load in progress. Its transaction holds the tenant's lock until [`Load::commit`] or
/// [`Load::abort`]; a load that is dropped is rolled back a moment later.
///
/// After a method has failed, or was cancelled, every further one fails but [`Load::abort`].
#[derive(Debug)]
pub struct Load {
    transaction: Transaction<'static, Postgres>,
    tenant: TenantId,
    way: Way,
    stage: Stage,
    done: Vec<Delivery>,
    open: Option<Delivery>,
    currencies: BTreeMap<String, i64>,
    languages: BTreeMap<String, i64>,
    cities: BTreeMap<City, i64>,
    users: BTreeMap<String, i64>,
    presence: Marks,
    /// Whether all that was begun has also succeeded.
    sound: bool,
    copying: Duration,
}

/// What a load has done.
#[derive(Clone, Debug, Default)]
pub struct LoadReport {
    /// What became of each delivery's records, in the order of loading.
    pub deliveries: Vec<DeliveryReport>,
    /// Rows inserted or updated per table.
    pub rows_written: BTreeMap<TableId, u64>,
    /// How long it took.
    pub phases: PhaseSeconds,
}

/// What became of the records of a delivery.
#[derive(Clone, Debug)]
pub struct DeliveryReport {
    /// The delivery's entry.
    pub entry: EntryNumber,
    /// Counts by raw object and kind of record.
    pub counts: BTreeMap<ObjectEntity, RecordCounts>,
}

/// Seconds that the phases of a load took.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PhaseSeconds {
    /// Copying to staging.
    pub copy: f64,
    /// Merging staged rows.
    pub merge: f64,
    /// Bringing presence up to date.
    pub presence: f64,
    /// Working out what follows from other rows.
    pub derive: f64,
    /// Quarantine, accounts and ledger.
    pub account: f64,
    /// Building keys and indexes, in a bulk load.
    pub index: f64,
    /// COMMIT.
    pub commit: f64,
}

#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) head: DeliveryHead,
    pub(crate) counts: BTreeMap<ObjectEntity, ObjectCounts>,
}

/// Marks of presence that wait for their scopes, and the scopes that have theirs.
#[derive(Debug, Default)]
struct Marks {
    group: i32,
    waiting: BTreeSet<TableId>,
    scopes: Vec<StagedScope>,
}

impl Load {
    /// A load that goes on with what is staged, and numbers its marks of presence from `group` on.
    pub(crate) fn of(
        transaction: Transaction<'static, Postgres>,
        tenant: TenantId,
        way: Way,
        stage: Stage,
        group: i32,
    ) -> Self {
        Self {
            transaction,
            tenant,
            way,
            stage,
            done: Vec::new(),
            open: None,
            currencies: BTreeMap::new(),
            languages: BTreeMap::new(),
            cities: BTreeMap::new(),
            users: BTreeMap::new(),
            presence: Marks {
                group,
                ..Marks::default()
            },
            sound: true,
            copying: Duration::ZERO,
        }
    }

    /// Begins a delivery. False where the ledger, or this load, has it already: then there is
    /// nothing to do for it.
    ///
    /// # Errors
    /// [`LoadError::OtherManifest`], [`LoadError::ReadLedger`], [`LoadError::OutOfTurn`].
    pub async fn begin_delivery(&mut self, head: DeliveryHead) -> Result<bool, LoadError> {
        self.take_turn()?;
        if self.open.is_some() {
            return Err(LoadError::OutOfTurn("the delivery before was not ended"));
        }
        let here = self.done.iter().any(|done| done.head.entry == head.entry);
        let held = here
            || ledger::holds(&mut self.transaction, self.tenant, self.way.book(), &head).await?;
        if !held {
            self.open = Some(Delivery {
                head,
                counts: BTreeMap::new(),
            });
        }
        self.sound = true;
        Ok(!held)
    }

    /// Copies a stretch of the delivery to staging. May be called any number of times.
    ///
    /// # Errors
    /// [`LoadError::Stage`], [`LoadError::Output`], [`LoadError::OutOfTurn`].
    pub async fn stage(&mut self, output: &Output) -> Result<(), LoadError> {
        self.take_turn()?;
        let Some(delivery) = &self.open else {
            return Err(LoadError::OutOfTurn("no delivery was begun"));
        };
        failpoint(failpoint::LOAD_BEFORE_COPY);
        let started = Instant::now();
        let head = &delivery.head;
        self.stage
            .take(
                &mut self.transaction,
                head.entry,
                &head.objects,
                self.presence.group,
                output,
            )
            .await?;
        let marked = output.present.iter().map(|mark| mark.table);
        self.presence.waiting.extend(marked);
        remember(&mut self.currencies, &output.currencies);
        remember(&mut self.languages, &output.languages);
        remember(&mut self.cities, &output.cities);
        remember(&mut self.users, &output.users);
        self.copying += started.elapsed();
        failpoint(failpoint::LOAD_AFTER_COPY);
        self.sound = true;
        Ok(())
    }

    /// Says which scopes the keys belong to that were marked present since the last such call. Needed
    /// between two datasets, or two scopes, of a delivery that feed the same table; the last ones
    /// are given to [`Load::end_delivery`].
    ///
    /// # Errors
    /// [`LoadError::Output`] where keys have no scope or more than one; [`LoadError::OutOfTurn`].
    pub fn presence(&mut self, scopes: &[PresenceScope]) -> Result<(), LoadError> {
        self.take_turn()?;
        let Some(delivery) = &self.open else {
            return Err(LoadError::OutOfTurn("no delivery was begun"));
        };
        self.presence.close(delivery.head.entry, scopes)?;
        self.sound = true;
        Ok(())
    }

    /// Ends the delivery: `counts` are what transform read, by raw object and kind of record;
    /// `presence` is as in [`Load::presence`].
    ///
    /// # Errors
    /// [`LoadError::Output`], [`LoadError::OutOfTurn`].
    pub async fn end_delivery(
        &mut self,
        counts: &BTreeMap<ObjectEntity, ObjectCounts>,
        presence: &[PresenceScope],
    ) -> Result<(), LoadError> {
        self.presence(presence)?;
        self.take_turn()?;
        let Some(mut delivery) = self.open.take() else {
            return Err(LoadError::OutOfTurn("no delivery was begun"));
        };
        let entry = delivery.head.entry;
        let objects = delivery.head.objects.len();
        if let Some((object, _)) = counts.keys().find(|(object, _)| *object >= objects) {
            let what = format!("object {object} is not one of the delivery's {objects}");
            return Err(LoadError::Output { entry, what });
        }
        delivery.counts.clone_from(counts);
        self.done.push(delivery);
        self.sound = true;
        Ok(())
    }

    /// Merges all deliveries, updates presence, settles the accounts, writes the ledger and commits. In a
    /// bulk load, commits what is staged; the report is empty then.
    ///
    /// # Errors
    /// Any; nothing is written then, but that [`LoadError::CommitUnknown`] leaves it open: the load
    /// is whole or absent, and [`crate::Loader::applied`] tells which.
    pub async fn commit(mut self, clock: &dyn Clock) -> Result<LoadReport, LoadError> {
        let written = match self.way {
            Way::Merge => self.write(clock).await,
            Way::Bulk => self.keep().await,
        };
        let mut report = match written {
            Ok(report) => report,
            Err(error) => {
                // Rolled back here, the tenant's lock is free when the caller learns of the error.
                // Where that fails the connection is gone, and its transaction with it.
                let _ = self.transaction.rollback().await;
                return Err(error);
            }
        };
        failpoint(failpoint::LOAD_BEFORE_COMMIT);
        let started = Instant::now();
        match self.transaction.commit().await {
            Ok(()) => {}
            Err(source) if is_ambiguous(&source) => {
                return Err(LoadError::CommitUnknown { source });
            }
            Err(source) => return Err(LoadError::Commit { source }),
        }
        failpoint(failpoint::LOAD_AFTER_COMMIT);
        report.phases.commit = started.elapsed().as_secs_f64();
        tracing::debug!(
            tenant = %self.tenant,
            deliveries = report.deliveries.len(),
            rows = report.rows_written.values().sum::<u64>(),
            phases = ?report.phases,
            "loaded"
        );
        Ok(report)
    }

    /// Rolls the load back.
    ///
    /// # Errors
    /// [`LoadError::Abort`] where the connection is gone; the server rolls back then.
    pub async fn abort(self) -> Result<(), LoadError> {
        let rolled_back = self.transaction.rollback().await;
        rolled_back.map_err(|source| LoadError::Abort { source })
    }

    async fn write(&mut self, clock: &dyn Clock) -> Result<LoadReport, LoadError> {
        self.take_turn()?;
        if self.open.is_some() {
            return Err(LoadError::OutOfTurn("the last delivery was not ended"));
        }
        let mut phases = PhaseSeconds::default();
        let started = Instant::now();
        self.stage
            .scopes(&mut self.transaction, &self.presence.scopes)
            .await?;
        self.stage.analyze(&mut self.transaction).await?;
        phases.copy = (self.copying + started.elapsed()).as_secs_f64();

        let started = Instant::now();
        self.infer_shared().await?;
        let connection = &mut *self.transaction;
        let scopes = &self.presence.scopes;
        let shared = self.tenant == TenantId::GLOBAL;
        if !shared {
            derive::prepare(connection, &self.stage).await?;
        }
        let mut written = merge::merge(connection, &self.stage).await?;
        derive::stock(connection, &self.stage, &mut written).await?;
        phases.merge = started.elapsed().as_secs_f64();
        failpoint(failpoint::LOAD_AFTER_MERGE);

        let started = Instant::now();
        presence::update(connection, &self.stage, scopes, &mut written).await?;
        phases.presence = started.elapsed().as_secs_f64();

        let started = Instant::now();
        if !shared {
            let replaced = Replaced::Noted;
            derive::derive(
                connection,
                &self.stage,
                scopes,
                &self.done,
                replaced,
                &mut written,
            )
            .await?;
        }
        phases.derive = started.elapsed().as_secs_f64();

        let started = Instant::now();
        let deliveries = settle(connection, &self.stage, &self.done, &mut written, clock).await?;
        phases.account = started.elapsed().as_secs_f64();
        Ok(LoadReport {
            deliveries,
            rows_written: written,
            phases,
        })
    }

    /// Keeps what a bulk load has staged, with all that is needed to finish it.
    async fn keep(&mut self) -> Result<LoadReport, LoadError> {
        self.take_turn()?;
        if self.open.is_some() {
            return Err(LoadError::OutOfTurn("the last delivery was not ended"));
        }
        let started = Instant::now();
        self.stage
            .scopes(&mut self.transaction, &self.presence.scopes)
            .await?;
        self.infer_shared().await?;
        deliveries::write(&mut self.transaction, &self.done)
            .await
            .map_err(|source| LoadError::WriteLedger { source })?;
        let copy = (self.copying + started.elapsed()).as_secs_f64();
        Ok(LoadReport {
            phases: PhaseSeconds {
                copy,
                ..PhaseSeconds::default()
            },
            ..LoadReport::default()
        })
    }

    /// Adds what the tenant's records name and all tenants share.
    async fn infer_shared(&mut self) -> Result<(), LoadError> {
        let connection = &mut *self.transaction;
        shared::codes(connection, "infer_currencies", &self.currencies).await?;
        shared::codes(connection, "infer_languages", &self.languages).await?;
        shared::cities(connection, &self.cities).await?;
        shared::users(connection, self.tenant, &self.users).await
    }

    /// Refuses a call after one that has failed or was cancelled: part of what it wrote may be staged.
    fn take_turn(&mut self) -> Result<(), LoadError> {
        if std::mem::take(&mut self.sound) {
            return Ok(());
        }
        Err(LoadError::OutOfTurn("an earlier call of this load failed"))
    }
}

impl Marks {
    fn close(&mut self, entry: EntryNumber, scopes: &[PresenceScope]) -> Result<(), LoadError> {
        for table in &self.waiting {
            let named: BTreeSet<_> = scopes
                .iter()
                .filter(|scope| scope.table == *table)
                .map(|scope| (scope.dataset, &scope.scope))
                .collect();
            if named.len() != 1 {
                let (name, scopes) = (table.name(), named.len());
                let what = format!("keys of {name} are marked present in {scopes} scopes");
                return Err(LoadError::Output { entry, what });
            }
        }
        let group = self.group;
        let staged = scopes.iter().map(|scope| StagedScope {
            group,
            scope: scope.clone(),
        });
        self.scopes.extend(staged);
        self.waiting.clear();
        self.group = self.group.saturating_add(1);
        Ok(())
    }
}

/// Writes quarantine, compares what was read with what is there, and writes the ledger.
pub(crate) async fn settle(
    connection: &mut PgConnection,
    stage: &Stage,
    deliveries: &[Delivery],
    written: &mut Written,
    clock: &dyn Clock,
) -> Result<Vec<DeliveryReport>, LoadError> {
    if stage.has(Staged::Rejects) {
        let rows = quarantine::write(connection).await?;
        written.insert(TableId::Quarantine, rows);
    }
    let accounts = account::count(connection, stage).await?;
    let mut settled = Vec::with_capacity(deliveries.len());
    for Delivery { head, counts } in deliveries {
        let counts = account::settle(head.entry, &head.objects, counts, &accounts)?;
        settled.push((head, counts));
    }
    ledger::write(connection, &settled, clock).await?;
    let reports = settled.into_iter().map(|(head, counts)| DeliveryReport {
        entry: head.entry,
        counts,
    });
    Ok(reports.collect())
}

/// Keeps the codes that are new.
fn remember<N: Ord + Clone>(known: &mut BTreeMap<N, i64>, named: &BTreeMap<N, RowKey>) {
    for (name, id) in named {
        if !known.contains_key(name) {
            known.insert(name.clone(), id.bits());
        }
    }
}
