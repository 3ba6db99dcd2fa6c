//! One delivery on its way: which record lies where, what was counted, what was refused.

use std::collections::{BTreeMap, BTreeSet};

use catwing_domain::{
    BusinessDay, DatasetName, DaySet, DomainError, Drift, DriftKind, Entity, ObjectCounts, Output,
    Place, PresenceMark, PresenceScope, Problem, RawPosition, Reject, Revision, Version,
    manifest::{Completeness, RawObject},
};
use jiff::{SignedDuration, Timestamp, civil::Date};

use crate::{
    canonical::Fields,
    correction::Correcting,
    drift::{self, SeenKeys},
    error::TransformError,
    evaluate::Evaluator,
    feed::Feed,
    lookup::Lookups,
    mapping::{DatasetMapping, Mapping},
    natural_key::NaturalKey,
    parents::Parents,
    preview::Previews,
};

/// An update time that is further ahead of its business day's end than this is not believed.
const UPDATE_AHEAD_MAX: SignedDuration = SignedDuration::from_hours(24);

/// Where a record or a source row lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordPlace {
    /// The object's index in the delivery.
    pub(crate) object: usize,
    /// The position in the object, from 0.
    pub(crate) ordinal: u64,
}

/// What a record is read by: its dataset's mapping, and the feed of one entity.
#[derive(Clone, Copy)]
pub(crate) struct Source<'m> {
    pub(crate) mapping: &'m Mapping,
    pub(crate) dataset: &'m DatasetMapping,
    pub(crate) feed: &'m Feed,
}

impl<'m> Source<'m> {
    pub(crate) fn evaluator<'e>(&self, lookups: &'e Lookups) -> Evaluator<'e>
    where
        'm: 'e,
    {
        Evaluator {
            paths: &self.mapping.paths,
            zone: &self.mapping.zone,
            plans: &self.mapping.lookups,
            lookups,
        }
    }

    pub(crate) fn entity(&self) -> Entity {
        self.feed.entity
    }
}

/// A record that is refused.
pub(crate) struct Refusal<'r> {
    /// Its source rows, the first one first.
    pub(crate) rows: &'r [RecordPlace],
    /// Its natural key, where that could be read.
    pub(crate) record_key: Option<String>,
    /// Why.
    pub(crate) problems: Vec<Problem>,
    /// Its own text, as much as is shown.
    pub(crate) text: String,
}

/// Which keys of its mapping a dataset had in all its objects.
struct SeenDataset<'m> {
    dataset: &'m DatasetMapping,
    entities: BTreeSet<Entity>,
    keys: SeenKeys,
    /// The first record of its first object.
    place: RecordPlace,
    records: u64,
}

/// What is known of a delivery while it is transformed.
pub(crate) struct Delivery<'m> {
    pub(crate) mapping: &'m Mapping,
    pub(crate) objects: Vec<RawObject>,
    pub(crate) parents: Parents,
    pub(crate) previews: Previews,
    pub(crate) drift: Drift,
    /// Which keys of each dataset's mapping the delivery had.
    seen_keys: BTreeMap<DatasetName, SeenDataset<'m>>,
    /// Rows of other datasets' objects in which the dataset that is read looks values up.
    pub(crate) lookups: Lookups,
    pub(crate) day: BusinessDay,
    /// The business day as a date.
    pub(crate) date: Date,
    day_end: Timestamp,
    counts: BTreeMap<(usize, Entity), ObjectCounts>,
    rows_in_records: BTreeMap<(usize, Entity), u64>,
    /// Datasets and entities of which some key could not be read.
    unreadable: BTreeSet<(DatasetName, Entity)>,
    /// Where no more than one corrected record is written: which, and how far that is.
    pub(crate) correcting: Option<Correcting>,
}

