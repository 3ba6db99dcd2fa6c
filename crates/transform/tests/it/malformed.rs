//! Malformed input of every format, each with all that a user is told of it. The table is a page,
//! `docs/MALFORMED.md`: what transform says now is compared with it word by word, and
//! `CATWING_BLESS=1` writes it anew. Records and rows of the source are accounted for in every case, in
//! whichever pieces the bytes come.

mod delimited;
mod json;
mod page;
mod values;

use std::{collections::BTreeMap, fs, path::Path};

use catwing_domain::{DriftKind, Entity, Output, Reject};
use catwing_transform::{Mapping, Summary, Transform, TransformError};

use crate::fixture::{DAY, canonical, described, mapping, sales_rows};

/// How a case's bytes are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// An array of canonical records, in a file of this name.
    Canonical(&'static str),
    /// Canonical products at the path `data.items`.
    Envelope,
    /// Canonical products, one a line.
    Lines,
    /// Sales documents over rows of delimited text.
    Rows,
    /// The same in UTF-16.
    WideRows,
    /// Customers in delimited text, with a local time.
    Times,
}

impl Source {
    fn file(self) -> &'static str {
        match self {
            Self::Canonical(file) => file,
            Self::Envelope | Self::Lines => "products.json",
            Self::Rows | Self::WideRows => "sales.csv",
            Self::Times => "customers.csv",
        }
    }

    fn mapping(self) -> Mapping {
        match self {
            Self::Canonical(_) => canonical(),
            Self::Envelope => mapping(
                "[datasets.products]\nnumber = 1\nformat = { type = \"json\", records = \"data.items\" }",
            ),
            Self::Lines => {
                mapping("[datasets.products]\nnumber = 1\nformat = { type = \"ndjson\" }")
            }
            Self::Rows => sales_rows(r#"{ type = "csv" }"#, ""),
            Self::WideRows => sales_rows(r#"{ type = "csv", encoding = "utf-16le" }"#, ""),
            Self::Times => mapping(
                "[datasets.customers]\nnumber = 3\nformat = { type = \"csv\" }\n\
                 [datasets.customers.feeds.customers.fields]\nexternal_id = \"id\"\n\
                 updated_at = { path = \"at\", instant = \"%Y-%m-%d %H:%M:%S\" }",
            ),
        }
    }
}

/// One malformed input.
pub struct Malformed {
    pub name: String,
    pub source: Source,
    pub bytes: Vec<u8>,
}

pub fn malformed(name: &str, source: Source, bytes: impl AsRef<[u8]>) -> Malformed {
    Malformed {
        name: name.to_owned(),
        source,
        bytes: bytes.as_ref().to_vec(),
    }
}

/// What became of an input, as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub source_rows: u64,
    pub taken: u64,
    pub refused: Vec<String>,
    pub drift: Vec<String>,
}

fn inputs() -> Vec<Malformed> {
    let mut all = json::documents();
    all.extend(json::records());
    all.extend(json::envelopes());
    all.extend(json::lines());
    all.extend(delimited::rows());
    all.extend(values::wrong_types());
    all.extend(values::fields());
    all.extend(values::entities());
    all
}

/// Reads bytes in pieces of one size.
fn read(
    mapping: &Mapping,
    case: &Malformed,
    piece: usize,
) -> Result<(Output, Summary), TransformError> {
    let objects = described(mapping, &[(case.source.file(), &case.bytes)]);
    let mut transform = Transform::new(mapping, DAY.parse().unwrap(), objects);
    let mut output = Output::default();
    while let Some(stretch) = transform.next_stretch() {
        for index in &stretch.objects {
            transform.begin_object(&stretch, *index);
            for part in case.bytes.chunks(piece) {
                transform.feed(part, false, &mut output)?;
            }
            transform.feed(&[], true, &mut output)?;
        }
        while transform.assemble(&stretch, &mut output)? {}
    }
    let summary = transform.finish(&mut output)?;
    Ok((output, summary))
}

/// Every record is taken or refused, every row of the source is in one of these, and both are said of
/// the same entities.
fn conserved(name: &str, output: &Output, summary: &Summary) {
    let mut refused: BTreeMap<Entity, (u64, u64)> = BTreeMap::new();
    for reject in &output.rejects {
        let counts = refused.entry(reject.entity).or_default();
        *counts = (counts.0 + 1, counts.1 + reject.source_rows);
        assert!(
            !reject.problems.is_empty(),
            "{name}: refused without a reason"
        );
    }
    for ((_, entity), counts) in &summary.counts {
        let (records, rows) = refused.remove(entity).unwrap_or_default();
        let told = (counts.records_quarantined, counts.rows_quarantined);
        assert_eq!(told, (records, rows), "{name}: {entity:?}");
        let units = output
            .units
            .iter()
            .filter(|unit| unit.table == entity.table());
        let taken = units.count() as u64;
        assert_eq!(counts.records_read, taken + records, "{name}: {entity:?}");
        assert!(
            counts.source_rows >= rows + counts.rows_skipped,
            "{name}: {entity:?}"
        );
    }
    assert!(
        refused.is_empty(),
        "{name}: rejects of entities without counts"
    );
}

