//! The transform of one delivery: bytes of its objects in, rows and rejects out. No I/O and no
//! clock: the same bytes, mapping and transform version give the same rows.

use std::collections::BTreeMap;

use catwing_domain::{
    BusinessDay, DatasetName, Drift, Entity, ObjectCounts, Output, PresenceScope,
    manifest::{Fix, RawObject},
};

use crate::{
    assembly::{Assembler, Headers},
    correction::{self, Correcting, FoundRecord},
    delivery::{Delivery, Source},
    document::{PARTITION_BYTES, Partition, Waiting},
    error::TransformError,
    intake::Intake,
    mapping::{DatasetMapping, Mapping},
    preview::Preview,
    reading::Reading,
};

/// Raised whenever the same bytes and mapping would give other rows than before.
pub const TRANSFORM_VERSION: i32 = 5;
/// Documents that one call of [`Transform::assemble`] finishes.
const ASSEMBLED_MAX: usize = 2_000;

/// One reading of a dataset's objects, in order: feed each of them, then assemble.
#[derive(Clone, Debug)]
pub struct Stretch {
    dataset: DatasetName,
    /// The first object of the dataset itself: others are those that it asks of.
    own: Option<usize>,
    /// Indexes of the delivery's objects.
    pub objects: Vec<usize>,
    partition: Partition,
}

/// What a delivery came to.
#[derive(Debug, Default)]
pub struct Summary {
    /// Counts per object index and entity.
    pub counts: BTreeMap<(usize, Entity), ObjectCounts>,
    /// Fields that the mapping does not use.
    pub drift: Drift,
    /// Objects whose dataset no mapping names.
    pub unmapped: Vec<usize>,
}

/// The transform of one delivery.
pub struct Transform<'m> {
    delivery: Delivery<'m>,
    /// Stretches that are still to be read, the next one last.
    stretches: Vec<Stretch>,
    waiting: Waiting,
    headers: Headers,
    /// The dataset of the stretch that is being read.
    dataset: Option<DatasetName>,
    reading: Option<Reading<'m>>,
    partition_bytes: u64,
    /// Whether the correction was written with the stretch before.
    corrected: bool,
}

impl<'m> Transform<'m> {
    /// A transform of a delivery's objects for a business day.
    #[must_use]
    pub fn new(mapping: &'m Mapping, day: BusinessDay, objects: Vec<RawObject>) -> Self {
        Self {
            delivery: Delivery::new(mapping, day, objects),
            stretches: Vec::new(),
            waiting: Waiting::new(Partition::whole(), 0),
            headers: Headers::new(),
            dataset: None,
            reading: None,
            partition_bytes: 0,
            corrected: false,
        }
        .with_partition_bytes(PARTITION_BYTES)
    }

    /// A transform of one corrected record of a delivery: its objects are read to find what is
    /// replaced, and what the correction says is all that comes out, at the position of the record
    /// with the correction's number.
    ///
    /// # Errors
    /// [`TransformError::Correction`] where the delivery has no such object, or the correction's number
    /// is none of 1 to 15.
    pub fn correcting(
        mapping: &'m Mapping,
        day: BusinessDay,
        objects: Vec<RawObject>,
        fix: &Fix,
    ) -> Result<Self, TransformError> {
        let object = objects.iter().position(|object| object.key == fix.object);
        let correcting = Correcting::new(fix.clone(), object.unwrap_or(usize::MAX));
        let unfound = || correcting.unfound(None).filter(|_| object.is_none());
        if let Some(error) = correcting.misnumbered().or_else(unfound) {
            return Err(error);
        }
        let mut transform = Self::new(mapping, day, objects);
        transform.delivery.correcting = Some(correcting);
        Ok(transform.with_partition_bytes(PARTITION_BYTES))
    }

    /// A transform that only looks for what lies at a place of an object, by its key and ordinal:
    /// [`Transform::into_found`] once all stretches were read. No rows come out.
    ///
    /// # Errors
    /// [`TransformError::Correction`] where the delivery has no such object.
    pub fn finding(
        mapping: &'m Mapping,
        day: BusinessDay,
        objects: Vec<RawObject>,
        (object, ordinal): (&str, u64),
    ) -> Result<Self, TransformError> {
        let index = objects.iter().position(|known| known.key == object);
        let finding = Correcting::finding(object, ordinal, index.unwrap_or(usize::MAX));
        if let Some(error) = finding.unfound(None).filter(|_| index.is_none()) {
            return Err(error);
        }
        let mut transform = Self::new(mapping, day, objects);
        transform.delivery.correcting = Some(finding);
        Ok(transform.with_partition_bytes(PARTITION_BYTES))
    }

    /// What lies at the place that [`Transform::finding`] looks at: a record of each feed of the dataset.
    #[must_use]
    pub fn into_found(self) -> Vec<FoundRecord> {
        let finding = self.delivery.correcting;
        finding.map(Correcting::into_found).unwrap_or_default()
    }

