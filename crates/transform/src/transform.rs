//! The transform of one delivery: bytes of its objects in, rows and rejects out. No I/O and no
//! clock: the same bytes, mapping and transform version give the same rows.

use std::collections::{BTreeMap, BTreeSet};

use catwing_domain::{
    BusinessDay, DatasetName, DomainError, Drift, Entity, ObjectCounts, Output, Place,
    PresenceMark, PresenceScope, Problem, RawPosition, Reject, Rule, TableId, Unit, Version,
    manifest::{Completeness, RawObject},
};
use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use crate::{
    canonical::{self, Fields, Problems, shortened},
    csv::{CsvParser, CsvSplitter, FieldArena},
    customer,
    document::{Documents, partition_of, partitions},
    evaluate::{Evaluator, empty, shown},
    json::{self, JsonSplitter},
    location,
    mapping::{DatasetMapping, Feed, Format, Mapping},
    parents::Parents,
    product,
    raw::{Piece, RawRecord, RecordReader, Splitter},
    sales_order,
    source::{Node, RecordView, SourceRecord, View},
};

/// Raised whenever the same bytes and mapping would give other rows than before.
pub const TRANSFORM_VERSION: i32 = 1;
/// Characters of a refused record that quarantine keeps; the rest is in raw.
const REJECT_CHARS_MAX: usize = 4_000;
/// Names of unknown fields that are told of one delivery.
const DRIFT_MAX: usize = 1_000;
/// Documents that one call of [`Transform::assemble`] finishes.
const ASSEMBLED_MAX: usize = 2_000;
/// An update time that is further ahead of its business day's end than this is not believed.
const UPDATE_AHEAD_MAX: SignedDuration = SignedDuration::from_hours(24);

/// Why a delivery can't be transformed at all. What is wrong with a record is a reject instead.
#[derive(Debug, Error)]
pub enum TransformError {
    /// A record's position does not fit its bits.
    #[error(
        "failed to place record {ordinal} of {object}: split the delivery into smaller objects"
    )]
    Place {
        /// The object's key.
        object: String,
        /// The record.
        ordinal: u64,
        /// Which limit.
        #[source]
        source: DomainError,
    },
    /// A value that was checked could not be stored after all.
    #[error("failed to write record {ordinal} of {object}: this is a bug of catwing")]
    Write {
        /// The object's key.
        object: String,
        /// The record.
        ordinal: u64,
        /// The value.
        #[source]
        source: DomainError,
    },
    /// Rows went missing between source and records.
    #[error(
        "{object} has {source_rows} source rows for {entity}, but {accounted} were accounted for: this is a bug of catwing"
    )]
    Conservation {
        /// The object's key.
        object: String,
        /// The entity.
        entity: &'static str,
        /// Rows that were read.
        source_rows: u64,
        /// Rows in records, rejects and what the mapping leaves out.
        accounted: u64,
    },
}

/// A canonical record, or why there is none, as a preview shows it.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Preview {
    /// The entity.
    pub entity: Entity,
    /// The object's key or name.
    pub object: String,
    /// The record's position in its object, from 0.
    pub ordinal: u64,
    /// In canonical shape.
    pub record: serde_json::Value,
    /// What is wrong, `field: value message`; empty for a record that would be loaded.
    pub problems: Vec<String>,
}

/// One reading of a dataset's objects, in order: feed each of them, then assemble.
#[derive(Clone, Debug)]
pub struct Stretch {
    dataset: DatasetName,
    /// Indexes of the delivery's objects.
    pub objects: Vec<usize>,
    partition: u32,
    partitions: u32,
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
    mapping: &'m Mapping,
    day: BusinessDay,
    day_end: Timestamp,
    objects: Vec<RawObject>,
    parents: Parents,
    documents: BTreeMap<Entity, Documents>,
    counts: BTreeMap<(usize, Entity), ObjectCounts>,
    rows_in_records: BTreeMap<(usize, Entity), u64>,
    unreadable: BTreeSet<(DatasetName, Entity)>,
    drift: Drift,
    /// The columns of each object that was begun: its documents are finished later.
    columns: BTreeMap<usize, Header>,
    reading: Option<Reading<'m>>,
    failed: Option<TransformError>,
    preview_max: usize,
    previews: Vec<Preview>,
}

