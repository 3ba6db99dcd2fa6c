//! An object that is being read: its bytes become rows or JSON records, and those go to the feeds.

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

use catwing_domain::{DriftKind, Problem, Rule};

use crate::{
    csv::{CsvParser, CsvSplitter, FieldArena},
    delivery::{Delivery, RecordPlace},
    drift::{self, SeenKeys, Unknown},
    error::TransformError,
    header::Header,
    intake::{self, Intake, Role, Row, Target},
    json,
    json_stream::JsonSplitter,
    mapping::{DatasetMapping, Format, Mapping},
    raw::{DECLARE, Piece, RawRecord, RecordReader, Splitter},
    source::{Node, Path, SourceRecord},
};

/// The object that is being read.
pub(crate) struct Reading<'m> {
    reader: RecordReader,
    rows: ObjectRows<'m>,
}

/// What the rows of an object are read with.
pub(crate) struct ObjectRows<'m> {
    object: usize,
    /// The object's own dataset.
    dataset: &'m DatasetMapping,
    paths: &'m [Path],
    targets: Vec<Target<'m>>,
    parser: Option<CsvParser>,
    header: Option<Arc<Header>>,
    arena: FieldArena,
    ordinal: u64,
    /// Which of the mapping's keys the records had.
    seen: SeenKeys,
    /// Whether a contract refuses records with unknown fields.
    refuses_unknown: bool,
}

