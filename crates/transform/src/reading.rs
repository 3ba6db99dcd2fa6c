//! An object that is being read: its bytes become rows or JSON records, and those go to the feeds.

use std::sync::Arc;

use catwing_domain::{Output, Problem, Rule};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::{
    canonical::Problems,
    csv::{CsvParser, CsvSplitter, FieldArena},
    delivery::{Delivery, RecordPlace, Refusal, Source},
    document::{DocumentRow, Waiting},
    drift,
    error::TransformError,
    header::Header,
    json,
    json_stream::JsonSplitter,
    mapping::{DatasetMapping, Feed, Format},
    raw::{Piece, RawRecord, RecordReader, Splitter},
    source::{Found, Node, PathId, RecordView, SourceRecord, View},
    value::{Value, empty, shown},
    writing::{self, Candidate},
};

/// The object that is being read.
pub(crate) struct Reading<'m> {
    reader: RecordReader,
    rows: ObjectRows<'m>,
}

/// What the rows of an object are read with.
struct ObjectRows<'m> {
    object: usize,
    dataset: &'m DatasetMapping,
    parser: Option<CsvParser>,
    header: Option<Arc<Header>>,
    arena: FieldArena,
    ordinal: u64,
}

/// One row or record of the source, as it goes to a feed.
struct Row<'r, 'm> {
    source: Source<'m>,
    place: RecordPlace,
    raw: RawRecord<'r>,
}

/// Why a record is none of a feed's own.
enum Stranger {
    /// It is another feed's.
    OfAnother,
    /// It is of no entity, or of several.
    OfNone,
}

impl<'m> Reading<'m> {
    /// Begins to read an object of a dataset.
    pub(crate) fn new(dataset: &'m DatasetMapping, object: usize) -> Self {
        let (splitter, encoding, parser) = match &dataset.format {
            Format::Csv {
                shape, encoding, ..
            } => {
                let splitter = Splitter::Csv(CsvSplitter::new(*shape));
                (splitter, *encoding, Some(CsvParser::new(*shape)))
            }
            Format::Json { records } => {
                let splitter = Splitter::Json(JsonSplitter::new(records));
                (splitter, encoding_rs::UTF_8, None)
            }
            Format::Ndjson => (Splitter::Lines, encoding_rs::UTF_8, None),
        };
        let header = match &dataset.format {
            Format::Csv { columns, .. } if !columns.is_empty() => {
                let names = columns.iter().map(String::as_str);
                Some(Arc::new(Header::new(names, &dataset.paths)))
            }
            _ => None,
        };
        Self {
            reader: RecordReader::new(splitter, encoding),
            rows: ObjectRows {
                object,
                dataset,
                parser,
                header,
                arena: FieldArena::default(),
                ordinal: 0,
            },
        }
    }

    /// Takes the object's next bytes.
    pub(crate) fn feed(
        &mut self,
        chunk: &[u8],
        last: bool,
        to: &mut Intake<'_, 'm>,
    ) -> Result<(), TransformError> {
        let Self { reader, rows } = self;
        let mut done = Ok(());
        reader.feed(chunk, last, &mut |piece| {
            if done.is_ok() {
                done = rows.piece(&piece, to);
            }
        });
        done?;
        if last { rows.end(to) } else { Ok(()) }
    }

    /// The object's columns, once they are known.
    pub(crate) fn header(&self) -> Option<(usize, Arc<Header>)> {
        Some((self.rows.object, self.rows.header.clone()?))
    }
}

/// Where rows go: to records at once, or to the documents that wait for more of them.
pub(crate) struct Intake<'t, 'm> {
    pub(crate) delivery: &'t mut Delivery<'m>,
    pub(crate) waiting: &'t mut Waiting,
    pub(crate) output: &'t mut Output,
}