    /// Keeps the first canonical records and rejects of every entity for a person to see.
    #[must_use]
    pub fn with_previews(mut self, each: usize) -> Self {
        self.delivery.previews.each_max = each;
        self
    }

    /// How many bytes of a dataset's rows are held at a time while its documents come together, on
    /// average, and half of what they may take in memory at the most; a dataset of more is read
    /// several times. 24 MiB where nothing is said. It decides memory and time, and never which rows
    /// come out.
    #[must_use]
    pub fn with_partition_bytes(mut self, bytes: u64) -> Self {
        self.partition_bytes = bytes;
        self.stretches = self.planned();
        self.stretches.reverse();
        self
    }

    /// What was kept for a person to see.
    #[must_use]
    pub fn previews(&self) -> &[Preview] {
        &self.delivery.previews.kept
    }

    /// What must be read next, until nothing is left: a dataset whose documents are spread over rows
    /// is read once per partition of their keys, and once more for each that was narrowed meanwhile.
    /// All objects of a stretch are fed, then it is assembled, before the next one is asked for.
    pub fn next_stretch(&mut self) -> Option<Stretch> {
        let stretch = self.stretches.pop()?;
        self.corrected = false;
        let bytes_max = usize::try_from(self.partition_bytes.saturating_mul(2));
        self.waiting
            .restart(stretch.partition, bytes_max.unwrap_or(usize::MAX));
        if self.dataset.as_ref() != Some(&stretch.dataset) {
            self.delivery.lookups.clear();
            self.dataset = Some(stretch.dataset.clone());
        }
        Some(stretch)
    }

    /// How the delivery's objects are read if memory suffices for each partition: of a dataset first
    /// those that it looks values up in, then its own, then those whose rows are its lines.
    fn planned(&self) -> Vec<Stretch> {
        let mapping = self.delivery.mapping;
        let mut stretches = Vec::new();
        for (name, dataset) in &mapping.datasets {
            let partners = dataset.partners(&mapping.lookups);
            let own = self.objects_of(|of| of == name);
            let lines = self.objects_of(|of| partners.joined.contains(of));
            if dataset.feeds.is_empty() || own.is_empty() && lines.is_empty() {
                continue;
            }
            let looked_up = self.objects_of(|of| partners.looked_up.contains(of));
            let stretch = |partition: Partition| {
                // What is looked up is remembered from the first reading on.
                let looked_up = looked_up.iter().filter(|_| partition.is_first());
                Stretch {
                    dataset: name.clone(),
                    own: own.first().copied(),
                    objects: looked_up.chain(&own).chain(&lines).copied().collect(),
                    partition,
                }
            };
            if dataset.feeds.iter().any(|feed| feed.document.is_some()) {
                let all = &self.delivery.objects;
                let sizes = own.iter().chain(&lines);
                let sizes = sizes.filter_map(|index| Some(all.get(*index)?.size_bytes));
                stretches.extend(Partition::all(sizes.sum(), self.partition_bytes).map(stretch));
            } else {
                stretches.push(stretch(Partition::whole()));
            }
        }
        stretches.retain_mut(|stretch| self.has_corrected(stretch));
        stretches
    }

    /// Leaves of a stretch what the correction of a record asks for; false where that is nothing.
    fn has_corrected(&self, stretch: &mut Stretch) -> bool {
        let Some(correcting) = &self.delivery.correcting else {
            return true;
        };
        let mapping = self.delivery.mapping;
        let object = self.delivery.objects.get(correcting.object());
        let (Some(object), Some(dataset)) = (object, mapping.datasets.get(&stretch.dataset)) else {
            return false;
        };
        let is_own = object.dataset == dataset.name;
        if dataset.feeds.iter().all(|feed| feed.document.is_none()) {
            let all = &self.delivery.objects;
            stretch.objects.retain(|index| {
                let own = all.get(*index).is_some_and(|of| of.dataset == dataset.name);
                !own || *index == correcting.object()
            });
        }
        let partners = dataset.partners(&mapping.lookups);
        is_own || partners.joined.contains(&object.dataset)
    }

    /// The objects of some datasets, in the order of their pages.
    fn objects_of(&self, wanted: impl Fn(&DatasetName) -> bool) -> Vec<usize> {
        let all = self.delivery.objects.iter().enumerate();
        let mut objects: Vec<_> = all.filter(|(_, object)| wanted(&object.dataset)).collect();
        objects.sort_by_key(|(_, object)| (&object.dataset, object.page));
        objects.into_iter().map(|(index, _)| index).collect()
    }

    /// Begins to read an object of a stretch.
    pub fn begin_object(&mut self, stretch: &Stretch, object: usize) {
        let mapping = self.delivery.mapping;
        let described = self.delivery.objects.get(object);
        let dataset = described.and_then(|object| mapping.datasets.get(&object.dataset));
        let (Some(owner), Some(dataset)) = (mapping.datasets.get(&stretch.dataset), dataset) else {
            return;
        };
        let reading = Reading::new(mapping, owner, (dataset, object));
        reading.begin(&mut self.delivery);
        self.reading = Some(reading);
    }