impl<'m> Reading<'m> {
    /// Begins to read an object of a dataset for the feeds of another one, which may be the same.
    pub(crate) fn new(
        mapping: &'m Mapping,
        owner: &'m DatasetMapping,
        (dataset, object): (&'m DatasetMapping, usize),
    ) -> Self {
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
        let header = declared_header(mapping, dataset);
        let targets = intake::targets(mapping, owner, dataset);
        Self {
            reader: RecordReader::new(splitter, encoding),
            rows: ObjectRows {
                object,
                dataset,
                paths: &mapping.paths,
                refuses_unknown: targets.iter().any(Target::refuses_unknown),
                targets,
                parser,
                header,
                arena: FieldArena::default(),
                ordinal: 0,
                seen: SeenKeys::default(),
            },
        }
    }

    /// Takes down that the object is there, even if nothing is in it.
    pub(crate) fn begin(&self, delivery: &mut Delivery<'m>) {
        for Target { source, role } in &self.rows.targets {
            match role {
                Role::Own | Role::Line if delivery.correcting.is_some() => {}
                Role::LookedUp(lookups) => {
                    for lookup in lookups {
                        delivery.lookups.deliver(*lookup);
                    }
                }
                Role::Own | Role::Line => {
                    delivery.count(self.rows.object, source.entity());
                }
            }
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

/// What kind of value stands where a record should.
fn kind(node: &Node<'_>) -> &'static str {
    match node {
        Node::Null => "null",
        Node::Bool(_) => "true or false",
        Node::Number(_) => "a number",
        Node::Text(_) => "a text",
        Node::List(_) => "a list",
        Node::Record(_) => "an object",
    }
}

/// The columns that a mapping declares of objects without a header row.
pub(crate) fn declared_header(mapping: &Mapping, dataset: &DatasetMapping) -> Option<Arc<Header>> {
    let Format::Csv { columns, .. } = &dataset.format else {
        return None;
    };
    let names = columns.iter().map(String::as_str);
    let header = || Header::new(names, &mapping.paths, &dataset.asked.paths);
    (!columns.is_empty()).then(|| Arc::new(header()))
}

impl<'m> ObjectRows<'m> {
    /// Reads rows of a correction for one feed.
    pub(crate) fn corrected(
        mapping: &'m Mapping,
        (dataset, object): (&'m DatasetMapping, usize),
        target: Target<'m>,
        header: Option<Arc<Header>>,
    ) -> Self {
        let parser = match &dataset.format {
            Format::Csv { shape, .. } => Some(CsvParser::new(*shape)),
            Format::Json { .. } | Format::Ndjson => None,
        };
        Self {
            object,
            dataset,
            paths: &mapping.paths,
            refuses_unknown: target.refuses_unknown(),
            targets: vec![target],
            parser,
            header,
            arena: FieldArena::default(),
            ordinal: 0,
            seen: SeenKeys::default(),
        }
    }

    /// Takes a row of a correction.
    pub(crate) fn correct(
        &mut self,
        piece: &Piece<'_>,
        place: RecordPlace,
        to: &mut Intake<'_, 'm>,
    ) -> Result<(), TransformError> {
        if self.parser.is_some() && self.header.is_none() {
            let (Piece::Record(raw) | Piece::Broken(raw, _)) = piece;
            let message = "no header row of the dataset was delivered: nobody can say what is what";
            return self.bad(raw, place, None, message, to);
        }
        self.row(piece, place, to)
    }

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
        self.row(piece, place, to)
    }

    fn row(
        &mut self,
        piece: &Piece<'_>,
        place: RecordPlace,
        to: &mut Intake<'_, 'm>,
    ) -> Result<(), TransformError> {
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
                let names = self.arena.row(&range).into_iter();
                Header::new(names, self.paths, &self.dataset.asked.paths)
            }
            (problem, _) => Header::unreadable(&problem.unwrap_or_default()),
        };
        if header.problem.is_some() {
            for Target { source, role } in &self.targets {
                if !matches!(role, Role::LookedUp(_)) {
                    let (dataset, entity) = (&source.dataset.name, source.entity());
                    to.delivery.mark_unreadable(dataset, entity);
                }
            }
        }
        self.header = Some(Arc::new(header));
    }

    /// A delimited object without a header row that can be used is no empty object: it was cut off,
    /// or is something else.
    fn end(&mut self, to: &mut Intake<'_, 'm>) -> Result<(), TransformError> {
        self.note_drift(to);
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
        let mut unknown = Vec::new();
        if self.refuses_unknown {
            for (at, name) in &header.unused {
                let value = fields.get(*at).map(|field| Cow::Borrowed(*field));
                drift::keep(&mut unknown, name, value);
            }
        }
        let record = SourceRecord::Row { fields, header };
        let done = match problem {
            Some(message) => self.bad(raw, place, Some(&record), &message, to),
            None => self.good(raw, (place, &unknown), &record, to),
        };
        self.arena = arena;
        done
    }

    /// Looks for fields that the mapping does not use, and gives those that a contract refuses.
    fn look(
        &mut self,
        node: &Node<'_>,
        place: RecordPlace,
        to: &mut Intake<'_, 'm>,
    ) -> Vec<Unknown> {
        let mut refused = Vec::new();
        let is_told = self.tells_of_drift(to);
        if !is_told && !self.refuses_unknown {
            return refused;
        }
        let (targets, delivery) = (&self.targets, &mut *to.delivery);
        let mut told = Vec::new();
        let mut unknown = |path: &str, value: &Node<'_>| {
            // A record that has a field in each of its lines has it once.
            if is_told && !told.iter().any(|other| other == path) {
                told.push(path.to_owned());
                for target in targets {
                    let field = (target.source.entity(), DriftKind::Unknown, path);
                    drift::note(&mut delivery.drift, field, place, 1);
                }
            }
            if self.refuses_unknown {
                drift::keep(&mut refused, path, value.shown());
            }
        };
        let known = &self.dataset.asked.keys;
        known.look(node, &mut self.seen, &mut unknown);
        refused
    }

    /// Whether fields are told of in this reading: in the first, of a dataset's own records or of those
    /// that are delivered for another dataset alone.
    fn tells_of_drift(&self, to: &Intake<'_, 'm>) -> bool {
        let looked_up = |target: &Target<'_>| matches!(target.role, Role::LookedUp(_));
        let is_own = self.dataset.feeds.is_empty() || !self.targets.iter().all(looked_up);
        is_own && to.delivery.correcting.is_none() && to.waiting.partition.is_first()
    }

    /// Tells of columns that the mapping does not use, and of fields that it misses so far.
    fn note_drift(&mut self, to: &mut Intake<'_, 'm>) {
        if !self.tells_of_drift(to) {
            return;
        }
        let (object, records) = (self.object, self.ordinal);
        let place = RecordPlace { object, ordinal: 0 };
        if let Some(header) = &self.header {
            // Of columns that can't be used nobody needs to hear more than that.
            if header.problem.is_some() {
                return;
            }
            let unused: BTreeSet<_> = header.unused.iter().map(|(_, name)| name).collect();
            for target in &self.targets {
                for name in &unused {
                    let field = (target.source.entity(), DriftKind::Unknown, name.as_str());
                    drift::note(&mut to.delivery.drift, field, place, records);
                }
            }
            if records > 0 {
                let names = header.names().collect();
                let known = &self.dataset.asked.keys;
                known.had_columns(&names, &mut self.seen);
            }
        }
        let entities = self.targets.iter().map(|target| target.source.entity());
        let seen = (&self.seen, place, records);
        to.delivery.see_keys(self.dataset, entities, seen);
    }

    fn json(
        &mut self,
        raw: &RawRecord<'_>,
        place: RecordPlace,
        to: &mut Intake<'_, 'm>,
    ) -> Result<(), TransformError> {
        let text = raw
            .text()
            .map_err(|why| why.replace(DECLARE, "JSON comes in UTF-8"));
        let parsed = text.and_then(|text| match json::parse(text)? {
            node @ Node::Record(_) => Ok(node),
            other => Err(format!("not an object with fields: it is {}", kind(&other))),
        });
        match parsed {
            Ok(node) => {
                let unknown = self.look(&node, place, to);
                self.good(raw, (place, &unknown), &SourceRecord::Json(node), to)
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
        (place, unknown): (RecordPlace, &[Unknown]),
        record: &SourceRecord<'_>,
        to: &mut Intake<'_, 'm>,
    ) -> Result<(), TransformError> {
        self.rows(raw, place).try_for_each(|row| {
            let unknown = if row.refuses_unknown() { unknown } else { &[] };
            Row { unknown, ..row }.good(record, to)
        })
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
        self.rows(raw, place)
            .try_for_each(|row| row.bad(record, &problem, to))
    }

    fn rows<'r>(
        &'r self,
        raw: &RawRecord<'r>,
        place: RecordPlace,
    ) -> impl Iterator<Item = Row<'r, 'm>> {
        let raw = *raw;
        self.targets.iter().map(move |target| Row {
            source: target.source,
            role: &target.role,
            place,
            raw,
            unknown: &[],
        })
    }
}
