//! Documents whose rows are all here: taken apart again and written as one record.

use std::{collections::BTreeMap, sync::Arc};

use catwing_domain::Output;

use crate::{
    canonical::Problems,
    csv::{CsvParser, FieldArena},
    delivery::{Delivery, Source},
    document::DocumentRow,
    error::TransformError,
    header::Header,
    json,
    mapping::Format,
    raw::{RawRecord, shown_rows},
    source::{Node, RecordView, SourceRecord, View},
    writing::{self, Candidate},
};

/// The columns of each object that was read: its documents are finished later.
pub(crate) type Headers = BTreeMap<usize, Arc<Header>>;

/// Takes the rows of one document after the other apart again: a parser is dear to make.
pub(crate) struct Assembler<'h> {
    headers: &'h Headers,
    parser: Option<CsvParser>,
    arena: FieldArena,
}

impl<'h> Assembler<'h> {
    pub(crate) fn new(format: &Format, headers: &'h Headers) -> Self {
        let parser = match format {
            Format::Csv { shape, .. } => Some(CsvParser::new(*shape)),
            Format::Json { .. } | Format::Ndjson => None,
        };
        Self {
            headers,
            parser,
            arena: FieldArena::default(),
        }
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
        let mut ranges = Vec::new();
        if let Some(parser) = &mut self.parser {
            let arena = &mut self.arena;
            ranges.extend(texts.iter().map(|text| parser.parse(text, arena)));
        }
        let nowhere = Header::default();
        let record = |(index, row): (usize, &DocumentRow<'_>)| match ranges.get(index) {
            Some(range) => SourceRecord::Row {
                fields: self.arena.row(range),
                header: self
                    .headers
                    .get(&row.place.object)
                    .map_or(&nowhere, Arc::as_ref),
            },
            None => {
                let text = texts.get(index).map_or("", |text| text.as_ref());
                SourceRecord::Json(json::parse(text).unwrap_or(Node::Null))
            }
        };
        let records: Vec<_> = rows.iter().enumerate().map(record).collect();
        write(delivery, source, (&records, rows), output)
    }
}

fn write<'m: 'r, 'r>(
    delivery: &mut Delivery<'m>,
    source: Source<'m>,
    (records, rows): (&'r [SourceRecord<'r>], &[DocumentRow<'_>]),
    output: &mut Output,
) -> Result<(), TransformError> {
    let Some(header) = records.first() else {
        return Ok(());
    };
    let mut problems = Problems::default();
    for row in rows {
        problems.extend(row.problem.into_iter().cloned());
    }
    let lines: Vec<_> = records.iter().map(RecordView::Source).collect();
    let places: Vec<_> = rows.iter().map(|row| row.place).collect();
    let candidate = Candidate {
        source,
        view: View {
            lines: &lines,
            ..View::alone(header)
        },
        rows: &places,
        problems,
        text: &|| shown_rows(rows.iter().map(|row| row.bytes)),
    };
    writing::write(delivery, candidate, output)
}