    /// Takes the object's next bytes; `last` with the last of them, which may be none.
    ///
    /// # Errors
    /// [`TransformError`] where no reject can say what is wrong.
    pub fn feed(
        &mut self,
        chunk: &[u8],
        last: bool,
        output: &mut Output,
    ) -> Result<(), TransformError> {
        let Some(reading) = &mut self.reading else {
            return Ok(());
        };
        let mut intake = Intake {
            delivery: &mut self.delivery,
            waiting: &mut self.waiting,
            output,
        };
        reading.feed(chunk, last, &mut intake)?;
        if last {
            self.headers.extend(reading.header());
            self.reading = None;
        }
        Ok(())
    }

    /// Finishes some of the stretch's documents that are spread over rows; call it until it says
    /// that nothing is left, and load the output in between.
    ///
    /// # Errors
    /// As [`Self::feed`].
    pub fn assemble(
        &mut self,
        stretch: &Stretch,
        output: &mut Output,
    ) -> Result<bool, TransformError> {
        for partition in self.waiting.put_off() {
            self.stretches.push(Stretch {
                partition,
                ..stretch.clone()
            });
        }
        let mapping = self.delivery.mapping;
        let Some(dataset) = mapping.datasets.get(&stretch.dataset) else {
            return Ok(false);
        };
        if self.delivery.correcting.is_some() {
            return self.correct(stretch, dataset, output);
        }
        let grouped = dataset.feeds.iter().filter(|feed| feed.document.is_some());
        let mut finished = 0;
        for feed in grouped {
            let source = Source {
                mapping,
                dataset,
                feed,
            };
            let documents = self.waiting.of(feed.entity);
            let mut assembler = Assembler::new(source, &self.headers);
            while let Some(rows) = documents.next() {
                assembler.assemble(&mut self.delivery, source, &rows, output)?;
                finished += 1;
                if finished == ASSEMBLED_MAX {
                    return Ok(true);
                }
            }
        }
        if stretch.partition.is_first() {
            let own = self.objects_of(|of| *of == stretch.dataset);
            self.delivery.hold_no_stock((dataset, &own), output)?;
        }
        Ok(false)
    }

    /// Looks for the record that is corrected among documents, and writes the correction once all of
    /// the dataset was read. Nothing is left to assemble then.
    fn correct(
        &mut self,
        stretch: &Stretch,
        dataset: &'m DatasetMapping,
        output: &mut Output,
    ) -> Result<bool, TransformError> {
        let grouped = dataset.feeds.iter().filter(|feed| feed.document.is_some());
        for feed in grouped {
            let documents = self.waiting.of(feed.entity);
            while let (Some(rows), Some(correcting)) =
                (documents.next(), &mut self.delivery.correcting)
            {
                correcting.compare_document(feed.entity, &rows);
            }
        }
        let next = self.stretches.last();
        if next.is_none_or(|next| next.dataset != stretch.dataset) {
            let of = (dataset, stretch.own.is_some());
            let Self {
                delivery,
                waiting,
                headers,
                ..
            } = self;
            self.corrected = correction::write(delivery, waiting, headers, of, output)?;
        }
        Ok(false)
    }

    /// What the keys that a stretch marked as present belong to: load wants it after each stretch,
    /// before the next one marks keys of another dataset.
    ///
    /// # Errors
    /// [`TransformError::Place`].
    pub fn presence(&self, stretch: &Stretch) -> Result<Vec<PresenceScope>, TransformError> {
        let dataset = self.delivery.mapping.datasets.get(&stretch.dataset);
        let told = match self.delivery.correcting {
            None => stretch.partition.is_first(),
            Some(_) => self.corrected,
        };
        match (dataset, stretch.own) {
            (Some(dataset), Some(first)) if told => self.delivery.presence(dataset, first),
            _ => Ok(Vec::new()),
        }
    }

    /// Ends the delivery: the last rows, and what the delivery came to.
    ///
    /// # Errors
    /// [`TransformError::Conservation`] if a source row is not accounted for;
    /// [`TransformError::Correction`] if the record that is corrected is not there.
    pub fn finish(mut self, output: &mut Output) -> Result<Summary, TransformError> {
        self.delivery.parents.flush(output);
        self.delivery.conserved()?;
        if let Some(correcting) = &self.delivery.correcting {
            let object = self.delivery.objects.get(correcting.object());
            let unfound = correcting.unfound(object.map(|object| &object.dataset));
            let (counts, _) = match unfound {
                Some(error) => return Err(error),
                None => self.delivery.into_counts(),
            };
            return Ok(Summary {
                counts,
                ..Summary::default()
            });
        }
        let mapped = |object: &RawObject| self.delivery.mapping.maps(&object.dataset);
        let objects = self.delivery.objects.iter().enumerate();
        let unmapped = objects
            .filter(|(_, object)| !mapped(object))
            .map(|(index, _)| index)
            .collect();
        let (counts, drift) = self.delivery.into_counts();
        Ok(Summary {
            counts,
            drift,
            unmapped,
        })
    }
}
