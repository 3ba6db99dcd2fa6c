//! Applying deliveries: from the raw archive through transform into the database. Every way to the
//! database is this one: a day's run, a backfill, a replay.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use catwing_domain::{
    BusinessDay, Clock, Entity, Output, TenantId,
    manifest::{Body, Delivery, EntryNumber, Sha256Hash},
    tenant_file::TenantFile,
};
use catwing_load::{DeliveryHead, Load, LoadError, Loader, PhaseSeconds, RecordCounts};
use catwing_raw_store::{Manifest, SealedEntry, Store};
use catwing_transform::{Mapping, Stretch, TRANSFORM_VERSION, Transform};
use futures_util::TryStreamExt;
use serde::Serialize;

use crate::RecoveryError;

/// Raw bytes that one transaction takes before it is committed: many small deliveries cost the
/// server much less together than one by one.
pub const TRANSACTION_BYTES_MAX: u64 = 128 << 20;
/// Deliveries that one transaction takes at the most.
pub const TRANSACTION_DELIVERIES_MAX: usize = 500;
/// Memory that rows take before they are staged.
const OUTPUT_BYTES_MAX: usize = 4 << 20;
/// How often a transaction is tried that the outside world broke.
const ATTEMPTS_MAX: u32 = 4;
/// The pause before the second attempt; it doubles with each.
const RETRY_PAUSE: Duration = Duration::from_millis(500);
/// Kinds of problems and unknown fields that a report names.
const REPORTED_MAX: usize = 100;

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
}

/// How much goes into one transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grouping {
    /// Raw bytes, unless one delivery alone is larger.
    pub bytes_max: u64,
    /// Deliveries.
    pub deliveries_max: usize,
}

impl Default for Grouping {
    fn default() -> Self {
        Self {
            bytes_max: TRANSACTION_BYTES_MAX,
            deliveries_max: TRANSACTION_DELIVERIES_MAX,
        }
    }
}

/// A delivery that the archive has and the database lacks.
#[derive(Clone, Debug)]
pub struct Pending {
    /// Its entry.
    pub sealed: SealedEntry,
    /// What it says.
    pub delivery: Delivery,
}

impl Pending {
    /// Its business day.
    #[must_use]
    pub fn day(&self) -> BusinessDay {
        self.sealed.entry.business_day
    }

    /// Bytes of its objects.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.delivery
            .objects
            .iter()
            .map(|object| object.size_bytes)
            .sum()
    }
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

/// What an apply did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ApplyReport {
    /// Deliveries that were applied.
    pub deliveries: usize,
    /// Deliveries that the ledger had already.
    pub already_applied: usize,
    /// Raw bytes that were read.
    pub read_bytes: u64,
    /// What became of records, by entity.
    pub records: BTreeMap<&'static str, RecordTotals>,
    /// Rows inserted or updated, by table.
    pub rows_written: BTreeMap<&'static str, u64>,
    /// Refused records by entity, rule and field.
    pub refused: BTreeMap<String, u64>,
    /// Fields of sources that no mapping uses, with how many deliveries showed them.
    pub unknown_fields: BTreeMap<String, u64>,
    /// Keys of objects that no mapping names.
    pub unmapped: Vec<String>,
    /// Seconds by phase.
    pub seconds: BTreeMap<&'static str, f64>,
}

/// What became of the records of an entity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RecordTotals {
    /// Rows of the sources.
    pub source_rows: u64,
    /// Records in them.
    pub read: u64,
    /// Records that are in the database now.
    pub won: u64,
    /// Records that a newer one had replaced already.
    pub superseded: u64,
    /// Records that the same delivery has again.
    pub duplicate: u64,
    /// Refused records.
    pub quarantined: u64,
    /// Rows that the mapping leaves out.
    pub rows_skipped: u64,
}