impl<'m> Delivery<'m> {
    pub(crate) fn new(mapping: &'m Mapping, day: BusinessDay, objects: Vec<RawObject>) -> Self {
        Self {
            mapping,
            objects,
            parents: Parents::new(&mapping.key_salt),
            previews: Previews::default(),
            drift: Drift::new(),
            seen_keys: BTreeMap::new(),
            lookups: Lookups::default(),
            day,
            date: day.date(),
            day_end: mapping.zone.end_of(day),
            counts: BTreeMap::new(),
            rows_in_records: BTreeMap::new(),
            unreadable: BTreeSet::new(),
            correcting: None,
        }
    }

    /// Whether the delivery is only read to find the record that is corrected.
    pub(crate) fn is_searched(&self) -> bool {
        let correcting = self.correcting.as_ref();
        correcting.is_some_and(Correcting::is_searching)
    }

    /// Compares a feed's record at its place with the one that is corrected.
    pub(crate) fn find(&mut self, source: Source<'m>, place: RecordPlace, rows: &[&[u8]]) {
        if let Some(correcting) = &mut self.correcting {
            correcting.compare(source.entity(), place, rows);
        }
    }

    /// The counts of an object's records of an entity.
    pub(crate) fn count(&mut self, object: usize, entity: Entity) -> &mut ObjectCounts {
        self.counts.entry((object, entity)).or_default()
    }

    /// Counts an accepted record and the rows that it is made of.
    pub(crate) fn accept(&mut self, rows: &[RecordPlace], entity: Entity) {
        if let Some(first) = rows.first() {
            self.count(first.object, entity).records_read += 1;
        }
        for row in rows {
            *self
                .rows_in_records
                .entry((row.object, entity))
                .or_default() += 1;
        }
    }

    /// Counts a record that is refused and writes down why.
    pub(crate) fn refuse(
        &mut self,
        source: Source<'m>,
        refusal: Refusal<'_>,
        output: &mut Output,
    ) -> Result<(), TransformError> {
        let (rows, entity) = (refusal.rows, source.entity());
        let Some(place) = rows.first().copied() else {
            return Ok(());
        };
        for row in rows {
            self.count(row.object, entity).rows_quarantined += 1;
        }
        let counts = self.count(place.object, entity);
        counts.records_read += 1;
        counts.records_quarantined += 1;
        let dataset = self.dataset_of(source, place.object);
        output.rejects.push(Reject {
            position: self.position(dataset, place)?,
            object: place.object,
            ordinal: place.ordinal,
            entity,
            record_key: refusal.record_key,
            source_rows: rows.len() as u64,
            problems: refusal.problems,
            record: refusal.text,
        });
        Ok(())
    }

    /// Leaves rows out, as the mapping says.
    pub(crate) fn leave_out(&mut self, rows: &[RecordPlace], entity: Entity) {
        for row in rows {
            self.count(row.object, entity).rows_skipped += 1;
        }
    }

    /// Refuses what is no record at all: nobody can say which key it holds.
    pub(crate) fn refuse_unread(
        &mut self,
        source: Source<'m>,
        refusal: Refusal<'_>,
        output: &mut Output,
    ) -> Result<(), TransformError> {
        let Some(place) = refusal.rows.first().copied() else {
            return Ok(());
        };
        let entity = source.entity();
        self.mark_unreadable(&source.dataset.name, entity);
        if self.previews.wants(entity, false) {
            let nothing = Fields {
                fields: &[],
                items: &[],
            };
            let shown = (self.key_of(place.object), place.ordinal);
            self.previews
                .keep(entity, shown, nothing, &refusal.problems);
        }
        self.refuse(source, refusal, output)
    }