fn outcome(case: &Malformed, piece: usize) -> Outcome {
    let mapping = case.source.mapping();
    match read(&mapping, case, piece) {
        Ok((output, summary)) => {
            conserved(&case.name, &output, &summary);
            Outcome {
                source_rows: summary
                    .counts
                    .values()
                    .map(|counts| counts.source_rows)
                    .sum(),
                taken: output.units.len() as u64,
                refused: output.rejects.iter().flat_map(told).collect(),
                drift: summary
                    .drift
                    .iter()
                    .map(|(field, seen)| {
                        format!(
                            "{} of {}: {}, in {} of the records",
                            match field.kind {
                                DriftKind::Unknown => "unknown field",
                                DriftKind::Missing => "missing field",
                            },
                            field.entity.name(),
                            field.path,
                            seen.records
                        )
                    })
                    .collect(),
            }
        }
        Err(error) => panic!("{}: {error}", case.name),
    }
}

/// A reject as `catwing quarantine show` has it: where, then each problem.
fn told(reject: &Reject) -> Vec<String> {
    let key = reject.record_key.as_deref();
    let key = key.map(|key| format!(" {key:?}")).unwrap_or_default();
    let entity = reject.entity.name();
    let problem = |problem: &catwing_domain::Problem| {
        let field = problem.field.as_ref().map(|field| format!("{field}: "));
        let value = problem.value.as_ref().map(|value| format!("{value:?} "));
        format!(
            "{entity} record {}{key}: {}{}{} ({})",
            reject.ordinal,
            field.unwrap_or_default(),
            value.unwrap_or_default(),
            problem.message,
            problem.rule.name(),
        )
    };
    reject.problems.iter().map(problem).collect()
}

#[test]
fn every_malformed_input_is_told_as_the_page_says() {
    let inputs = inputs();
    assert!(inputs.len() >= 60, "{} inputs", inputs.len());
    let outcomes: Vec<_> = inputs.iter().map(|case| outcome(case, 1 << 16)).collect();
    let page = page::written(&inputs, &outcomes);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/MALFORMED.md");
    if std::env::var_os("CATWING_BLESS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap();
    for (kept, page) in kept.lines().zip(page.lines()) {
        assert_eq!(
            kept, page,
            "docs/MALFORMED.md: CATWING_BLESS=1 writes it anew"
        );
    }
    assert_eq!(kept, page, "docs/MALFORMED.md");
}

#[test]
fn what_is_told_does_not_depend_on_how_the_bytes_come() {
    for case in inputs().iter().filter(|case| case.bytes.len() < 8_192) {
        let whole = outcome(case, 1 << 16);
        for piece in [1, 2, 7, 64] {
            assert_eq!(
                outcome(case, piece),
                whole,
                "{} in pieces of {piece}",
                case.name
            );
        }
    }
}

/// What the page promises beyond messages.
#[test]
fn malformed_inputs_that_are_taken_give_the_rows_that_were_meant() {
    use crate::fixture::column;
    use catwing_domain::TableId;
    use catwing_transform::transform;

    let taken = |name: &str, table: TableId, field: &str| {
        let inputs = inputs();
        let case = inputs.iter().find(|case| case.name == name).unwrap();
        let mapping = case.source.mapping();
        let objects = [(case.source.file().parse().unwrap(), case.bytes.as_slice())];
        let whole = transform(&mapping, DAY.parse().unwrap(), &objects).unwrap();
        column(&whole, table, field)
    };
    let names = taken("keys in NFC and in NFD", TableId::Products, "external_id");
    assert_eq!(names, ["caf\u{e9}"], "they are one product");
    // Clocks went from 03:00 to 04:00: an hour later is meant, 04:30, which is 01:30 UTC.
    let times = taken(
        "a time that a change of clocks skips",
        TableId::Customers,
        "source_version",
    );
    assert_eq!(times, ["2025-03-30T01:30:00Z"]);
    let documents = taken(
        "only carriage returns end the rows",
        TableId::SalesOrders,
        "external_id",
    );
    assert_eq!(documents, ["a", "b"]);
}