impl<'m> ObjectRows<'m> {
    fn piece(&mut self, piece: &Piece<'_>, to: &mut Intake<'_, 'm>) -> Result<(), TransformError> {
        if self.parser.is_some() && self.header.is_none() {
            self.columns(piece, to);
            return Ok(());
        }
        let place = RecordPlace {
            object: self.object,
            ordinal: self.ordinal,
        };
        self.ordinal += 1;
        match (piece, self.header.clone()) {
            (Piece::Record(raw), None) => self.json(raw, place, to),
            (Piece::Broken(raw, message), None) => self.bad(raw, place, None, message, to),
            (Piece::Record(raw), Some(header)) => self.delimited(raw, None, (place, &header), to),
            (Piece::Broken(raw, message), Some(header)) => {
                self.delimited(raw, Some(message), (place, &header), to)
            }
        }
    }

    /// The first row of an object names its columns.
    fn columns(&mut self, piece: &Piece<'_>, to: &mut Intake<'_, 'm>) {
        let (raw, problem) = match piece {
            Piece::Record(raw) => (raw, raw.text().err()),
            Piece::Broken(raw, message) => (raw, Some(message.clone())),
        };
        let header = match (problem, &mut self.parser) {
            (None, Some(parser)) => {
                let range = parser.parse(&raw.lossy(), &mut self.arena);
                Header::new(self.arena.row(&range).into_iter(), &self.dataset.paths)
            }
            (problem, _) => Header::unreadable(&problem.unwrap_or_default()),
        };
        for name in &header.unused {
            drift::note(&mut to.delivery.drift, name, 0);
        }
        if header.problem.is_some() {
            for feed in &self.dataset.feeds {
                to.delivery.mark_unreadable(self.object, feed.entity);
            }
        }
        self.header = Some(Arc::new(header));
    }

    /// A delimited object without a header row that can be used is no empty object: it was cut off,
    /// or is something else.
    fn end(&mut self, to: &mut Intake<'_, 'm>) -> Result<(), TransformError> {
        let message = match &self.header {
            _ if self.parser.is_none() || self.ordinal > 0 => return Ok(()),
            None => "the file is empty: not even a header row is there".to_owned(),
            // Without rows to refuse, nobody would hear of it.
            Some(header) => match &header.problem {
                None => return Ok(()),
                Some(problem) => problem.clone(),
            },
        };
        let place = RecordPlace {
            object: self.object,
            ordinal: 0,
        };
        self.bad(&RawRecord::new(b""), place, None, &message, to)
    }

    fn delimited(
        &mut self,
        raw: &RawRecord<'_>,
        broken: Option<&String>,
        (place, header): (RecordPlace, &Header),
        to: &mut Intake<'_, 'm>,
    ) -> Result<(), TransformError> {
        let Some(parser) = &mut self.parser else {
            return Ok(());
        };
        let mut arena = std::mem::take(&mut self.arena);
        arena.clear();
        // What is no text is taken apart all the same: its document's key may be readable.
        let text = raw.text().map(std::borrow::Cow::Borrowed);
        let (text, unread) = text.map_or_else(|why| (raw.lossy(), Some(why)), |text| (text, None));
        let range = parser.parse(&text, &mut arena);
        let fields = arena.row(&range);
        let problem = broken
            .cloned()
            .or(unread)
            .or_else(|| header.misfit(fields.len()));
        let record = SourceRecord::Row { fields, header };
        let done = match problem {
            Some(message) => self.bad(raw, place, Some(&record), &message, to),
            None => self.good(raw, place, &record, to),
        };
        self.arena = arena;
        done
    }

    fn json(
        &mut self,
        raw: &RawRecord<'_>,
        place: RecordPlace,
        to: &mut Intake<'_, 'm>,
    ) -> Result<(), TransformError> {
        let parsed = raw.text().and_then(|text| match json::parse(text)? {
            node @ Node::Record(_) => Ok(node),
            _ => Err("not an object with fields".to_owned()),
        });
        match parsed {
            Ok(node) => {
                if to.waiting.partition.is_first() {
                    let known = &self.dataset.known_keys;
                    known.note(&mut to.delivery.drift, &node, place.ordinal);
                }
                self.good(raw, place, &SourceRecord::Json(node), to)
            }
            Err(message) => {
                let lossy = raw.lossy();
                let record = json::parse(&lossy).ok().map(SourceRecord::Json);
                self.bad(raw, place, record.as_ref(), &message, to)
            }
        }
    }

