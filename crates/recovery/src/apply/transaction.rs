//! One transaction: deliveries are read and transformed one after the other, staged meanwhile, and
//! committed together.

use std::time::{Duration, Instant};

use catwing_domain::{
    Output,
    manifest::{EntryNumber, Fix},
};
use catwing_load::{DeliveryHead, LoadError, RecordFix};
use catwing_raw_store::RawStoreError;
use catwing_transform::{Mapping, Stretch, TRANSFORM_VERSION, Transform, TransformError};

use super::{
    Applier, ApplyProgress, ApplyReport, Pending, Watch,
    mappings::{Mappings, Wanted},
    staging::Staging,
};
use crate::RecoveryError;

/// Memory that rows take before they are staged.
const OUTPUT_BYTES_MAX: usize = 4 << 20;

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
        let (objects, day) = (pending.delivery.objects.clone(), pending.day());
        let mut transform = match &pending.fix {
            None => Transform::new(&mapping, day, objects),
            Some(fix) => Transform::correcting(&mapping, day, objects, fix)
                .map_err(|source| self.transform_failed(number, source))?,
        };
        let mut untold = pending.size_bytes();
        while let Some(stretch) = transform.next_stretch() {
            self.read(pending, &mut transform, &stretch).await?;
            self.assemble(number, &mut transform, &stretch).await?;
            let presence = transform.presence(&stretch);
            let presence = presence.map_err(|source| self.transform_failed(number, source))?;
            self.stage().await?;
            let marked = self.staging.presence(presence).await;
            marked.map_err(|source| load_failed(self.applier, source))?;
            // A delivery that is read several times counts with the first reading.
            self.progress.read_bytes += std::mem::take(&mut untold);
            (self.watch)(*self.progress);
        }
        self.progress.read_bytes += untold;
        let summary = transform.finish(&mut self.output);
        let summary = summary.map_err(|source| self.transform_failed(number, source))?;
        self.stage().await?;
        if let Some((_, delivered)) = self.delivered.last_mut() {
            delivered.count_delivery(pending, &summary);
        }
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

    /// Reads the objects of a stretch, and stages rows as they take memory.
    async fn read(
        &mut self,
        pending: &Pending,
        transform: &mut Transform<'_>,
        stretch: &Stretch,
    ) -> Result<(), RecoveryError> {
        let number = pending.sealed.entry.number;
        let objects = &pending.delivery.objects;
        for (index, object) in stretch
            .objects
            .iter()
            .filter_map(|index| Some((*index, objects.get(*index)?)))
        {
            let started = Instant::now();
            let body =
                self.applier
                    .store
                    .get_verified(&object.key, object.size_bytes, object.sha256);
            let mut body = body.await.map_err(|source| self.read_failed(source))?;
            self.reading += started.elapsed();
            transform.begin_object(stretch, index);
            let mut last = false;
            while !last {
                let started = Instant::now();
                let chunk = body.chunk().await;
                let chunk = chunk.map_err(|source| self.read_failed(source))?;
                self.reading += started.elapsed();
                let started = Instant::now();
                last = chunk.is_none();
                let bytes = chunk.as_deref().unwrap_or_default();
                self.report.read_bytes += bytes.len() as u64;
                let fed = transform.feed(bytes, last, &mut self.output);
                fed.map_err(|source| self.transform_failed(number, source))?;
                self.transforming += started.elapsed();
                self.stage_if_large().await?;
            }
        }
        Ok(())
    }

    /// Finishes the documents of a stretch that were spread over rows.
    async fn assemble(
        &mut self,
        number: EntryNumber,
        transform: &mut Transform<'_>,
        stretch: &Stretch,
    ) -> Result<(), RecoveryError> {
        let mut more = true;
        while more {
            let started = Instant::now();
            let assembled = transform.assemble(stretch, &mut self.output);
            more = assembled.map_err(|source| self.transform_failed(number, source))?;
            self.transforming += started.elapsed();
            self.stage_if_large().await?;
        }
        Ok(())
    }

    async fn stage_if_large(&mut self) -> Result<(), RecoveryError> {
        if self.output.bytes() > OUTPUT_BYTES_MAX {
            self.stage().await?;
        }
        Ok(())
    }

    async fn stage(&mut self) -> Result<(), RecoveryError> {
        if self.output.is_empty() {
            return Ok(());
        }
        if let Some((_, delivered)) = self.delivered.last_mut() {
            delivered.count_refused(&self.output.rejects);
        }
        let staged = self.staging.rows(&mut self.output).await;
        staged.map_err(|source| load_failed(self.applier, source))
    }

    fn read_failed(&self, source: RawStoreError) -> RecoveryError {
        RecoveryError::ReadArchive {
            client: self.applier.tenant,
            source: Box::new(source),
        }
    }

    fn transform_failed(&self, number: EntryNumber, source: TransformError) -> RecoveryError {
        RecoveryError::Transform {
            client: self.applier.tenant,
            number,
            source: Box::new(source),
        }
    }
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
