//! One corrected record in the place of a raw one. The delivery is read once more to find what is
//! replaced, and to know what values are looked up in; then the correction is written as that record
//! would be, and nothing else is.
//!
//! What is replaced is, feed by feed, the record that quarantine would show at the place: a row or a
//! JSON value, or all rows of the document that begins there, joined by line feeds. The correction has
//! the same form. All its rows stand at the place of the record.

use std::{collections::BTreeSet, sync::Arc};

use catwing_domain::{
    BusinessDay, DatasetName, Entity, Output, Problem, RawPosition, Rule,
    manifest::{Fix, RawObject, Sha256Hash},
};

use crate::{
    assembly::{Assembler, Headers},
    delivery::{Delivery, RecordPlace, Source},
    document::{DocumentPart, DocumentRow, Partition, Waiting},
    error::TransformError,
    feed::Feed,
    header::Header,
    intake::{Intake, Role, Target},
    mapping::{DatasetMapping, Mapping},
    raw::{Piece, RawRecord, Split, Splitter},
    reading::{self, ObjectRows},
};

/// A record as it was delivered, and as a correction names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundRecord {
    /// What a feed of the dataset makes of it.
    pub entity: Entity,
    /// Of its bytes.
    pub sha256: Sha256Hash,
    /// Its bytes, in UTF-8; rows of one document are joined by line feeds.
    pub bytes: Vec<u8>,
}

impl Mapping {
    /// The position of a correction: that of its record, with its number.
    ///
    /// # Errors
    /// [`TransformError::Correction`] where the delivery has no such object, or no mapping names its
    /// dataset, or the correction's number is none of 1 to 15; [`TransformError::Place`].
    pub fn position_of(
        &self,
        day: BusinessDay,
        objects: &[RawObject],
        fix: &Fix,
    ) -> Result<RawPosition, TransformError> {
        let index = objects.iter().position(|object| object.key == fix.object);
        let correcting = Correcting::new(fix.clone(), index.unwrap_or(usize::MAX));
        if let Some(error) = correcting.misnumbered() {
            return Err(error);
        }
        let object = index.and_then(|index| objects.get(index));
        let dataset = object.and_then(|object| self.datasets.get(&object.dataset));
        let Some(dataset) = dataset else {
            return Err(correcting.failed(unread(object.map(|object| &object.dataset))));
        };
        let mut delivery = Delivery::new(self, day, objects.to_vec());
        let place = correcting.place;
        delivery.correcting = Some(correcting);
        delivery.position(dataset, place)
    }
}

/// Why nothing is found at a place.
fn unread(dataset: Option<&DatasetName>) -> String {
    match dataset {
        None => "the delivery has no such object".to_owned(),
        Some(dataset) => format!(
            "{dataset} has no record there that makes rows: what is only looked up is delivered again"
        ),
    }
}

/// A correction, and how far it is.
pub(crate) struct Correcting {
    fix: Fix,
    place: RecordPlace,
    /// Whether the record is still looked for; then all else is passed over.
    searching: bool,
    /// Feeds of the dataset that is read whose record at the place is the one that is corrected.
    found: BTreeSet<Entity>,
    /// Whether any feed's was.
    found_any: bool,
    /// What a feed has at the place instead.
    other: Option<Sha256Hash>,
    /// Where nothing is corrected and what lies at the place is only looked for: what was found.
    looked_for: Option<Vec<FoundRecord>>,
    /// The document that the first row of the correction says it belongs to.
    document: Option<String>,
    /// Whether the delivery has objects of the dataset whose record is written.
    has_own: bool,
}

impl Correcting {
    pub(crate) fn new(fix: Fix, object: usize) -> Self {
        let ordinal = fix.ordinal;
        Self {
            fix,
            place: RecordPlace { object, ordinal },
            searching: true,
            found: BTreeSet::new(),
            found_any: false,
            other: None,
            looked_for: None,
            document: None,
            has_own: false,
        }
    }

    /// Looks for what lies at a place.
    pub(crate) fn finding(object_key: &str, ordinal: u64, object: usize) -> Self {
        let nothing = Fix {
            object: object_key.to_owned(),
            ordinal,
            sha256: Sha256Hash::of(&[]),
            number: 1,
            record: String::new(),
            by: String::new(),
        };
        Self {
            looked_for: Some(Vec::new()),
            ..Self::new(nothing, object)
        }
    }

    /// What was found of what is only looked for.
    pub(crate) fn into_found(self) -> Vec<FoundRecord> {
        self.looked_for.unwrap_or_default()
    }

    /// The correction's number.
    pub(crate) fn number(&self) -> u8 {
        self.fix.number
    }

    /// The object of the record that is corrected.
    pub(crate) fn object(&self) -> usize {
        self.place.object
    }

