//! An object that is being read: its bytes become rows or JSON records, and those go to the feeds.

use std::{collections::BTreeSet, sync::Arc};

use catwing_domain::{Output, Problem, Rule};

use crate::{
    canonical::Problems,
    csv::{CsvParser, CsvSplitter, FieldArena},
    delivery::{Delivery, RecordPlace, Refusal, Source},
    document::{DocumentPart, DocumentRow, Waiting},
    drift,
    error::TransformError,
    expression::Expression,
    header::Header,
    json,
    json_stream::JsonSplitter,
    lookup::LOOKUP_BYTES_MAX,
    mapping::{DatasetMapping, Feed, Format, Mapping},
    raw::{Piece, RawRecord, RecordReader, Splitter},
    source::{Found, Node, Path, PathId, RecordView, SourceRecord, View},
    value::key_text,
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
    /// The object's own dataset.
    dataset: &'m DatasetMapping,
    paths: &'m [Path],
    targets: Vec<Target<'m>>,
    parser: Option<CsvParser>,
    header: Option<Arc<Header>>,
    arena: FieldArena,
    ordinal: u64,
}

/// A feed that an object's rows go to, and what they are to it.
struct Target<'m> {
    source: Source<'m>,
    role: Role,
}

/// What an object's rows are to a feed.
enum Role {
    /// Records, or rows of documents.
    Own,
    /// Lines of records that are rows of another dataset.
    Line,
    /// What values are looked up in: the indexes that this feed is the first one to use.
    LookedUp(Vec<usize>),
}

/// One row or record of the source, as it goes to a feed.
struct Row<'r, 'm> {
    source: Source<'m>,
    role: &'r Role,
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
        let header = match &dataset.format {
            Format::Csv { columns, .. } if !columns.is_empty() => {
                let names = columns.iter().map(String::as_str);
                Some(Arc::new(Header::new(
                    names,
                    &mapping.paths,
                    &dataset.asked.paths,
                )))
            }
            _ => None,
        };
        Self {
            reader: RecordReader::new(splitter, encoding),
            rows: ObjectRows {
                object,
                dataset,
                paths: &mapping.paths,
                targets: targets(mapping, owner, dataset),
                parser,
                header,
                arena: FieldArena::default(),
                ordinal: 0,
            },
        }
    }

    /// Takes down that the object is there, even if nothing is in it.
    pub(crate) fn begin(&self, delivery: &mut Delivery<'m>) {
        for Target { source, role } in &self.rows.targets {
            match role {
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
                let names = self.arena.row(&range).into_iter();
                Header::new(names, self.paths, &self.dataset.asked.paths)
            }
            (problem, _) => Header::unreadable(&problem.unwrap_or_default()),
        };
        for name in &header.unused {
            drift::note(&mut to.delivery.drift, name, 0);
        }
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
                    let known = &self.dataset.asked.keys;
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
        self.rows(raw, place)
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
        })
    }
}