/// The object that is being read.
struct Reading<'m> {
    object: usize,
    mapping: &'m DatasetMapping,
    reader: RecordReader,
    parser: Option<CsvParser>,
    header: Option<Header>,
    arena: FieldArena,
    ordinal: u64,
    partition: u32,
    partitions: u32,
}

/// The columns of an object.
#[derive(Clone)]
struct Header {
    width: usize,
    /// For each path of the dataset, the column that it names.
    columns: Vec<Option<usize>>,
    /// Columns that no path names.
    unused: Vec<String>,
    /// What makes every row of the object unreadable.
    problem: Option<String>,
}

impl<'m> Transform<'m> {
    /// A transform of a delivery's objects for a business day.
    #[must_use]
    pub fn new(mapping: &'m Mapping, day: BusinessDay, objects: Vec<RawObject>) -> Self {
        Self {
            mapping,
            day,
            day_end: mapping.zone.end_of(day),
            objects,
            parents: Parents::new(&mapping.key_salt),
            documents: BTreeMap::new(),
            counts: BTreeMap::new(),
            rows_in_records: BTreeMap::new(),
            unreadable: BTreeSet::new(),
            drift: Drift::new(),
            columns: BTreeMap::new(),
            reading: None,
            failed: None,
            preview_max: 0,
            previews: Vec::new(),
        }
    }

    /// Keeps the first canonical records and rejects of every entity for a person to see.
    #[must_use]
    pub fn with_previews(mut self, each: usize) -> Self {
        self.preview_max = each;
        self
    }

    /// What was kept for a person to see.
    #[must_use]
    pub fn previews(&self) -> &[Preview] {
        &self.previews
    }

    /// How the delivery's objects must be read, in this order: a dataset whose documents are spread
    /// over rows is read once per partition of their keys.
    #[must_use]
    pub fn stretches(&self) -> Vec<Stretch> {
        let mut by_dataset: BTreeMap<&DatasetName, Vec<usize>> = BTreeMap::new();
        for (index, object) in self.objects.iter().enumerate() {
            by_dataset.entry(&object.dataset).or_default().push(index);
        }
        let mut stretches = Vec::new();
        for (dataset, mut objects) in by_dataset {
            let Some(mapping) = self.mapping.datasets.get(dataset) else {
                continue;
            };
            objects.sort_by_key(|index| self.objects.get(*index).map(|object| object.page));
            let grouped = mapping.feeds.iter().any(|feed| feed.document.is_some());
            let sizes = objects
                .iter()
                .filter_map(|index| self.objects.get(*index))
                .map(|object| object.size_bytes);
            let partitions = if grouped { partitions(sizes.sum()) } else { 1 };
            for partition in 0..partitions {
                let objects = objects.clone();
                stretches.push(Stretch {
                    dataset: dataset.clone(),
                    objects,
                    partition,
                    partitions,
                });
            }
        }
        stretches
    }

