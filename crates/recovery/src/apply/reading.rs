//! Reading a delivery: its objects, from the archive through transform, to whoever takes the rows.

use std::time::{Duration, Instant};

use catwing_domain::{Output, PresenceScope, TenantId};
use catwing_raw_store::{RawStoreError, Store};
use catwing_transform::{FoundRecord, Mapping, Stretch, Summary, Transform, TransformError};

use super::{
    Applier, Pending,
    mappings::{Mappings, Wanted},
};
use crate::RecoveryError;

/// Memory that rows take before they are handed over.
const OUTPUT_BYTES_MAX: usize = 4 << 20;

/// Who takes the rows of a delivery.
pub(super) trait Sink {
    /// Takes rows, and leaves an empty output to go on with.
    async fn rows(&mut self, output: &mut Output) -> Result<(), RecoveryError>;

    /// Hears which scopes the keys belong to that were marked present since the last time: a stretch is
    /// read.
    async fn presence(&mut self, scopes: Vec<PresenceScope>) -> Result<(), RecoveryError>;
}

/// A delivery that is read.
#[derive(Clone, Copy)]
pub(super) struct Reading<'r> {
    pub(super) store: &'r Store,
    pub(super) tenant: TenantId,
    pub(super) pending: &'r Pending,
}

/// What reading took.
#[derive(Debug, Default)]
pub(super) struct ReadTimes {
    pub(super) read_bytes: u64,
    pub(super) reading: Duration,
    pub(super) transforming: Duration,
}

