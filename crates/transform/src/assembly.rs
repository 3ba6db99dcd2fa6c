//! Documents whose rows are all here: taken apart again and written as one record.

use std::{collections::BTreeMap, sync::Arc};

use catwing_domain::{Output, Rule};

use crate::{
    canonical::Problems,
    csv::{CsvParser, FieldArena, FieldRange},
    delivery::{Delivery, Refusal, Source},
    document::{DocumentPart, DocumentRow},
    error::TransformError,
    header::Header,
    join::Join,
    json,
    mapping::{DatasetMapping, Format},
    raw::{RawRecord, shown_rows},
    source::{Node, RecordView, SourceRecord, View},
    value::key_text,
    writing::{self, Candidate},
};

/// The columns of each object that was read: its documents are finished later.
pub(crate) type Headers = BTreeMap<usize, Arc<Header>>;

/// Takes the rows of one document after the other apart again: a parser is dear to make.
pub(crate) struct Assembler<'h> {
    headers: &'h Headers,
    /// The columns of lines that have no object of their own.
    line_header: Option<Arc<Header>>,
    parser: Option<CsvParser>,
    /// That of lines which are rows of another dataset.
    line_parser: Option<CsvParser>,
    arena: FieldArena,
}

impl<'h> Assembler<'h> {
    pub(crate) fn new(source: Source<'_>, headers: &'h Headers) -> Self {
        let parser = |dataset: &DatasetMapping| match &dataset.format {
            Format::Csv { shape, .. } => Some(CsvParser::new(*shape)),
            Format::Json { .. } | Format::Ndjson => None,
        };
        let partner = source.feed.join.as_ref().map(|join| &join.dataset);
        let partner = partner.and_then(|partner| source.mapping.datasets.get(partner));
        Self {
            headers,
            line_header: None,
            parser: parser(source.dataset),
            line_parser: partner.and_then(parser),
            arena: FieldArena::default(),
        }
    }

    /// Takes lines apart by these columns, whichever object they are in.
    pub(crate) fn with_line_header(mut self, header: Option<Arc<Header>>) -> Self {
        self.line_header = header;
        self
    }

    /// Writes a document whose rows are all here.
    pub(crate) fn assemble<'m>(
        &mut self,
        delivery: &mut Delivery<'m>,
        source: Source<'m>,
        rows: &[DocumentRow<'_>],
        output: &mut Output,
    ) -> Result<(), TransformError> {
        let texts: Vec<_> = rows
            .iter()
            .map(|row| RawRecord::new(row.bytes).lossy())
            .collect();
        self.arena.clear();
        let ranges: Vec<_> = rows
            .iter()
            .zip(&texts)
            .map(|(row, text)| self.parse(row.part, text))
            .collect();
        let nowhere = Header::default();
        let mut records = Vec::with_capacity(rows.len());
        for ((row, text), range) in rows.iter().zip(&texts).zip(&ranges) {
            let of_lines = self.line_header.as_ref();
            let of_lines = of_lines.filter(|_| row.part == DocumentPart::Line);
            let header = of_lines.or_else(|| self.headers.get(&row.place.object));
            records.push(match range {
                Some(range) => SourceRecord::Row {
                    fields: self.arena.row(range),
                    header: header.map_or(&nowhere, Arc::as_ref),
                },
                None => SourceRecord::Json(json::parse(text).unwrap_or(Node::Null)),
            });
        }
        let document = Document {
            records: &records,
            rows,
        };
        match &source.feed.join {
            None => document.write(delivery, source, output),
            Some(join) => document.write_joined(delivery, (source, join), output),
        }
    }

    /// The fields of a row of delimited text.
    fn parse(&mut self, part: DocumentPart, text: &str) -> Option<FieldRange> {
        let parser = match part {
            DocumentPart::Line => &mut self.line_parser,
            _ => &mut self.parser,
        };
        Some(parser.as_mut()?.parse(text, &mut self.arena))
    }
}

/// The rows of one document.
struct Document<'d, 'r> {
    records: &'r [SourceRecord<'r>],
    rows: &'d [DocumentRow<'d>],
}