    fn good(
        &self,
        raw: &RawRecord<'_>,
        place: RecordPlace,
        record: &SourceRecord<'_>,
        to: &mut Intake<'_, 'm>,
    ) -> Result<(), TransformError> {
        self.rows(raw, place, to.delivery)
            .try_for_each(|row| row.good(record, to))
    }

    fn bad(
        &self,
        raw: &RawRecord<'_>,
        place: RecordPlace,
        record: Option<&SourceRecord<'_>>,
        message: &str,
        to: &mut Intake<'_, 'm>,
    ) -> Result<(), TransformError> {
        let problem = Problem {
            rule: Rule::Format,
            field: None,
            value: None,
            message: message.to_owned(),
        };
        self.rows(raw, place, to.delivery)
            .try_for_each(|row| row.bad(record, &problem, to))
    }

    fn rows<'r>(
        &self,
        raw: &RawRecord<'r>,
        place: RecordPlace,
        delivery: &Delivery<'m>,
    ) -> impl Iterator<Item = Row<'r, 'm>> + use<'r, 'm> {
        let (mapping, dataset) = (delivery.mapping, self.dataset);
        let raw = *raw;
        dataset.feeds.iter().map(move |feed| Row {
            source: Source {
                mapping,
                dataset,
                feed,
            },
            place,
            raw,
        })
    }
}

