//! One transaction: deliveries are read and transformed one after the other, staged meanwhile, and
//! committed together.

use std::time::Duration;

use catwing_domain::{
    Output, PresenceScope,
    manifest::{EntryNumber, Fix},
};
use catwing_load::{DeliveryHead, DriftNote, LoadError, RecordFix};
use catwing_transform::{Mapping, Summary, TRANSFORM_VERSION, TransformError};

use super::{
    Applier, ApplyProgress, ApplyReport, Pending, Watch,
    mappings::{Mappings, Wanted},
    reading::{Reading, Sink},
    staging::Staging,
};
use crate::RecoveryError;

/// A transaction under way. Dropped, it is rolled back.
pub(super) struct Transaction<'t> {
    applier: &'t Applier<'t>,
    mappings: &'t mut Mappings,
    progress: &'t mut ApplyProgress,
    watch: Watch<'t>,
    staging: Staging,
    output: Output,
    report: ApplyReport,
    /// What each delivery counts for, unless the ledger has it.
    delivered: Vec<(EntryNumber, ApplyReport)>,
    /// Fields of each delivery that its mapping does not use, or misses.
    drifted: Vec<DriftNote>,
    reading: Duration,
    transforming: Duration,
}

impl<'t> Transaction<'t> {
    /// Opens the load, and so takes the tenant's lock.
    pub(super) async fn begin(
        applier: &'t Applier<'t>,
        mappings: &'t mut Mappings,
        progress: &'t mut ApplyProgress,
        watch: Watch<'t>,
    ) -> Result<Self, RecoveryError> {
        let load = applier.loader.begin(applier.tenant).await;
        Ok(Self {
            staging: Staging::of(load.map_err(|source| load_failed(applier, source))?),
            applier,
            mappings,
            progress,
            watch,
            output: Output::default(),
            report: ApplyReport::default(),
            delivered: Vec::new(),
            drifted: Vec::new(),
            reading: Duration::ZERO,
            transforming: Duration::ZERO,
        })
    }

    /// Reads a delivery and has it staged, unless the ledger has it.
    pub(super) async fn deliver(&mut self, pending: &Pending) -> Result<(), RecoveryError> {
        let entry = &pending.sealed.entry;
        let number = entry.number;
        let wanted = Wanted {
            store: self.applier.store,
            client: self.applier.tenant,
            number,
        };
        let mapping = self.mappings.get(wanted, &pending.read_by).await?;
        let head = self.head(pending, &mapping)?;
        let begun = self.staging.delivery(head).await;
        begun.map_err(|source| load_failed(self.applier, source))?;
        self.delivered.push((number, ApplyReport::default()));
        let reading = Reading {
            store: self.applier.store,
            tenant: self.applier.tenant,
            pending,
        };
        let mut transform = reading.transform(&mapping)?;
        let mut sink = Staged {
            staging: &mut self.staging,
            delivered: self.delivered.last_mut().map(|(_, report)| report),
            applier: self.applier,
            progress: self.progress,
            watch: self.watch,
            untold: pending.size_bytes(),
        };
        let times = reading
            .stretches(&mut transform, &mut self.output, &mut sink)
            .await?;
        let summary = transform.finish(&mut self.output);
        let summary = summary.map_err(|source| reading.transform_failed(source))?;
        sink.rows(&mut self.output).await?;
        self.progress.read_bytes += std::mem::take(&mut sink.untold);
        self.report.read_bytes += times.read_bytes;
        self.reading += times.reading;
        self.transforming += times.transforming;
        if let Some((_, delivered)) = self.delivered.last_mut() {
            delivered.count_delivery(pending, &summary);
        }
        self.drifted.extend(notes(pending, &summary));
        let ended = self.staging.end(summary.counts).await;
        ended.map_err(|source| load_failed(self.applier, source))
    }