impl Reading<'_> {
    /// The transform of the delivery, or of the corrected record in it.
    pub(super) fn transform<'m>(
        &self,
        mapping: &'m Mapping,
    ) -> Result<Transform<'m>, RecoveryError> {
        let (objects, day) = (self.pending.delivery.objects.clone(), self.pending.day());
        match &self.pending.fix {
            None => Ok(Transform::new(mapping, day, objects)),
            Some(fix) => Transform::correcting(mapping, day, objects, fix)
                .map_err(|source| self.transform_failed(source)),
        }
    }

    /// Reads all that a transform asks for.
    pub(super) async fn stretches(
        &self,
        transform: &mut Transform<'_>,
        output: &mut Output,
        sink: &mut impl Sink,
    ) -> Result<ReadTimes, RecoveryError> {
        let mut times = ReadTimes::default();
        while let Some(stretch) = transform.next_stretch() {
            self.objects((transform, &stretch), output, sink, &mut times)
                .await?;
            self.documents((transform, &stretch), output, sink, &mut times)
                .await?;
            let presence = transform.presence(&stretch);
            let presence = presence.map_err(|source| self.transform_failed(source))?;
            sink.rows(output).await?;
            sink.presence(presence).await?;
        }
        Ok(times)
    }

    /// Reads the objects of a stretch.
    async fn objects(
        &self,
        (transform, stretch): (&mut Transform<'_>, &Stretch),
        output: &mut Output,
        sink: &mut impl Sink,
        times: &mut ReadTimes,
    ) -> Result<(), RecoveryError> {
        let objects = &self.pending.delivery.objects;
        for (index, object) in stretch
            .objects
            .iter()
            .filter_map(|index| Some((*index, objects.get(*index)?)))
        {
            let started = Instant::now();
            let body = self
                .store
                .get_verified(&object.key, object.size_bytes, object.sha256);
            let mut body = body.await.map_err(|source| self.read_failed(source))?;
            times.reading += started.elapsed();
            transform.begin_object(stretch, index);
            let mut last = false;
            while !last {
                let started = Instant::now();
                let chunk = body.chunk().await;
                let chunk = chunk.map_err(|source| self.read_failed(source))?;
                times.reading += started.elapsed();
                let started = Instant::now();
                last = chunk.is_none();
                let bytes = chunk.as_deref().unwrap_or_default();
                times.read_bytes += bytes.len() as u64;
                let fed = transform.feed(bytes, last, output);
                fed.map_err(|source| self.transform_failed(source))?;
                times.transforming += started.elapsed();
                hand_over_if_large(output, sink).await?;
            }
        }
        Ok(())
    }

    /// Finishes the documents of a stretch that were spread over rows.
    async fn documents(
        &self,
        (transform, stretch): (&mut Transform<'_>, &Stretch),
        output: &mut Output,
        sink: &mut impl Sink,
        times: &mut ReadTimes,
    ) -> Result<(), RecoveryError> {
        let mut more = true;
        while more {
            let started = Instant::now();
            let assembled = transform.assemble(stretch, output);
            more = assembled.map_err(|source| self.transform_failed(source))?;
            times.transforming += started.elapsed();
            hand_over_if_large(output, sink).await?;
        }
        Ok(())
    }

    pub(super) fn transform_failed(&self, source: TransformError) -> RecoveryError {
        RecoveryError::Transform {
            client: self.tenant,
            number: self.pending.sealed.entry.number,
            source: Box::new(source),
        }
    }

    fn read_failed(&self, source: RawStoreError) -> RecoveryError {
        RecoveryError::ReadArchive {
            client: self.tenant,
            source: Box::new(source),
        }
    }
}

async fn hand_over_if_large(
    output: &mut Output,
    sink: &mut impl Sink,
) -> Result<(), RecoveryError> {
    if output.bytes() > OUTPUT_BYTES_MAX {
        sink.rows(output).await?;
    }
    Ok(())
}

impl Applier<'_> {
    /// Reads and transforms a delivery as it would be loaded, and loads nothing: `look` sees its rows as
    /// they come. Returns what the delivery came to.
    ///
    /// # Errors
    /// [`RecoveryError::ReadArchive`], [`RecoveryError::Transform`], and those of reading its mapping.
    pub async fn inspect(
        &self,
        pending: &Pending,
        look: &mut (dyn FnMut(&Output) + Send),
    ) -> Result<Summary, RecoveryError> {
        let mut mappings = Mappings::default();
        let wanted = self.wanted(pending);
        let mapping = mappings.get(wanted, &pending.read_by).await?;
        let reading = self.reading(pending);
        let mut transform = reading.transform(&mapping)?;
        let (mut output, mut sink) = (Output::default(), Onlooker { look });
        reading
            .stretches(&mut transform, &mut output, &mut sink)
            .await?;
        let summary = transform.finish(&mut output);
        let summary = summary.map_err(|source| reading.transform_failed(source))?;
        sink.rows(&mut output).await?;
        Ok(summary)
    }

    /// What lies at a place of a delivery's object: the record of each feed of its dataset, as a correction
    /// would replace it.
    ///
    /// # Errors
    /// As [`Self::inspect`]; [`RecoveryError::Transform`] where the delivery has no such object.
    pub async fn records_at(
        &self,
        pending: &Pending,
        (object, ordinal): (&str, u64),
    ) -> Result<Vec<FoundRecord>, RecoveryError> {
        let mut mappings = Mappings::default();
        let wanted = self.wanted(pending);
        let mapping = mappings.get(wanted, &pending.read_by).await?;
        let objects = pending.delivery.objects.clone();
        let reading = self.reading(pending);
        let finding = Transform::finding(&mapping, pending.day(), objects, (object, ordinal));
        let mut transform = finding.map_err(|source| reading.transform_failed(source))?;
        let look = &mut |_: &Output| {};
        let (mut output, mut sink) = (Output::default(), Onlooker { look });
        reading
            .stretches(&mut transform, &mut output, &mut sink)
            .await?;
        Ok(transform.into_found())
    }

    fn wanted(&self, pending: &Pending) -> Wanted<'_> {
        Wanted {
            store: self.store,
            client: self.tenant,
            number: pending.sealed.entry.number,
        }
    }

    fn reading<'r>(&'r self, pending: &'r Pending) -> Reading<'r> {
        Reading {
            store: self.store,
            tenant: self.tenant,
            pending,
        }
    }
}

/// Looks at rows, and keeps none.
struct Onlooker<'l> {
    look: &'l mut (dyn FnMut(&Output) + Send),
}

impl Sink for Onlooker<'_> {
    async fn rows(&mut self, output: &mut Output) -> Result<(), RecoveryError> {
        (self.look)(output);
        output.clear();
        Ok(())
    }

    async fn presence(&mut self, _: Vec<PresenceScope>) -> Result<(), RecoveryError> {
        Ok(())
    }
}