    /// The dataset that an object belongs to: the source's own, or one that it asks of.
    pub(crate) fn dataset_of(&self, source: Source<'m>, object: usize) -> &'m DatasetMapping {
        let dataset = self.objects.get(object).map(|object| &object.dataset);
        let dataset = dataset.and_then(|dataset| self.mapping.datasets.get(dataset));
        dataset.unwrap_or(source.dataset)
    }

    /// Whether the delivery has an object of a dataset.
    pub(crate) fn has(&self, dataset: &DatasetName) -> bool {
        // A correction brings its partner's rows along.
        self.correcting.is_some() || self.objects.iter().any(|object| object.dataset == *dataset)
    }

    /// A record's version: its own update time, or the end of its business day; and its position.
    pub(crate) fn version(
        &mut self,
        source: Source<'m>,
        record: Fields<'_, '_>,
        place: RecordPlace,
    ) -> Result<Version, TransformError> {
        // A corrected record may stand in the place of a line whose own record was not delivered.
        let dataset = self.dataset_of(source, place.object);
        let raw_position = self.position(dataset, place)?;
        let source_version = match record.instant("updated_at") {
            None => self.day_end,
            Some(at) if at.duration_since(self.day_end) > UPDATE_AHEAD_MAX => {
                self.count(place.object, source.entity()).versions_cut += 1;
                self.day_end
            }
            // The database keeps microseconds, so nothing finer may decide.
            Some(at) => Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at),
        };
        Ok(Version {
            source_version,
            raw_position,
        })
    }

    /// The day of a version in the tenant's zone, at most the business day.
    pub(crate) fn day_of(&self, version: Version) -> Date {
        if version.source_version >= self.day_end {
            return self.date;
        }
        let zone = self.mapping.zone.zone().clone();
        let day = version.source_version.to_zoned(zone).date();
        day.min(self.date)
    }

    pub(crate) fn position(
        &self,
        dataset: &DatasetMapping,
        place: RecordPlace,
    ) -> Result<RawPosition, TransformError> {
        let object = self.objects.get(place.object);
        let (page, revision) = object.map_or((None, Revision::FIRST), |object| {
            (object.page, object.revision)
        });
        let ordinal = place.ordinal;
        let fix = self.correcting.as_ref().map_or(0, Correcting::number);
        let position =
            RawPosition::new(self.day, revision, dataset.number, Place { page, ordinal });
        position
            .and_then(|position| position.with_fix(fix))
            .map_err(|source| TransformError::Place {
                object: self.key_of(place.object),
                ordinal,
                source,
            })
    }

    /// An object's key in the raw store.
    pub(crate) fn key_of(&self, object: usize) -> String {
        self.objects
            .get(object)
            .map(|object| object.key.clone())
            .unwrap_or_default()
    }

    /// Marks a record's key as present, accepted or not.
    pub(crate) fn mark_present(
        &mut self,
        source: Source<'m>,
        key: Option<&NaturalKey<'_>>,
        output: &mut Output,
    ) {
        let entity = source.entity();
        let absent = |correcting: &Correcting| !correcting.counts_as_present();
        if !has_presence(entity) || self.correcting.as_ref().is_some_and(absent) {
            return;
        }
        match key.and_then(|key| key.row(entity, &self.parents).ok()) {
            Some(id) => output.present.push(PresenceMark {
                table: entity.table(),
                id,
            }),
            None => self.mark_unreadable(&source.dataset.name, entity),
        }
    }

    /// Some key of a dataset's records can't be read, so nobody can say who is absent.
    pub(crate) fn mark_unreadable(&mut self, dataset: &DatasetName, entity: Entity) {
        if has_presence(entity) {
            self.unreadable.insert((dataset.clone(), entity));
        }
    }

    /// What an object is complete for: a scope, or everything; none where it holds changes only.
    pub(crate) fn scope_of(&self, object: usize) -> Option<&str> {
        match &self.objects.get(object)?.completeness {
            Completeness::Snapshot { scope } => Some(scope),
            Completeness::Delta => None,
        }
    }

    /// Takes down that an object holds the whole stock of a day, if it is complete.
    pub(crate) fn hold_stock_of(
        &self,
        day: Date,
        (dataset, object): (&DatasetMapping, usize),
        output: &mut Output,
    ) -> Result<(), TransformError> {
        if let Some(scope) = self.scope_of(object) {
            let place = RecordPlace { object, ordinal: 0 };
            let position = self.position(dataset, place)?.of_delivery();
            let scope = scope.to_owned();
            output.inventory_sets.insert(DaySet {
                day,
                scope,
                position,
            });
        }
        Ok(())
    }