/// The feeds of a dataset that the rows of an object go to.
fn targets<'m>(
    mapping: &'m Mapping,
    owner: &'m DatasetMapping,
    dataset: &'m DatasetMapping,
) -> Vec<Target<'m>> {
    let mut taken = BTreeSet::new();
    let mut targets = Vec::new();
    for feed in &owner.feeds {
        let source = Source {
            mapping,
            dataset: owner,
            feed,
        };
        let of_partner = |lookup: &&usize| {
            let plan = mapping.lookups.get(**lookup);
            plan.is_some_and(|plan| plan.dataset == dataset.name)
        };
        let looked_up: Vec<_> = feed.looked_up.iter().filter(of_partner).copied().collect();
        let joined = feed
            .join
            .as_ref()
            .is_some_and(|join| join.dataset == dataset.name);
        let role = if owner.name == dataset.name {
            Role::Own
        } else if joined {
            Role::Line
        } else if looked_up.is_empty() {
            continue;
        } else {
            let first = looked_up.into_iter().filter(|lookup| taken.insert(*lookup));
            Role::LookedUp(first.collect())
        };
        targets.push(Target { source, role });
    }
    targets
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
        if let Some(key) = record.and_then(|record| self.document_key(record, to)) {
            self.wait(&key, self.part(), Some(problem.clone()), to);
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
        match self.role {
            Role::Own => self.own(record, to),
            Role::Line => {
                self.count_row(to);
                self.part_of_document(record, (self.part(), Problems::default()), to)
            }
            Role::LookedUp(lookups) => self.look_up(lookups, record, to),
        }
    }

    fn own(
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
            let evaluator = self.source.evaluator(&to.delivery.lookups);
            match evaluator.holds(only, &view) {
                Ok(true) => {}
                Ok(false) => return self.leave_out(record, to),
                Err(broken) => early.add_broken("where", broken),
            }
        }
        if feed.document.is_some() {
            return self.part_of_document(record, (self.part(), early), to);
        }
        let candidate = Candidate {
            source: self.source,
            view,
            rows: &[self.place],
            lines: &[],
            problems: early,
            text: &|| self.raw.shown(),
        };
        writing::write(to.delivery, candidate, to.output)
    }

    /// What the row is of its document.
    fn part(&self) -> DocumentPart {
        match (self.role, &self.source.feed.join) {
            (Role::Line, _) => DocumentPart::Line,
            (_, Some(_)) => DocumentPart::Header,
            (_, None) => DocumentPart::Row,
        }
    }

    /// The mapping leaves the row out; the lines of a header that is left out wait for it.
    fn leave_out(
        &self,
        record: &SourceRecord<'_>,
        to: &mut Intake<'_, 'm>,
    ) -> Result<(), TransformError> {
        let key = match self.part() {
            DocumentPart::Header => self.document_key(record, to),
            _ => None,
        };
        match key {
            Some(key) => self.wait(&key, DocumentPart::LeftOut, None, to),
            None => self.skip(to),
        }
        Ok(())
    }

    /// Takes the row down for others to look values up in. It is no record; one that can't be found
    /// is refused all the same, since nobody would hear of it otherwise.
    fn look_up(
        &self,
        lookups: &[usize],
        record: &SourceRecord<'_>,
        to: &mut Intake<'_, 'm>,
    ) -> Result<(), TransformError> {
        if !to.waiting.partition.is_first() {
            return Ok(());
        }
        let mut problems = Problems::default();
        for lookup in lookups {
            let Some(plan) = self.source.mapping.lookups.get(*lookup) else {
                continue;
            };
            let row = plan.row(&self.source.evaluator(&to.delivery.lookups), record);
            match row {
                Ok((key, values)) => to.delivery.lookups.add(*lookup, key, values),
                Err(broken) => problems.add_broken("lookup", broken),
            }
            if to.delivery.lookups.are_too_large() {
                return Err(TransformError::Lookup {
                    dataset: plan.dataset.clone(),
                    bytes_max: LOOKUP_BYTES_MAX,
                });
            }
        }
        if problems.list.is_empty() {
            return Ok(());
        }
        self.count_row(to);
        self.refuse_unread(problems.list, to)
    }

    /// Of a dataset that holds records of several entities: why this is no record of the feed's own.
    fn stranger(&self, record: &SourceRecord<'_>) -> Option<Stranger> {
        self.source.feed.told_by?;
        let paths = &self.source.mapping.paths;
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
        let (feeds, paths) = (&self.source.dataset.feeds, &self.source.mapping.paths);
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
        (part, mut early): (DocumentPart, Problems),
        to: &mut Intake<'_, 'm>,
    ) -> Result<(), TransformError> {
        if let Some(key) = self.document_key(record, to) {
            self.wait(&key, part, early.list.into_iter().next(), to);
            return Ok(());
        }
        if !to.waiting.partition.is_first() {
            return Ok(());
        }
        let paths = &self.source.mapping.paths;
        let lacks = self
            .key_expression()
            .and_then(|key| key.lacks(&View::alone(record), paths));
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
        RecordView::Source(record).elements(&self.source.mapping.paths, path)
    }

    /// What says which document a row belongs to.
    fn key_expression(&self) -> Option<&'m Expression> {
        match (self.role, &self.source.feed.join) {
            (Role::Own, _) => self.source.feed.document.as_ref(),
            (Role::Line, Some(join)) => Some(&join.key),
            _ => None,
        }
    }

    /// The document that a row belongs to.
    fn document_key(&self, record: &SourceRecord<'_>, to: &Intake<'_, 'm>) -> Option<String> {
        let evaluator = self.source.evaluator(&to.delivery.lookups);
        let key = evaluator.value(self.key_expression()?, &View::alone(record));
        key_text(key.ok()?)
    }

    fn wait(
        &self,
        key: &str,
        part: DocumentPart,
        problem: Option<Problem>,
        to: &mut Intake<'_, 'm>,
    ) {
        let row = DocumentRow {
            place: self.place,
            part,
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