    /// Begins to read an object of a stretch.
    pub fn begin_object(&mut self, stretch: &Stretch, object: usize) {
        let Some(mapping) = self.mapping.datasets.get(&stretch.dataset) else {
            return;
        };
        let (splitter, encoding, parser) = match &mapping.format {
            Format::Csv {
                shape, encoding, ..
            } => (
                Splitter::Csv(CsvSplitter::new(*shape)),
                *encoding,
                Some(CsvParser::new(*shape)),
            ),
            Format::Json { records } => (
                Splitter::Json(JsonSplitter::new(records)),
                encoding_rs::UTF_8,
                None,
            ),
            Format::Ndjson => (Splitter::Lines, encoding_rs::UTF_8, None),
        };
        let header = match &mapping.format {
            Format::Csv { columns, .. } if !columns.is_empty() => {
                Some(Header::new(columns.iter().map(String::as_str), mapping))
            }
            _ => None,
        };
        if let Some(header) = &header {
            self.columns.insert(object, header.clone());
        }
        if stretch.partition == 0 {
            for feed in &mapping.feeds {
                self.counts.entry((object, feed.entity)).or_default();
            }
        }
        self.reading = Some(Reading {
            object,
            mapping,
            reader: RecordReader::new(splitter, encoding),
            parser,
            header,
            arena: FieldArena::default(),
            ordinal: 0,
            partition: stretch.partition,
            partitions: stretch.partitions,
        });
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
        let Some(mut reading) = self.reading.take() else {
            return Ok(());
        };
        let mut reader = std::mem::replace(
            &mut reading.reader,
            RecordReader::new(Splitter::Lines, encoding_rs::UTF_8),
        );
        reader.feed(chunk, last, &mut |piece| {
            if self.failed.is_none()
                && let Err(error) = self.piece(&mut reading, &piece, output)
            {
                self.failed = Some(error);
            }
        });
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        self.parents.flush_if_large(output);
        if !last {
            reading.reader = reader;
            self.reading = Some(reading);
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
        let Some(mapping) = self.mapping.datasets.get(&stretch.dataset) else {
            return Ok(false);
        };
        for feed in mapping.feeds.iter().filter(|feed| feed.document.is_some()) {
            let mut documents = self.documents.remove(&feed.entity).unwrap_or_default();
            let mut finished = 0;
            while finished < ASSEMBLED_MAX {
                let Some(rows) = documents.next() else { break };
                self.document(mapping, feed, &rows, output)?;
                finished += 1;
            }
            self.parents.flush_if_large(output);
            if finished == ASSEMBLED_MAX {
                self.documents.insert(feed.entity, documents);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Ends the delivery: the last rows, and what the delivery came to.
    ///
    /// # Errors
    /// [`TransformError::Conservation`] if a source row is not accounted for.
    pub fn finish(mut self, output: &mut Output) -> Result<Summary, TransformError> {
        self.parents.flush(output);
        for ((object, entity), counts) in &self.counts {
            let in_records = self
                .rows_in_records
                .get(&(*object, *entity))
                .copied()
                .unwrap_or_default();
            let accounted = in_records + counts.rows_quarantined + counts.rows_skipped;
            if accounted != counts.source_rows {
                return Err(TransformError::Conservation {
                    object: self.key_of(*object),
                    entity: entity.name(),
                    source_rows: counts.source_rows,
                    accounted,
                });
            }
        }
        let mapped = |object: &RawObject| self.mapping.maps(&object.dataset);
        let unmapped = self
            .objects
            .iter()
            .enumerate()
            .filter(|(_, object)| !mapped(object))
            .map(|(i, _)| i)
            .collect();
        Ok(Summary {
            counts: self.counts,
            drift: self.drift,
            unmapped,
        })
    }

    /// What the keys that a stretch marked as present belong to: load wants it after each stretch,
    /// before the next one marks keys of another dataset.
    ///
    /// # Errors
    /// [`TransformError::Place`].
    pub fn presence(&self, stretch: &Stretch) -> Result<Vec<PresenceScope>, TransformError> {
        let first = stretch
            .objects
            .first()
            .and_then(|index| Some((*index, self.objects.get(*index)?)));
        let (Some(mapping), Some((index, object))) =
            (self.mapping.datasets.get(&stretch.dataset), first)
        else {
            return Ok(Vec::new());
        };
        let (scope, complete) = match &object.completeness {
            Completeness::Snapshot { scope } => (scope.clone(), true),
            Completeness::Delta => (String::new(), false),
        };
        let mut scopes = Vec::new();
        for feed in mapping
            .feeds
            .iter()
            .filter(|feed| stretch.partition == 0 && has_presence(feed.entity))
        {
            let readable = !self
                .unreadable
                .contains(&(object.dataset.clone(), feed.entity));
            scopes.push(PresenceScope {
                table: feed.entity.table(),
                dataset: mapping.number.number(),
                scope: scope.clone(),
                position: self.position(mapping, index, 0)?.of_delivery(),
                retires: complete && readable,
            });
        }
        Ok(scopes)
    }

    fn piece(
        &mut self,
        reading: &mut Reading<'m>,
        piece: &Piece<'_>,
        output: &mut Output,
    ) -> Result<(), TransformError> {
        if let Piece::Record(raw) = piece
            && reading.header.is_none()
            && let Some(parser) = &mut reading.parser
        {
            // The first row of an object names its columns.
            reading.header = Some(match parser.parse(raw, &mut reading.arena) {
                Ok(range) => Header::new(reading.arena.row(&range).into_iter(), reading.mapping),
                Err(message) => Header::unreadable(&message),
            });
            self.note_columns(reading);
            return Ok(());
        }
        let ordinal = reading.ordinal;
        reading.ordinal += 1;
        match piece {
            Piece::Record(raw) => self.record(reading, raw, ordinal, output),
            Piece::Broken(raw, message) => {
                let problem = format_problem(message);
                let mapping = reading.mapping;
                for feed in &mapping.feeds {
                    self.bad_row(reading, feed, raw, ordinal, None, &problem, output)?;
                }
                Ok(())
            }
        }
    }

    fn record(
        &mut self,
        reading: &mut Reading<'m>,
        raw: &RawRecord<'_>,
        ordinal: u64,
        output: &mut Output,
    ) -> Result<(), TransformError> {
        let mut arena = std::mem::take(&mut reading.arena);
        arena.clear();
        let range = reading
            .parser
            .as_mut()
            .map(|parser| parser.parse(raw, &mut arena));
        let header = reading.header.as_ref();
        let parsed = match (&range, header) {
            (Some(Ok(range)), Some(header)) => Ok(SourceRecord::Row {
                fields: arena.row(range),
                columns: &header.columns,
            }),
            (Some(Err(message)), _) => Err(message.clone()),
            _ => json::parse(raw).and_then(|node| match node {
                node @ Node::Record(_) => Ok(SourceRecord::Json(node)),
                _ => Err("expected an object with fields".to_owned()),
            }),
        };
        let problem = match (&parsed, header) {
            (Err(message), _) => Some(format_problem(message)),
            (Ok(SourceRecord::Row { fields, .. }), Some(header)) => {
                header.misfit(fields.len()).map(|m| format_problem(&m))
            }
            _ => None,
        };
        let record = parsed.ok();
        if let Some(SourceRecord::Json(node)) = &record
            && reading.partition == 0
        {
            self.note_keys(reading.mapping, node, "", ordinal);
        }
        let mapping = reading.mapping;
        for feed in &mapping.feeds {
            match (&problem, &record) {
                (Some(problem), record) => {
                    self.bad_row(
                        reading,
                        feed,
                        raw,
                        ordinal,
                        record.as_ref(),
                        problem,
                        output,
                    )?;
                }
                (None, Some(record)) => {
                    self.good_row(reading, feed, raw, ordinal, record, output)?
                }
                (None, None) => {}
            }
        }
        reading.arena = arena;
        Ok(())
    }

    /// A row that can't be read as it should: it takes its document with it where it says whose it is.
    #[allow(clippy::too_many_arguments)]
    fn bad_row(
        &mut self,
        reading: &Reading<'m>,
        feed: &Feed,
        raw: &RawRecord<'_>,
        ordinal: u64,
        record: Option<&SourceRecord<'_>>,
        problem: &Problem,
        output: &mut Output,
    ) -> Result<(), TransformError> {
        let object = reading.object;
        let first = reading.partition == 0;
        if let Some(record) = record
            && let Some(key) = self.document_key(reading.mapping, feed, record)
        {
            if first {
                self.count(object, feed.entity).source_rows += 1;
            }
            if partition_of(&key, reading.partitions) == reading.partition {
                let documents = self.documents.entry(feed.entity).or_default();
                documents.add(&key, object, ordinal, raw.bytes(), Some(problem.clone()));
            }
            return Ok(());
        }
        if !first {
            return Ok(());
        }
        self.count(object, feed.entity).source_rows += 1;
        let place = RejectPlace {
            object,
            ordinal,
            rows: vec![object],
            record_key: None,
        };
        self.reject(
            reading.mapping,
            feed.entity,
            place,
            vec![problem.clone()],
            &shown_raw(raw.bytes()),
            output,
        )
    }

    fn good_row(
        &mut self,
        reading: &Reading<'m>,
        feed: &'m Feed,
        raw: &RawRecord<'_>,
        ordinal: u64,
        record: &SourceRecord<'_>,
        output: &mut Output,
    ) -> Result<(), TransformError> {
        let (object, first) = (reading.object, reading.partition == 0);
        if feed.document.is_none() && !first {
            return Ok(());
        }
        if first {
            self.count(object, feed.entity).source_rows += 1;
        }
        let evaluator = Evaluator {
            paths: &reading.mapping.paths,
            zone: &self.mapping.zone,
        };
        let view = View {
            record: RecordView::Source(record),
            around: None,
            lines: &[],
        };
        let mut early = Problems::default();
        if let Some(only) = &feed.only {
            match evaluator.holds(only, &view) {
                Ok(true) => {}
                Ok(false) => {
                    if first {
                        self.count(object, feed.entity).rows_skipped += 1;
                    }
                    return Ok(());
                }
                Err(broken) => early.add(Rule::Type, "where", Some(&broken.value), broken.message),
            }
        }
        if feed.document.is_some() {
            let Some(key) = self.document_key(reading.mapping, feed, record) else {
                if first {
                    early.add(
                        Rule::Missing,
                        "document",
                        None,
                        "the row does not say which document it belongs to",
                    );
                    let place = RejectPlace {
                        object,
                        ordinal,
                        rows: vec![object],
                        record_key: None,
                    };
                    let text = shown_raw(raw.bytes());
                    self.reject(
                        reading.mapping,
                        feed.entity,
                        place,
                        early.list,
                        &text,
                        output,
                    )?;
                }
                return Ok(());
            };
            if partition_of(&key, reading.partitions) == reading.partition {
                let documents = self.documents.entry(feed.entity).or_default();
                documents.add(
                    &key,
                    object,
                    ordinal,
                    raw.bytes(),
                    early.list.into_iter().next(),
                );
            }
            return Ok(());
        }
        let rows = [(object, ordinal)];
        self.canonical(
            reading.mapping,
            feed,
            &view,
            &rows,
            early,
            &|| shown_raw(raw.bytes()),
            output,
        )
    }

    fn document_key(
        &self,
        mapping: &DatasetMapping,
        feed: &Feed,
        record: &SourceRecord<'_>,
    ) -> Option<String> {
        let evaluator = Evaluator {
            paths: &mapping.paths,
            zone: &self.mapping.zone,
        };
        let view = View {
            record: RecordView::Source(record),
            around: None,
            lines: &[],
        };
        let value = evaluator.value(feed.document.as_ref()?, &view).ok()?;
        (!empty(&value)).then(|| shown(&value))
    }

    /// A document whose rows are all here.
    fn document(
        &mut self,
        mapping: &'m DatasetMapping,
        feed: &'m Feed,
        rows: &[(crate::document::WaitingRow, &[u8])],
        output: &mut Output,
    ) -> Result<(), TransformError> {
        let mut problems = Problems::default();
        problems
            .list
            .extend(rows.iter().filter_map(|(row, _)| row.problem.clone()));
        let mut arena = FieldArena::default();
        let mut ranges = Vec::with_capacity(rows.len());
        if let Format::Csv { shape, .. } = &mapping.format {
            let mut parser = CsvParser::new(*shape);
            for (_, bytes) in rows {
                ranges.push(parser.parse(&RawRecord::new(bytes), &mut arena).ok());
            }
        }
        let headers = std::mem::take(&mut self.columns);
        let no_columns = Vec::new();
        let mut records = Vec::with_capacity(rows.len());
        for (index, (row, bytes)) in rows.iter().enumerate() {
            records.push(match ranges.get(index) {
                Some(range) => {
                    let fields = range
                        .as_ref()
                        .map(|range| arena.row(range))
                        .unwrap_or_default();
                    let columns = headers
                        .get(&row.object)
                        .map_or(&no_columns, |header| &header.columns);
                    SourceRecord::Row { fields, columns }
                }
                None => {
                    SourceRecord::Json(json::parse(&RawRecord::new(bytes)).unwrap_or(Node::Null))
                }
            });
        }
        let lines: Vec<_> = records.iter().map(RecordView::Source).collect();
        let Some(header) = lines.first() else {
            return Ok(());
        };
        let view = View {
            record: *header,
            around: None,
            lines: &lines,
        };
        let places: Vec<_> = rows
            .iter()
            .map(|(row, _)| (row.object, row.ordinal))
            .collect();
        let text = || {
            let mut all = String::new();
            for (_, bytes) in rows {
                if all.len() > REJECT_CHARS_MAX * 4 {
                    break;
                }
                all.push_str(&String::from_utf8_lossy(bytes));
                all.push('\n');
            }
            shortened(all.trim_end(), REJECT_CHARS_MAX)
        };
        let done = self.canonical(mapping, feed, &view, &places, problems, &text, output);
        self.columns = headers;
        done
    }

    /// Reads, checks and writes one canonical record.
    #[allow(clippy::too_many_arguments)]
    fn canonical(
        &mut self,
        mapping: &'m DatasetMapping,
        feed: &'m Feed,
        view: &View<'_, '_>,
        rows: &[(usize, u64)],
        mut problems: Problems,
        text: &dyn Fn() -> String,
        output: &mut Output,
    ) -> Result<(), TransformError> {
        let Some((object, ordinal)) = rows.first().copied() else {
            return Ok(());
        };
        let evaluator = Evaluator {
            paths: &mapping.paths,
            zone: &self.mapping.zone,
        };
        let items = canonical::read(&evaluator, &feed.plan, view, "", &mut problems);
        let record = Fields {
            fields: feed.plan.fields,
            items: &items,
        };
        if feed.entity == Entity::SalesOrders {
            sales_order::check(record, &mut problems);
        }
        let record_key = record.text("external_id");
        self.preview(feed.entity, object, ordinal, record, &problems);
        self.mark_presence(object, feed.entity, record_key, output)?;
        if !problems.list.is_empty() {
            let objects = rows.iter().map(|(object, _)| *object).collect();
            let place = RejectPlace {
                object,
                ordinal,
                rows: objects,
                record_key: record_key.map(str::to_owned),
            };
            return self.reject(mapping, feed.entity, place, problems.list, &text(), output);
        }
        let version = self.version(mapping, record, object, ordinal, feed.entity)?;
        let written = match feed.entity {
            Entity::Products => product::own(record, version, &mut self.parents),
            Entity::Locations => location::own(record, version, &mut self.parents),
            Entity::Customers => customer::own(record, version, &mut self.parents),
            Entity::SalesOrders => {
                let positions: Result<Vec<_>, _> = if feed.document.is_some() {
                    rows.iter()
                        .map(|(object, ordinal)| self.position(mapping, *object, *ordinal))
                        .collect()
                } else {
                    Ok(Vec::new())
                };
                let base = &self.mapping.base_currency;
                sales_order::emit(
                    record,
                    version,
                    &positions?,
                    base,
                    &mut self.parents,
                    output,
                )
            }
        };
        let wrote = |source| TransformError::Write {
            object: self.key_of(object),
            ordinal,
            source,
        };
        written.map_err(wrote)?;
        let table = feed.entity.table();
        let id = self.parents.key(table, &[record_key]).map_err(wrote)?;
        output.units.push(Unit {
            table,
            id,
            version,
            content: canonical::content(&items),
            object,
        });
        self.count(object, feed.entity).records_read += 1;
        for (object, _) in rows {
            *self
                .rows_in_records
                .entry((*object, feed.entity))
                .or_default() += 1;
        }
        Ok(())
    }

    fn version(
        &mut self,
        mapping: &DatasetMapping,
        record: Fields<'_, '_>,
        object: usize,
        ordinal: u64,
        entity: Entity,
    ) -> Result<Version, TransformError> {
        let raw_position = self.position(mapping, object, ordinal)?;
        let source_version = match record.instant("updated_at") {
            None => self.day_end,
            Some(at) if at.duration_since(self.day_end) > UPDATE_AHEAD_MAX => {
                self.count(object, entity).versions_cut += 1;
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

    fn position(
        &self,
        mapping: &DatasetMapping,
        object: usize,
        ordinal: u64,
    ) -> Result<RawPosition, TransformError> {
        let (page, revision) = self
            .objects
            .get(object)
            .map_or((None, catwing_domain::Revision::FIRST), |object| {
                (object.page, object.revision)
            });
        RawPosition::new(self.day, revision, mapping.number, Place { page, ordinal }).map_err(
            |source| TransformError::Place {
                object: self.key_of(object),
                ordinal,
                source,
            },
        )
    }

    fn mark_presence(
        &mut self,
        object: usize,
        entity: Entity,
        key: Option<&str>,
        output: &mut Output,
    ) -> Result<(), TransformError> {
        if !has_presence(entity) {
            return Ok(());
        }
        let Some(dataset) = self
            .objects
            .get(object)
            .map(|object| object.dataset.clone())
        else {
            return Ok(());
        };
        match key.and_then(|key| self.parents.key(entity.table(), &[Some(key)]).ok()) {
            Some(id) => output.present.push(PresenceMark {
                table: entity.table(),
                id,
            }),
            None => {
                self.unreadable.insert((dataset, entity));
            }
        }
        Ok(())
    }

    fn reject(
        &mut self,
        mapping: &DatasetMapping,
        entity: Entity,
        place: RejectPlace,
        problems: Vec<Problem>,
        text: &str,
        output: &mut Output,
    ) -> Result<(), TransformError> {
        let RejectPlace {
            object,
            ordinal,
            rows,
            record_key,
        } = place;
        if record_key.is_none()
            && has_presence(entity)
            && let Some(raw) = self.objects.get(object)
        {
            self.unreadable.insert((raw.dataset.clone(), entity));
        }
        if record_key.is_none() && self.preview_max > 0 {
            let empty = Fields {
                fields: &[],
                items: &[],
            };
            let told = Problems {
                list: problems.clone(),
            };
            if problems.iter().any(|problem| problem.rule == Rule::Format) {
                self.preview(entity, object, ordinal, empty, &told);
            }
        }
        let counts = self.count(object, entity);
        counts.records_read += 1;
        counts.records_quarantined += 1;
        for object in &rows {
            self.count(*object, entity).rows_quarantined += 1;
        }
        let position = self.position(mapping, object, ordinal)?;
        let source_rows = rows.len() as u64;
        let record = text.to_owned();
        output.rejects.push(Reject {
            position,
            object,
            ordinal,
            entity,
            record_key,
            source_rows,
            problems,
            record,
        });
        Ok(())
    }

    fn preview(
        &mut self,
        entity: Entity,
        object: usize,
        ordinal: u64,
        record: Fields<'_, '_>,
        problems: &Problems,
    ) {
        let good = problems.list.is_empty();
        let alike =
            |preview: &&Preview| preview.entity == entity && preview.problems.is_empty() == good;
        if self.preview_max == 0 || self.previews.iter().filter(alike).count() >= self.preview_max {
            return;
        }
        let told = |problem: &Problem| {
            let field = problem
                .field
                .as_deref()
                .map(|field| format!("{field}: "))
                .unwrap_or_default();
            let value = problem
                .value
                .as_deref()
                .map(|value| format!("{value:?} "))
                .unwrap_or_default();
            format!("{field}{value}{}", problem.message)
        };
        self.previews.push(Preview {
            entity,
            object: self.key_of(object),
            ordinal,
            record: canonical::to_json(record),
            problems: problems.list.iter().map(told).collect(),
        });
    }

    fn note_columns(&mut self, reading: &Reading<'m>) {
        let Some(header) = &reading.header else {
            return;
        };
        self.columns.insert(reading.object, header.clone());
        for name in &header.unused {
            if self.drift.len() < DRIFT_MAX {
                self.drift.entry(name.clone()).or_insert(0);
            }
        }
    }

    fn note_keys(&mut self, mapping: &DatasetMapping, node: &Node<'_>, at: &str, ordinal: u64) {
        match node {
            Node::Record(entries) => {
                for (key, inner) in entries {
                    let here = if at.is_empty() {
                        key.to_string()
                    } else {
                        format!("{at}.{key}")
                    };
                    let used = mapping
                        .paths
                        .iter()
                        .any(|path| path.keys.iter().any(|part| part == key));
                    if !used && self.drift.len() < DRIFT_MAX {
                        self.drift.entry(here).or_insert(ordinal);
                    } else if used {
                        self.note_keys(mapping, inner, &here, ordinal);
                    }
                }
            }
            Node::List(list) => {
                let here = format!("{at}[]");
                list.iter()
                    .for_each(|inner| self.note_keys(mapping, inner, &here, ordinal));
            }
            _ => {}
        }
    }

    fn count(&mut self, object: usize, entity: Entity) -> &mut ObjectCounts {
        self.counts.entry((object, entity)).or_default()
    }

    fn key_of(&self, object: usize) -> String {
        self.objects
            .get(object)
            .map(|object| object.key.clone())
            .unwrap_or_default()
    }
}

/// Where a refused record lies.
struct RejectPlace {
    object: usize,
    ordinal: u64,
    /// The object of each of its source rows.
    rows: Vec<usize>,
    record_key: Option<String>,
}

impl Header {
    fn new<'a>(names: impl Iterator<Item = &'a str>, mapping: &DatasetMapping) -> Self {
        let names: Vec<_> = names.map(str::trim).collect();
        let column = |path: &crate::source::Path| names.iter().position(|name| *name == path.text);
        let twice = mapping
            .paths
            .iter()
            .find(|path| names.iter().filter(|name| **name == path.text).count() > 1);
        let problem = twice.map(|path| format!("the header has the column {:?} twice", path.text));
        let used = |name: &&&str| mapping.paths.iter().any(|path| path.text == **name);
        let unused = names
            .iter()
            .filter(|name| !used(name))
            .map(|name| (*name).to_owned())
            .collect();
        Self {
            width: names.len(),
            columns: mapping.paths.iter().map(column).collect(),
            unused,
            problem,
        }
    }

    fn unreadable(message: &str) -> Self {
        let problem = Some(format!("the header row is {message}"));
        Self {
            width: 0,
            columns: Vec::new(),
            unused: Vec::new(),
            problem,
        }
    }

    fn misfit(&self, fields: usize) -> Option<String> {
        if self.problem.is_some() {
            return self.problem.clone();
        }
        (fields != self.width).then(|| {
            format!(
                "the row has {fields} fields where the header has {}",
                self.width
            )
        })
    }
}

/// Whether complete snapshots say which rows of the entity are there.
fn has_presence(entity: Entity) -> bool {
    matches!(
        entity.table(),
        TableId::Products | TableId::Locations | TableId::Customers
    )
}

fn format_problem(message: &str) -> Problem {
    Problem {
        rule: Rule::Format,
        field: None,
        value: None,
        message: message.to_owned(),
    }
}

fn shown_raw(bytes: &[u8]) -> String {
    let head = bytes
        .get(..bytes.len().min(REJECT_CHARS_MAX * 4))
        .unwrap_or_default();
    shortened(&String::from_utf8_lossy(head), REJECT_CHARS_MAX)
}
