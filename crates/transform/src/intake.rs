//! Rows on their way from an object to the feeds that they are for: records at once, parts of
//! documents that wait for more, and what values are looked up in.

use std::collections::BTreeSet;

use catwing_domain::{Output, Problem, Rule, tenant_file::Contract};

use crate::{
    canonical::Problems,
    delivery::{Delivery, RecordPlace, Refusal, Source},
    document::{DocumentPart, DocumentRow, Waiting},
    drift::Unknown,
    error::TransformError,
    expression::Expression,
    feed::Feed,
    lookup::LOOKUP_BYTES_MAX,
    mapping::{DatasetMapping, Mapping},
    raw::RawRecord,
    source::{Found, PathId, RecordView, SourceRecord, View},
    value::key_text,
    writing::{self, Candidate},
};

/// Where rows go: to records at once, or to the documents that wait for more of them.
pub(crate) struct Intake<'t, 'm> {
    pub(crate) delivery: &'t mut Delivery<'m>,
    pub(crate) waiting: &'t mut Waiting,
    pub(crate) output: &'t mut Output,
}

/// A feed that an object's rows go to, and what they are to it.
pub(crate) struct Target<'m> {
    pub(crate) source: Source<'m>,
    pub(crate) role: Role,
}

impl Target<'_> {
    /// Whether records with unknown fields are refused.
    pub(crate) fn refuses_unknown(&self) -> bool {
        refuses_unknown(self.source)
    }
}

fn refuses_unknown(source: Source<'_>) -> bool {
    source.mapping.contract(source.entity()) == Contract::Quarantine
}

/// What an object's rows are to a feed.
pub(crate) enum Role {
    /// Records, or rows of documents.
    Own,
    /// Lines of records that are rows of another dataset.
    Line,
    /// What values are looked up in: the indexes that this feed is the first one to use.
    LookedUp(Vec<usize>),
}

/// One row or record of the source, as it goes to a feed.
pub(crate) struct Row<'r, 'm> {
    pub(crate) source: Source<'m>,
    pub(crate) role: &'r Role,
    pub(crate) place: RecordPlace,
    pub(crate) raw: RawRecord<'r>,
    /// Fields that the entity's contract refuses.
    pub(crate) unknown: &'r [Unknown],
}

/// Why a record is none of a feed's own.
enum Stranger {
    /// It is another feed's.
    OfAnother,
    /// It is of no entity, or of several.
    OfNone,
}

/// The feeds of a dataset that the rows of an object go to.
pub(crate) fn targets<'m>(
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
    pub(crate) fn bad(
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

    pub(crate) fn good(
        &self,
        record: &SourceRecord<'_>,
        to: &mut Intake<'_, 'm>,
    ) -> Result<(), TransformError> {
        match self.role {
            Role::Own => self.own(record, to),
            Role::Line => {
                self.count_row(to);
                self.part_of_document(record, (self.part(), self.breaches()), to)
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
        if feed.document.is_none() && to.delivery.is_searched() {
            self.find(to);
            return Ok(());
        }
        let lines = self.lines(record);
        let view = View {
            lines: &lines,
            ..View::alone(record)
        };
        let mut early = self.breaches();
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

    /// Whether records with unknown fields are refused.
    pub(crate) fn refuses_unknown(&self) -> bool {
        refuses_unknown(self.source)
    }

    /// What breaks the entity's contract.
    fn breaches(&self) -> Problems {
        let mut problems = Problems::default();
        let entity = self.source.entity().name();
        for Unknown { path, value } in self.unknown {
            let message = format!(
                "is a field that the mapping does not use, and contracts.{entity} = \"quarantine\" refuses such: map it, or set that to \"evolve\""
            );
            problems.add(Rule::Contract, path, value.as_deref(), message);
        }
        problems
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
        if problems.list.is_empty() || to.delivery.correcting.is_some() {
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
        if to.delivery.is_searched() {
            self.find(to);
        } else if to.waiting.partition.is_first() {
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
        // All rows of a correction are one document, whichever they say.
        let (key, problem) = match &mut to.delivery.correcting {
            Some(correcting) => correcting.document(key, problem),
            None => (key, problem),
        };
        let row = DocumentRow {
            place: self.place,
            part,
            bytes: self.raw.bytes(),
            problem: problem.as_ref(),
        };
        to.waiting.add(self.source.entity(), key, row);
    }

    fn count_row(&self, to: &mut Intake<'_, 'm>) {
        if !to.delivery.is_searched() && to.waiting.partition.is_first() {
            let entity = self.source.entity();
            to.delivery.count(self.place.object, entity).source_rows += 1;
        }
    }

    /// Compares the row, where it is a feed's record by itself, with the one that is corrected.
    fn find(&self, to: &mut Intake<'_, 'm>) {
        if !matches!(self.role, Role::LookedUp(_)) {
            let rows = [self.raw.bytes()];
            to.delivery.find(self.source, self.place, &rows);
        }
    }

    fn refuse_unread(
        &self,
        problems: Vec<Problem>,
        to: &mut Intake<'_, 'm>,
    ) -> Result<(), TransformError> {
        if to.delivery.is_searched() {
            self.find(to);
            return Ok(());
        }
        // A correction is told of as a whole.
        if self.source.feed.document.is_some() && to.delivery.correcting.is_some() {
            self.wait("", self.part(), problems.into_iter().next(), to);
            return Ok(());
        }
        let refusal = Refusal {
            rows: &[self.place],
            record_key: None,
            problems,
            text: self.raw.shown(),
        };
        to.delivery.refuse_unread(self.source, refusal, to.output)
    }
}