    pub(crate) fn is_searching(&self) -> bool {
        self.searching
    }

    /// Whether the correction's key counts as present: it does where its dataset was delivered.
    pub(crate) fn counts_as_present(&self) -> bool {
        self.has_own
    }

    /// Compares a feed's record with the one that is corrected.
    pub(crate) fn compare(&mut self, entity: Entity, place: RecordPlace, rows: &[&[u8]]) {
        if place != self.place {
            return;
        }
        let bytes = rows.join(&b'\n');
        let hash = Sha256Hash::of(&bytes);
        if let Some(found) = &mut self.looked_for {
            found.push(FoundRecord {
                entity,
                sha256: hash,
                bytes,
            });
        } else if hash == self.fix.sha256 {
            self.found.insert(entity);
            self.found_any = true;
        } else {
            self.other = Some(hash);
        }
    }

    /// Compares a document with the record that is corrected.
    pub(crate) fn compare_document(&mut self, entity: Entity, rows: &[DocumentRow<'_>]) {
        // The header says where the document is, even if a row that is left out came before it.
        let header = rows.iter().find(|row| row.part == DocumentPart::Header);
        if let Some(first) = header.or(rows.first()) {
            let bytes: Vec<_> = rows.iter().map(|row| row.bytes).collect();
            self.compare(entity, first.place, &bytes);
        }
    }

    /// The document that a row of the correction goes to, which is one for all, and what is wrong with
    /// the row; a row that says otherwise than the first is wrong.
    pub(crate) fn document<'k>(
        &mut self,
        key: &'k str,
        problem: Option<Problem>,
    ) -> (&'k str, Option<Problem>) {
        if self.searching {
            return (key, problem);
        }
        let first = self.document.get_or_insert_with(|| key.to_owned());
        if key.is_empty() || first == key || problem.is_some() {
            return ("", problem);
        }
        let message = format!("a correction is one document, and an earlier row is of {first:?}");
        let problem = Problem {
            rule: Rule::Consistency,
            field: Some("document".to_owned()),
            value: Some(key.to_owned()),
            message,
        };
        ("", Some(problem))
    }

    /// Why a correction can't be one, whatever was delivered.
    pub(crate) fn misnumbered(&self) -> Option<TransformError> {
        let numbers = 1..=RawPosition::FIXES_MAX;
        let told = format!("its number is not one of 1 to {}", RawPosition::FIXES_MAX);
        (!numbers.contains(&self.fix.number)).then(|| self.failed(told))
    }

    /// Nothing was corrected: why not.
    pub(crate) fn unfound(&self, dataset: Option<&DatasetName>) -> Option<TransformError> {
        if self.found_any {
            return None;
        }
        let reason = match (&self.other, dataset) {
            (Some(other), _) => format!(
                "the record there has the SHA-256 {other}, and the correction is of {}",
                self.fix.sha256
            ),
            (None, dataset) => unread(dataset),
        };
        Some(self.failed(reason))
    }

    fn failed(&self, reason: String) -> TransformError {
        TransformError::Correction {
            object: self.fix.object.clone(),
            ordinal: self.fix.ordinal,
            number: self.fix.number,
            reason,
        }
    }
}

/// Writes the correction for every feed of a dataset whose record it replaces.
pub(crate) fn write<'m>(
    delivery: &mut Delivery<'m>,
    waiting: &mut Waiting,
    headers: &Headers,
    (dataset, has_own): (&'m DatasetMapping, bool),
    output: &mut Output,
) -> Result<bool, TransformError> {
    let Some(correcting) = &mut delivery.correcting else {
        return Ok(false);
    };
    let found = std::mem::take(&mut correcting.found);
    (correcting.searching, correcting.has_own) = (false, has_own);
    let (text, place) = (correcting.fix.record.clone(), correcting.place);
    let mapping = delivery.mapping;
    for feed in &dataset.feeds {
        if !found.contains(&feed.entity) {
            continue;
        }
        let source = Source {
            mapping,
            dataset,
            feed,
        };
        let corrected = Corrected {
            source,
            place,
            text: text.as_bytes(),
            own_header: header_of(delivery, headers, place, dataset),
            line_header: partner(mapping, feed)
                .and_then(|partner| header_of(delivery, headers, place, partner)),
        };
        waiting.restart(Partition::whole(), usize::MAX);
        if let Some(correcting) = &mut delivery.correcting {
            correcting.document = None;
        }
        let mut to = Intake {
            delivery: &mut *delivery,
            waiting: &mut *waiting,
            output: &mut *output,
        };
        corrected.read(&mut to)?;
        corrected.assemble(&mut to)?;
    }
    if let Some(correcting) = &mut delivery.correcting {
        correcting.searching = true;
    }
    Ok(!found.is_empty())
}

