//! Documents whose rows are all here: taken apart again and written as one record.

use std::{collections::BTreeMap, sync::Arc};

use catwing_domain::Output;

use crate::{
    canonical::Problems,
    csv::{CsvParser, FieldArena},
    delivery::{Delivery, Source},
    document::WaitingRow,
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

/// Writes a document whose rows are all here.
pub(crate) fn assemble<'m>(
    delivery: &mut Delivery<'m>,
    source: Source<'m>,
    headers: &Headers,
    rows: &[(WaitingRow, &[u8])],
    output: &mut Output,
) -> Result<(), TransformError> {
    let mut problems = Problems::default();
    for (row, _) in rows {
        problems.extend(row.problem.iter().cloned());
    }
    let texts: Vec<_> = rows
        .iter()
        .map(|(_, bytes)| RawRecord::new(bytes).lossy())
        .collect();
    let mut arena = FieldArena::default();
    let mut ranges = Vec::new();
    if let Format::Csv { shape, .. } = &source.dataset.format {
        let mut parser = CsvParser::new(*shape);
        ranges.extend(texts.iter().map(|text| parser.parse(text, &mut arena)));
    }
    let nowhere = Header::default();
    let record = |(index, (row, _)): (usize, &(WaitingRow, &[u8]))| match ranges.get(index) {
        Some(range) => SourceRecord::Row {
            fields: arena.row(range),
            header: headers.get(&row.place.object).map_or(&nowhere, Arc::as_ref),
        },
        None => {
            let text = texts.get(index).map_or("", |text| text.as_ref());
            SourceRecord::Json(json::parse(text).unwrap_or(Node::Null))
        }
    };
    let records: Vec<_> = rows.iter().enumerate().map(record).collect();
    let lines: Vec<_> = records.iter().map(RecordView::Source).collect();
    let Some(header) = records.first() else {
        return Ok(());
    };
    let places: Vec<_> = rows.iter().map(|(row, _)| row.place).collect();
    let candidate = Candidate {
        source,
        view: View {
            lines: &lines,
            ..View::alone(header)
        },
        rows: &places,
        problems,
        text: &|| shown_rows(rows.iter().map(|(_, bytes)| *bytes)),
    };
    writing::write(delivery, candidate, output)
}