    /// A complete delivery without a single record says that nothing is in stock on its day.
    pub(crate) fn hold_no_stock(
        &self,
        (dataset, objects): (&DatasetMapping, &[usize]),
        output: &mut Output,
    ) -> Result<(), TransformError> {
        let feeds = |feed: &Feed| feed.entity == Entity::Inventory;
        let records = |object: &usize| {
            let counts = self.counts.get(&(*object, Entity::Inventory));
            counts.map_or(0, |counts| counts.records_read)
        };
        let (Some(first), true) = (objects.first(), dataset.feeds.iter().any(feeds)) else {
            return Ok(());
        };
        if objects.iter().map(records).sum::<u64>() > 0 {
            return Ok(());
        }
        self.hold_stock_of(self.date, (dataset, *first), output)
    }

    /// The presence that a dataset's objects say something of.
    pub(crate) fn presence(
        &self,
        dataset: &DatasetMapping,
        first_object: usize,
    ) -> Result<Vec<PresenceScope>, TransformError> {
        let scope = self.scope_of(first_object);
        let place = RecordPlace {
            object: first_object,
            ordinal: 0,
        };
        let position = self.position(dataset, place)?.of_delivery();
        let entities = dataset.feeds.iter().map(|feed| feed.entity);
        let scopes = entities
            .filter(|entity| has_presence(*entity))
            .map(|entity| {
                let readable = !self.unreadable.contains(&(dataset.name.clone(), entity));
                PresenceScope {
                    table: entity.table(),
                    dataset: dataset.number.number(),
                    scope: scope.unwrap_or_default().to_owned(),
                    position,
                    // A corrected record adds its key to a snapshot, and takes none away.
                    retires: scope.is_some() && readable && self.correcting.is_none(),
                }
            });
        Ok(scopes.collect())
    }

    /// Every source row is in a record, in a reject, or left out by the mapping.
    pub(crate) fn conserved(&self) -> Result<(), TransformError> {
        for ((object, entity), counts) in &self.counts {
            let in_records = self.rows_in_records.get(&(*object, *entity));
            let accounted = in_records.copied().unwrap_or_default()
                + counts.rows_quarantined
                + counts.rows_skipped;
            if accounted != counts.source_rows {
                return Err(TransformError::Conservation {
                    object: self.key_of(*object),
                    entity: entity.name(),
                    source_rows: counts.source_rows,
                    accounted,
                });
            }
        }
        Ok(())
    }

    /// Takes down which keys of a dataset's mapping the records of an object had.
    pub(crate) fn see_keys(
        &mut self,
        dataset: &'m DatasetMapping,
        entities: impl Iterator<Item = Entity>,
        (keys, place, records): (&SeenKeys, RecordPlace, u64),
    ) {
        let new = || SeenDataset {
            dataset,
            entities: BTreeSet::new(),
            keys: SeenKeys::default(),
            place,
            records: 0,
        };
        let seen = self
            .seen_keys
            .entry(dataset.name.clone())
            .or_insert_with(new);
        seen.entities.extend(entities);
        seen.keys.join(keys);
        seen.records += records;
    }

    pub(crate) fn into_counts(mut self) -> (BTreeMap<(usize, Entity), ObjectCounts>, Drift) {
        for seen in self.seen_keys.values() {
            for path in seen.dataset.asked.keys.missing(&seen.keys) {
                for entity in &seen.entities {
                    let field = (*entity, DriftKind::Missing, path.as_str());
                    drift::note(&mut self.drift, field, seen.place, seen.records);
                }
            }
        }
        (self.counts, self.drift)
    }

    /// A bug in what was checked before.
    pub(crate) fn unwritten(&self, place: RecordPlace, source: DomainError) -> TransformError {
        TransformError::Write {
            object: self.key_of(place.object),
            ordinal: place.ordinal,
            source,
        }
    }
}

/// Whether complete snapshots say which rows of the entity are there.
fn has_presence(entity: Entity) -> bool {
    entity.table().table().has_presence()
}