/// The dataset whose rows are lines of a feed's records.
fn partner<'m>(mapping: &'m Mapping, feed: &Feed) -> Option<&'m DatasetMapping> {
    let join = feed.join.as_ref()?;
    mapping.datasets.get(&join.dataset)
}

/// The columns of a dataset: those of the object that is corrected, or of the first one that has any.
fn header_of(
    delivery: &Delivery<'_>,
    headers: &Headers,
    place: RecordPlace,
    dataset: &DatasetMapping,
) -> Option<Arc<Header>> {
    let objects = delivery.objects.iter().enumerate();
    let mut own = objects.filter(|(_, object)| object.dataset == dataset.name);
    let is_own = own.clone().any(|(index, _)| index == place.object);
    let header = if is_own {
        headers.get(&place.object).cloned()
    } else {
        own.find_map(|(index, _)| headers.get(&index).cloned())
    };
    header.or_else(|| reading::declared_header(delivery.mapping, dataset))
}

/// A correction as it is read for a feed.
struct Corrected<'c, 'm> {
    source: Source<'m>,
    place: RecordPlace,
    text: &'c [u8],
    own_header: Option<Arc<Header>>,
    line_header: Option<Arc<Header>>,
}

impl<'m> Corrected<'_, 'm> {
    fn read(&self, to: &mut Intake<'_, 'm>) -> Result<(), TransformError> {
        let Source { mapping, feed, .. } = self.source;
        let lines_of = partner(mapping, feed);
        // The header comes first, in the form of its dataset; its lines follow in that of theirs.
        let own_max = if lines_of.is_some() { 1 } else { usize::MAX };
        let (mut own, end) = pieces(self.source.dataset, self.text, own_max);
        let message = match (own.len(), &feed.document) {
            (0, _) => Some("the correction is empty".to_owned()),
            (1, _) | (_, Some(_)) => None,
            (count, None) => Some(format!("a correction is one record, and this is {count}")),
        };
        if let Some(message) = message {
            own = vec![Piece::Broken(RawRecord::new(self.text), message)];
        }
        self.rows(self.source.dataset, (Role::Own, &self.own_header), &own, to)?;
        let Some(partner) = lines_of else {
            return Ok(());
        };
        let rest = self.text.get(end..).unwrap_or_default();
        let (lines, _) = pieces(partner, rest, usize::MAX);
        self.rows(partner, (Role::Line, &self.line_header), &lines, to)
    }

    fn rows(
        &self,
        dataset: &'m DatasetMapping,
        (role, header): (Role, &Option<Arc<Header>>),
        pieces: &[Piece<'_>],
        to: &mut Intake<'_, 'm>,
    ) -> Result<(), TransformError> {
        let target = Target {
            source: self.source,
            role,
        };
        let mut rows = ObjectRows::corrected(
            self.source.mapping,
            (dataset, self.place.object),
            target,
            header.clone(),
        );
        pieces
            .iter()
            .try_for_each(|piece| rows.correct(piece, self.place, to))
    }

    /// Writes the document that the rows are, where the feed's records are spread over rows.
    fn assemble(&self, to: &mut Intake<'_, 'm>) -> Result<(), TransformError> {
        let source = self.source;
        if source.feed.document.is_none() {
            return Ok(());
        }
        let own_header = self.own_header.clone();
        let headers: Headers = own_header
            .map(|header| (self.place.object, header))
            .into_iter()
            .collect();
        let mut assembler =
            Assembler::new(source, &headers).with_line_header(self.line_header.clone());
        let documents = to.waiting.of(source.entity());
        while let Some(rows) = documents.next() {
            assembler.assemble(to.delivery, source, &rows, to.output)?;
        }
        Ok(())
    }
}

/// The records in a text of a dataset's form, as many as are wanted, and where they end.
fn pieces<'t>(
    dataset: &DatasetMapping,
    text: &'t [u8],
    count_max: usize,
) -> (Vec<Piece<'t>>, usize) {
    let mut splitter = Splitter::of_rows(&dataset.format);
    let (mut pieces, mut at) = (Vec::new(), 0);
    while pieces.len() < count_max {
        let part =
            |start: usize, end: usize| RawRecord::new(text.get(start..end).unwrap_or_default());
        match splitter.next(text, at, true) {
            Split::Record { start, end } => {
                pieces.push(Piece::Record(part(start, end)));
                at = end;
            }
            Split::Refused {
                start,
                end,
                message,
            } => {
                pieces.push(Piece::Broken(part(start, end), message));
                at = end;
            }
            Split::Broken { at: from, message } => {
                pieces.push(Piece::Broken(part(from, text.len()), message));
                return (pieces, text.len());
            }
            Split::More { .. } => return (pieces, text.len()),
        }
    }
    (pieces, at)
}