impl<'r> Document<'_, 'r> {
    /// Writes a document each of whose rows is header and line in one.
    fn write<'m: 'r>(
        &self,
        delivery: &mut Delivery<'m>,
        source: Source<'m>,
        output: &mut Output,
    ) -> Result<(), TransformError> {
        let Some(header) = self.records.first() else {
            return Ok(());
        };
        let lines: Vec<_> = self.records.iter().map(RecordView::Source).collect();
        let places: Vec<_> = self.rows.iter().map(|row| row.place).collect();
        let candidate = Candidate {
            source,
            view: View {
                lines: &lines,
                ..View::alone(header)
            },
            rows: &places,
            lines: &places,
            problems: self.problems(),
            text: &|| self.shown(),
        };
        writing::write(delivery, candidate, output)
    }

    /// Writes a document of a header and lines that are rows of another dataset.
    fn write_joined<'m: 'r>(
        &self,
        delivery: &mut Delivery<'m>,
        (source, join): (Source<'m>, &'m Join),
        output: &mut Output,
    ) -> Result<(), TransformError> {
        let of = |part: DocumentPart| {
            let rows = self.rows.iter().zip(self.records);
            rows.filter(move |(row, _)| row.part == part)
        };
        let left_out: Vec<_> = of(DocumentPart::LeftOut)
            .map(|(row, _)| row.place)
            .collect();
        let mut places: Vec<_> = of(DocumentPart::Header).map(|(row, _)| row.place).collect();
        let headers = places.len();
        places.extend(of(DocumentPart::Line).map(|(row, _)| row.place));
        let Some((_, record)) = of(DocumentPart::Header).next() else {
            if left_out.is_empty() {
                return self.refuse_orphans(delivery, (source, join), output);
            }
            // A record that the mapping leaves out takes its lines with it.
            delivery.leave_out(&left_out, source.entity());
            delivery.leave_out(&places, source.entity());
            return Ok(());
        };
        delivery.leave_out(&left_out, source.entity());
        let mut problems = self.problems();
        if headers > 1 {
            let dataset = &source.dataset.name;
            let message = format!("{headers} rows of {dataset} have this key: a record has one");
            problems.add(Rule::Repeated, "document", None, message);
        }
        if !delivery.has(&join.dataset) {
            let list = source.feed.plan.list_of_rows();
            let partner = &join.dataset;
            let message = format!("are rows of {partner}, which the delivery does not have");
            problems.add(Rule::Missing, list, None, message);
        }
        let lines = of(DocumentPart::Line);
        let lines: Vec<_> = lines
            .map(|(_, record)| RecordView::Source(record))
            .collect();
        let candidate = Candidate {
            source,
            view: View {
                lines: &lines,
                ..View::alone(record)
            },
            rows: &places,
            lines: places.get(headers..).unwrap_or_default(),
            problems,
            text: &|| self.shown(),
        };
        writing::write(delivery, candidate, output)
    }

    /// Refuses lines whose header the delivery does not have.
    fn refuse_orphans<'m>(
        &self,
        delivery: &mut Delivery<'m>,
        (source, join): (Source<'m>, &'m Join),
        output: &mut Output,
    ) -> Result<(), TransformError> {
        let evaluator = source.evaluator(&delivery.lookups);
        let first = self.records.first().map(View::alone);
        let key = first.and_then(|view| evaluator.value(&join.key, &view).ok());
        let key = key.and_then(key_text);
        let (dataset, partner) = (&source.dataset.name, &join.dataset);
        let message = if delivery.has(dataset) {
            format!("is the key of no row of {dataset}, whose lines the rows of {partner} are")
        } else {
            format!(
                "is a key of {dataset}, which the delivery does not have, of its lines in {partner}"
            )
        };
        let mut problems = self.problems();
        problems.add(Rule::Consistency, "document", key.as_deref(), message);
        let rows: Vec<_> = self.rows.iter().map(|row| row.place).collect();
        let refusal = Refusal {
            rows: &rows,
            record_key: key,
            problems: problems.list,
            text: self.shown(),
        };
        delivery.refuse_unread(source, refusal, output)
    }

    fn problems(&self) -> Problems {
        let mut problems = Problems::default();
        for row in self.rows {
            problems.extend(row.problem.into_iter().cloned());
        }
        problems
    }

    fn shown(&self) -> String {
        shown_rows(self.rows.iter().map(|row| row.bytes))
    }
}