impl<'m> Row<'_, 'm> {
    /// A row that can't be read as it should: it takes its document with it where it says whose it is.
    fn bad(
        &self,
        record: Option<&SourceRecord<'_>>,
        problem: &Problem,
        to: &mut Intake<'_, 'm>,
    ) -> Result<(), TransformError> {
        self.count_row(to);
        if self.source.feed.told_by.is_some() && !self.is_first_feed() {
            self.skip(to);
            return Ok(());
        }
        if let Some(key) = record.and_then(|record| self.document_key(record)) {
            self.wait(&key, Some(problem.clone()), to);
            return Ok(());
        }
        if !to.waiting.partition.is_first() {
            return Ok(());
        }
        self.refuse_unread(vec![problem.clone()], to)
    }

    fn good(
        &self,
        record: &SourceRecord<'_>,
        to: &mut Intake<'_, 'm>,
    ) -> Result<(), TransformError> {
        let feed = self.source.feed;
        if feed.document.is_none() && !to.waiting.partition.is_first() {
            return Ok(());
        }
        self.count_row(to);
        if let Some(stranger) = self.stranger(record) {
            return self.set_aside(stranger, to);
        }
        let lines = self.lines(record);
        let view = View {
            lines: &lines,
            ..View::alone(record)
        };
        let mut early = Problems::default();
        if let Some(only) = &feed.only {
            match self.source.evaluator().holds(only, &view) {
                Ok(true) => {}
                Ok(false) => {
                    self.skip(to);
                    return Ok(());
                }
                Err(broken) => early.add(Rule::Type, "where", Some(&broken.value), broken.message),
            }
        }
        if feed.document.is_some() {
            return self.part_of_document(record, early, to);
        }
        let candidate = Candidate {
            source: self.source,
            view,
            rows: &[self.place],
            problems: early,
            text: &|| self.raw.shown(),
        };
        writing::write(to.delivery, candidate, to.output)
    }

    /// Of a dataset that holds records of several entities: why this is no record of the feed's own.
    fn stranger(&self, record: &SourceRecord<'_>) -> Option<Stranger> {
        self.source.feed.told_by?;
        let paths = &self.source.dataset.paths;
        let found = |path: PathId| match RecordView::Source(record).find(paths, path) {
            Found::Nothing => false,
            Found::Text(text) => !text.is_empty(),
            _ => true,
        };
        let feeds = &self.source.dataset.feeds;
        let mut told = feeds.iter().filter(|feed| feed.told_by.is_some_and(found));
        match (told.next(), told.next()) {
            (Some(feed), None) if feed.entity == self.source.entity() => None,
            (Some(_), None) => Some(Stranger::OfAnother),
            _ => Some(Stranger::OfNone),
        }
    }

    /// A record of another entity is left to its own feed; one of none or of several is refused once.
    fn set_aside(&self, stranger: Stranger, to: &mut Intake<'_, 'm>) -> Result<(), TransformError> {
        if matches!(stranger, Stranger::OfAnother) || !self.is_first_feed() {
            self.skip(to);
            return Ok(());
        }
        let (feeds, paths) = (&self.source.dataset.feeds, &self.source.dataset.paths);
        let path = |feed: &Feed| Some(paths.get(feed.told_by?.0)?.text.clone());
        let names: Vec<_> = feeds.iter().filter_map(path).collect();
        let names = names.join(" and ");
        let message =
            format!("is a record of exactly one of {names}: it has none of them, or several");
        let mut problems = Problems::default();
        problems.add(Rule::Consistency, "", None, message);
        self.refuse_unread(problems.list, to)
    }

    /// What is wrong with a record of nobody knows which entity is told once.
    fn is_first_feed(&self) -> bool {
        let first = self.source.dataset.feeds.first();
        first.is_some_and(|first| first.entity == self.source.entity())
    }

    /// The row is none of the feed's.
    fn skip(&self, to: &mut Intake<'_, 'm>) {
        if to.waiting.partition.is_first() {
            let entity = self.source.entity();
            to.delivery.count(self.place.object, entity).rows_skipped += 1;
        }
    }

    fn part_of_document(
        &self,
        record: &SourceRecord<'_>,
        mut early: Problems,
        to: &mut Intake<'_, 'm>,
    ) -> Result<(), TransformError> {
        if let Some(key) = self.document_key(record) {
            self.wait(&key, early.list.into_iter().next(), to);
            return Ok(());
        }
        if !to.waiting.partition.is_first() {
            return Ok(());
        }
        let column = self.source.feed.document.as_ref();
        let lacks = column
            .and_then(|column| column.lacks(&View::alone(record), &self.source.dataset.paths));
        let message = "the row does not say which document it belongs to";
        let message = lacks.unwrap_or_else(|| message.to_owned());
        early.add(Rule::Missing, "document", None, message);
        self.refuse_unread(early.list, to)
    }

    /// The lines of a document that holds them itself, where the mapping asks of them.
    fn lines<'r>(&self, record: &'r SourceRecord<'r>) -> Vec<RecordView<'r>> {
        let Some(path) = self.source.feed.lines else {
            return Vec::new();
        };
        RecordView::Source(record).elements(&self.source.dataset.paths, path)
    }

    /// The document that a row belongs to; equal keys are equal in NFC, as row keys are.
    fn document_key(&self, record: &SourceRecord<'_>) -> Option<String> {
        let expression = self.source.feed.document.as_ref()?;
        let value = self
            .source
            .evaluator()
            .value(expression, &View::alone(record));
        let key = match value {
            Ok(Value::Composite) | Err(_) => return None,
            Ok(value) if empty(&value) => return None,
            Ok(value) => shown(&value),
        };
        // A key that was not read whole is nobody's.
        match key {
            key if key.contains('\u{fffd}') => None,
            key if key.is_ascii() || is_nfc_quick(key.chars()) == IsNormalized::Yes => Some(key),
            key => Some(key.nfc().collect()),
        }
    }

    fn wait(&self, key: &str, problem: Option<Problem>, to: &mut Intake<'_, 'm>) {
        let row = DocumentRow {
            place: self.place,
            bytes: self.raw.bytes(),
            problem: problem.as_ref(),
        };
        to.waiting.add(self.source.entity(), key, row);
    }

    fn count_row(&self, to: &mut Intake<'_, 'm>) {
        if to.waiting.partition.is_first() {
            let entity = self.source.entity();
            to.delivery.count(self.place.object, entity).source_rows += 1;
        }
    }

    fn refuse_unread(
        &self,
        problems: Vec<Problem>,
        to: &mut Intake<'_, 'm>,
    ) -> Result<(), TransformError> {
        let refusal = Refusal {
            rows: &[self.place],
            record_key: None,
            problems,
            text: self.raw.shown(),
        };
        to.delivery.refuse_unread(self.source, refusal, to.output)
    }
}