    /// Merges and commits all that was staged.
    pub(super) async fn commit(mut self) -> Result<ApplyReport, RecoveryError> {
        let (load, held) = match self.staging.finish().await {
            Ok(staged) => staged,
            Err(source) => {
                let error = load_failed(self.applier, source);
                self.abort().await;
                return Err(error);
            }
        };
        // Where it is not known whether the COMMIT took effect, a second attempt asks the ledger.
        let loaded = load.commit(self.applier.clock).await;
        let loaded = loaded.map_err(|source| load_failed(self.applier, source))?;
        self.report.already_applied += held.len();
        for (number, delivered) in self.delivered {
            if !held.contains(&number) {
                self.report.add(delivered);
            }
        }
        self.report
            .count_load(&loaded, self.reading, self.transforming);
        self.drifted.retain(|note| !held.contains(&note.entry));
        let (applier, drifted) = (self.applier, &self.drifted);
        let new = applier
            .loader
            .note_drift(applier.tenant, drifted, applier.clock);
        // What is loaded is loaded: a field that goes untold shows again with the next delivery.
        match new.await {
            Ok(new) => self.report.tell_drift(new),
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "drift goes untold"
            ),
        }
        Ok(self.report)
    }

    /// Rolls back after an error, which is what matters: the server rolls back by itself if this
    /// fails too.
    pub(super) async fn abort(self) {
        self.staging.abort().await;
    }

    fn head(&self, pending: &Pending, mapping: &Mapping) -> Result<DeliveryHead, RecoveryError> {
        let entry = &pending.sealed.entry;
        let objects = pending.delivery.objects.iter();
        let fix = pending
            .fix
            .as_ref()
            .map(|fix| record_fix(pending, fix, mapping));
        let fix = fix.transpose();
        Ok(DeliveryHead {
            entry: entry.number,
            kind: entry.body.kind(),
            entry_sha256: pending.sealed.sha256,
            business_day: pending.day(),
            mapping_sha256: pending.read_by.identity(),
            transform_version: TRANSFORM_VERSION,
            run_id: self.applier.run_id.to_owned(),
            objects: objects.map(|object| object.key.clone()).collect(),
            fix: fix.map_err(|source| self.transform_failed(entry.number, source))?,
        })
    }

    fn transform_failed(&self, number: EntryNumber, source: TransformError) -> RecoveryError {
        RecoveryError::Transform {
            client: self.applier.tenant,
            number,
            source: Box::new(source),
        }
    }
}

/// Where a delivery's rows go: to the task that stages.
struct Staged<'s> {
    staging: &'s mut Staging,
    delivered: Option<&'s mut ApplyReport>,
    applier: &'s Applier<'s>,
    progress: &'s mut ApplyProgress,
    watch: Watch<'s>,
    /// Bytes of the delivery that progress was not told of: one that is read several times counts with
    /// the first reading.
    untold: u64,
}

impl Sink for Staged<'_> {
    async fn rows(&mut self, output: &mut Output) -> Result<(), RecoveryError> {
        if output.is_empty() {
            return Ok(());
        }
        if let Some(delivered) = &mut self.delivered {
            delivered.count_refused(&output.rejects);
        }
        let staged = self.staging.rows(output).await;
        staged.map_err(|source| load_failed(self.applier, source))
    }

    async fn presence(&mut self, scopes: Vec<PresenceScope>) -> Result<(), RecoveryError> {
        let marked = self.staging.presence(scopes).await;
        marked.map_err(|source| load_failed(self.applier, source))?;
        self.progress.read_bytes += std::mem::take(&mut self.untold);
        (self.watch)(*self.progress);
        Ok(())
    }
}

/// What a delivery says of fields that its mapping does not use, or misses.
fn notes<'d>(pending: &'d Pending, summary: &'d Summary) -> impl Iterator<Item = DriftNote> + 'd {
    summary.drift.iter().map(|(field, seen)| {
        let object = pending.delivery.objects.get(seen.object);
        DriftNote {
            field: field.clone(),
            seen: *seen,
            mapping_sha256: pending.read_by.identity(),
            entry: pending.sealed.entry.number,
            business_day: pending.day(),
            object_key: object.map(|object| object.key.clone()).unwrap_or_default(),
        }
    })
}

/// What a correction closes; its object is looked for, and missed, by transform.
fn record_fix(
    pending: &Pending,
    fix: &Fix,
    mapping: &Mapping,
) -> Result<RecordFix, TransformError> {
    let position = mapping.position_of(pending.day(), &pending.delivery.objects, fix)?;
    Ok(RecordFix {
        position,
        object_key: fix.object.clone(),
        ordinal: fix.ordinal,
        by: fix.by.clone(),
    })
}

fn load_failed(applier: &Applier<'_>, source: LoadError) -> RecoveryError {
    RecoveryError::Load {
        client: applier.tenant,
        source,
    }
}