impl Applier<'_> {
    /// The deliveries that the archive has and the database lacks, in the order of their entries.
    /// The chain is checked on the way.
    ///
    /// # Errors
    /// [`RecoveryError::ReadArchive`], [`RecoveryError::ReadLedger`];
    /// [`RecoveryError::OtherEntry`] where the database holds an entry that the archive does not
    /// have; [`RecoveryError::UnknownEntry`] for kinds of entries that decide what the database
    /// holds and that this version can't apply.
    pub async fn pending(&self) -> Result<Vec<Pending>, RecoveryError> {
        let client = self.tenant;
        let read_ledger = |source| RecoveryError::ReadLedger { client, source };
        let mut applied = self.loader.applied(client).await.map_err(read_ledger)?;
        let mut pending = Vec::new();
        let mut entries = std::pin::pin!(Manifest::of(self.store, client).entries(None));
        let read_archive = |source| RecoveryError::ReadArchive {
            client,
            source: Box::new(source),
        };
        while let Some(sealed) = entries.try_next().await.map_err(read_archive)? {
            let number = sealed.entry.number;
            match applied.remove(&number) {
                Some(held) if held.entry_sha256 == sealed.sha256 => continue,
                Some(_) => return Err(RecoveryError::OtherEntry { client, number }),
                None => {}
            }
            match &sealed.entry.body {
                Body::Delivery(delivery) => {
                    let delivery = delivery.clone();
                    pending.push(Pending { sealed, delivery });
                }
                body => {
                    return Err(RecoveryError::UnknownEntry {
                        client,
                        number,
                        kind: body.kind(),
                    });
                }
            }
        }
        match applied.keys().next() {
            Some(number) => Err(RecoveryError::OtherEntry {
                client,
                number: *number,
            }),
            None => Ok(pending),
        }
    }

    /// Applies deliveries in the order given, as many to a transaction as the grouping says.
    ///
    /// # Errors
    /// Any; transactions before the one that failed are in the database, nothing of it is.
    pub async fn apply(
        &self,
        pending: &[Pending],
        watch: &(dyn Fn(ApplyProgress) + Send + Sync),
    ) -> Result<ApplyReport, RecoveryError> {
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

    /// The whole of the retry policy: what the outside world broke is tried again, all else is told.
    async fn group_with_retries(
        &self,
        group: &[Pending],
        mappings: &mut Mappings,
        progress: &mut ApplyProgress,
        watch: &(dyn Fn(ApplyProgress) + Send + Sync),
    ) -> Result<ApplyReport, RecoveryError> {
        let mut pause = RETRY_PAUSE;
        let mut attempt = 1;
        let before = progress.read_bytes;
        loop {
            match self.group(group, mappings, progress, watch).await {
                Err(error)
                    if attempt < ATTEMPTS_MAX
                        && error.class() == catwing_domain::ErrorClass::Transient =>
                {
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
        watch: &(dyn Fn(ApplyProgress) + Send + Sync),
    ) -> Result<ApplyReport, RecoveryError> {
        let client = self.tenant;
        let mut load = self
            .loader
            .begin(client)
            .await
            .map_err(|source| RecoveryError::Load { client, source })?;
        let mut work = Work {
            report: ApplyReport::default(),
            reading: Duration::ZERO,
            transforming: Duration::ZERO,
        };
        for pending in group {
            match self
                .deliver(&mut load, pending, mappings, &mut work, progress, watch)
                .await
            {
                Ok(()) => {}
                Err(error) => {
                    // The error is what matters; the server rolls back by itself if this fails too.
                    let _ = load.abort().await;
                    return Err(error);
                }
            }
        }
        let loaded = match load.commit(self.clock).await {
            Ok(loaded) => loaded,
            Err(error @ LoadError::CommitUnknown { .. }) => {
                // The ledger knows whether the transaction is there; a second attempt asks it.
                return Err(RecoveryError::Load {
                    client,
                    source: error,
                });
            }
            Err(source) => return Err(RecoveryError::Load { client, source }),
        };
        let Work {
            mut report,
            reading,
            transforming,
        } = work;
        for delivery in &loaded.deliveries {
            for ((_, entity), counts) in &delivery.counts {
                report
                    .records
                    .entry(entity.name())
                    .or_default()
                    .add_counts(counts);
            }
        }
        for (table, rows) in &loaded.rows_written {
            *report.rows_written.entry(table.name()).or_default() += rows;
        }
        report.seconds = seconds(reading, transforming, loaded.phases);
        Ok(report)
    }

    async fn deliver(
        &self,
        load: &mut Load,
        pending: &Pending,
        mappings: &mut Mappings,
        work: &mut Work,
        progress: &mut ApplyProgress,
        watch: &(dyn Fn(ApplyProgress) + Send + Sync),
    ) -> Result<(), RecoveryError> {
        let client = self.tenant;
        let failed = |source| RecoveryError::Load { client, source };
        let entry = &pending.sealed.entry;
        let mapping = mappings
            .get(self.store, client, entry.number, pending.delivery.mapping)
            .await?;
        let head = DeliveryHead {
            entry: entry.number,
            entry_sha256: pending.sealed.sha256,
            business_day: entry.business_day,
            mapping_sha256: pending.delivery.mapping,
            transform_version: TRANSFORM_VERSION,
            run_id: self.run_id.to_owned(),
            objects: pending
                .delivery
                .objects
                .iter()
                .map(|object| object.key.clone())
                .collect(),
        };
        if !load.begin_delivery(head).await.map_err(failed)? {
            work.report.already_applied += 1;
            return Ok(());
        }
        let mut transform = Transform::new(
            &mapping,
            entry.business_day,
            pending.delivery.objects.clone(),
        );
        let mut output = Output::default();
        let mut told = 0;
        for stretch in transform.stretches() {
            self.stretch(load, pending, &mut transform, &stretch, &mut output, work)
                .await?;
            let presence = transform
                .presence(&stretch)
                .map_err(|source| self.transform_failed(entry.number, source))?;
            work.stage(load, &mut output).await.map_err(failed)?;
            load.presence(&presence).map_err(failed)?;
            progress.read_bytes += pending.size_bytes().saturating_sub(told);
            told = pending.size_bytes();
            watch(*progress);
        }
        let summary = transform
            .finish(&mut output)
            .map_err(|source| self.transform_failed(entry.number, source))?;
        work.stage(load, &mut output).await.map_err(failed)?;
        load.end_delivery(&summary.counts, &[])
            .await
            .map_err(failed)?;
        work.report.deliveries += 1;
        for field in summary.drift.into_keys() {
            if work.report.unknown_fields.len() < REPORTED_MAX
                || work.report.unknown_fields.contains_key(&field)
            {
                *work.report.unknown_fields.entry(field).or_default() += 1;
            }
        }
        for index in summary.unmapped {
            let key = pending
                .delivery
                .objects
                .get(index)
                .map(|object| object.key.clone());
            work.report
                .unmapped
                .extend(key.filter(|_| work.report.unmapped.len() < REPORTED_MAX));
        }
        Ok(())
    }

    async fn stretch(
        &self,
        load: &mut Load,
        pending: &Pending,
        transform: &mut Transform<'_>,
        stretch: &Stretch,
        output: &mut Output,
        work: &mut Work,
    ) -> Result<(), RecoveryError> {
        let (client, number) = (self.tenant, pending.sealed.entry.number);
        let failed = |source| RecoveryError::Load { client, source };
        let read_failed = |source| RecoveryError::ReadArchive {
            client,
            source: Box::new(source),
        };
        for index in &stretch.objects {
            let Some(object) = pending.delivery.objects.get(*index) else {
                continue;
            };
            let started = Instant::now();
            let body = self
                .store
                .get_verified(&object.key, object.size_bytes, object.sha256)
                .await;
            let mut body = body.map_err(read_failed)?;
            work.reading += started.elapsed();
            transform.begin_object(stretch, *index);
            loop {
                let started = Instant::now();
                let chunk = body.chunk().await.map_err(read_failed)?;
                work.reading += started.elapsed();
                let started = Instant::now();
                let (bytes, last) = chunk
                    .as_ref()
                    .map_or((&[] as &[u8], true), |bytes| (bytes, false));
                work.report.read_bytes += bytes.len() as u64;
                let fed = transform.feed(bytes, last, output);
                fed.map_err(|source| self.transform_failed(number, source))?;
                work.transforming += started.elapsed();
                if output.bytes() > OUTPUT_BYTES_MAX {
                    work.stage(load, output).await.map_err(failed)?;
                }
                if last {
                    break;
                }
            }
        }
        loop {
            let started = Instant::now();
            let more = transform.assemble(stretch, output);
            let more = more.map_err(|source| self.transform_failed(number, source))?;
            work.transforming += started.elapsed();
            if !more {
                return Ok(());
            }
            if output.bytes() > OUTPUT_BYTES_MAX {
                work.stage(load, output).await.map_err(failed)?;
            }
        }
    }

    fn transform_failed(
        &self,
        number: EntryNumber,
        source: catwing_transform::TransformError,
    ) -> RecoveryError {
        RecoveryError::Transform {
            client: self.tenant,
            number,
            source: Box::new(source),
        }
    }
}

impl Grouping {
    /// Every delivery in a transaction of its own.
    pub const ONE_BY_ONE: Self = Self {
        bytes_max: 0,
        deliveries_max: 1,
    };
    /// All deliveries in one transaction.
    pub const TOGETHER: Self = Self {
        bytes_max: u64::MAX,
        deliveries_max: usize::MAX,
    };

    /// How many of the next deliveries go into one transaction: at least one.
    fn first_of(&self, pending: &[Pending]) -> usize {
        let mut bytes = 0_u64;
        let fits = |pending: &&Pending| {
            bytes = bytes.saturating_add(pending.size_bytes());
            bytes <= self.bytes_max
        };
        pending
            .iter()
            .take(self.deliveries_max)
            .take_while(fits)
            .count()
            .max(1)
    }
}

/// What one transaction has seen so far.
struct Work {
    report: ApplyReport,
    reading: Duration,
    transforming: Duration,
}

impl Work {
    async fn stage(&mut self, load: &mut Load, output: &mut Output) -> Result<(), LoadError> {
        for reject in &output.rejects {
            let Some(problem) = reject.problems.first() else {
                continue;
            };
            let field = problem
                .field
                .as_deref()
                .map(without_indexes)
                .unwrap_or_default();
            let kind = format!("{} {} {field}", reject.entity.name(), problem.rule.name());
            let kind = kind.trim_end().to_owned();
            if self.report.refused.len() < REPORTED_MAX || self.report.refused.contains_key(&kind) {
                *self.report.refused.entry(kind).or_default() += 1;
            }
        }
        if !output.is_empty() {
            load.stage(output).await?;
        }
        output.clear();
        Ok(())
    }
}

/// `lines[3].qty` as `lines[].qty`, so that alike problems are counted together.
fn without_indexes(field: &str) -> String {
    let mut plain = String::with_capacity(field.len());
    let mut within = false;
    for character in field.chars() {
        within = within && character != ']';
        if !within {
            plain.push(character);
        }
        within |= character == '[';
    }
    plain
}

/// Mappings by hash, fetched and compiled once.
#[derive(Default)]
struct Mappings {
    compiled: BTreeMap<Sha256Hash, Arc<Mapping>>,
}

impl Mappings {
    async fn get(
        &mut self,
        store: &Store,
        client: TenantId,
        number: EntryNumber,
        hash: Sha256Hash,
    ) -> Result<Arc<Mapping>, RecoveryError> {
        if let Some(mapping) = self.compiled.get(&hash) {
            return Ok(Arc::clone(mapping));
        }
        let bytes = store.config(client, hash).await;
        let bytes = bytes.map_err(|source| RecoveryError::ReadArchive {
            client,
            source: Box::new(source),
        })?;
        let refused = |reason: String| RecoveryError::Mapping {
            client,
            number,
            hash,
            reason,
        };
        let text = std::str::from_utf8(&bytes).map_err(|error| refused(error.to_string()))?;
        let file = TenantFile::parse(text).map_err(|error| refused(error.to_string()))?;
        let mapping = Mapping::compile(&file).map_err(|mistakes| {
            let told: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
            refused(told.join("; "))
        })?;
        let mapping = Arc::new(mapping);
        self.compiled.insert(hash, Arc::clone(&mapping));
        Ok(mapping)
    }
}

impl RecordTotals {
    fn add_counts(&mut self, counts: &RecordCounts) {
        self.source_rows += counts.source.source_rows;
        self.read += counts.source.records_read;
        self.won += counts.won;
        self.superseded += counts.superseded;
        self.duplicate += counts.duplicate;
        self.quarantined += counts.source.records_quarantined;
        self.rows_skipped += counts.source.rows_skipped;
    }

    fn add(&mut self, other: Self) {
        self.source_rows += other.source_rows;
        self.read += other.read;
        self.won += other.won;
        self.superseded += other.superseded;
        self.duplicate += other.duplicate;
        self.quarantined += other.quarantined;
        self.rows_skipped += other.rows_skipped;
    }
}

impl ApplyReport {
    fn add(&mut self, other: Self) {
        self.deliveries += other.deliveries;
        self.already_applied += other.already_applied;
        self.read_bytes += other.read_bytes;
        for (entity, totals) in other.records {
            self.records.entry(entity).or_default().add(totals);
        }
        for (table, rows) in other.rows_written {
            *self.rows_written.entry(table).or_default() += rows;
        }
        for (kind, count) in other.refused {
            *self.refused.entry(kind).or_default() += count;
        }
        for (field, count) in other.unknown_fields {
            *self.unknown_fields.entry(field).or_default() += count;
        }
        self.unmapped.extend(other.unmapped);
        for (phase, seconds) in other.seconds {
            *self.seconds.entry(phase).or_default() += seconds;
        }
    }

    /// Records of all entities together.
    #[must_use]
    pub fn totals(&self) -> RecordTotals {
        let mut totals = RecordTotals::default();
        self.records
            .values()
            .for_each(|records| totals.add(*records));
        totals
    }

    /// What became of the records of one entity.
    #[must_use]
    pub fn of(&self, entity: Entity) -> RecordTotals {
        self.records.get(entity.name()).copied().unwrap_or_default()
    }
}

fn seconds(
    reading: Duration,
    transforming: Duration,
    phases: PhaseSeconds,
) -> BTreeMap<&'static str, f64> {
    BTreeMap::from([
        ("read", reading.as_secs_f64()),
        ("transform", transforming.as_secs_f64()),
        ("copy", phases.copy),
        ("merge", phases.merge),
        ("presence", phases.presence),
        ("account", phases.account),
        ("commit", phases.commit),
    ])
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

#[cfg(test)]
mod tests {
    use super::without_indexes;

    #[test]
    fn alike_problems_are_counted_together() {
        assert_eq!(
            without_indexes("lines[3].updates[12].date"),
            "lines[].updates[].date"
        );
        assert_eq!(without_indexes("order_date"), "order_date");
    }
}
