//! Valid rows of every table.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Map, Value, json};

use crate::refused::{
    catalogue::{Catalogue, Column, Constraint, Kind, Table},
    probe::Prober,
};

/// A row as JSON by column.
pub type Row = Map<String, Value>;

/// How much of a row is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Null wherever that is admitted.
    Sparse,
    /// A value in every column, where no check forbids it.
    Full,
}

/// What stands in a column that its type alone does not decide.
#[derive(Clone, Copy)]
enum Fill {
    Json(&'static str),
    /// The row of the parent that is as full as this one.
    Parent,
    /// The other row of the parent: what two columns of a row must not share.
    OtherParent,
}

use Fill::{Json, OtherParent, Parent};

/// Tables, columns (`*` stands for any text), and what stands there in the sparse and the full row.
const FILLS: &[(&str, &str, Fill, Fill)] = &[
    (
        "product_behaviors",
        "is_*_confirmed",
        Json("false"),
        Json("true"),
    ),
    ("*", "discount_rate", Json("0.25"), Json("0.5")),
    ("countries", "iso_code_2", Json("\"QM\""), Json("\"QN\"")),
    ("countries", "iso_code_3", Json("\"QMA\""), Json("\"QMB\"")),
    ("currencies", "code", Json("\"XQA\""), Json("\"XQB\"")),
    ("languages", "code", Json("\"qaa\""), Json("\"qab\"")),
    (
        "*",
        "client_id",
        Json("\"CW-000001\""),
        Json("\"CW-000002\""),
    ),
    ("users", "email", Json("\"a@b\""), Json("\"c@d\"")),
    ("*", "to_currency_id", OtherParent, OtherParent),
    ("*", "to_location_id", OtherParent, OtherParent),
    ("*", "child_location_id", OtherParent, OtherParent),
    (
        "store_orders",
        "source_location_id",
        Json("null"),
        OtherParent,
    ),
    (
        "product_embeddings",
        "vector",
        Json("[1]"),
        Json("[0.5, -2]"),
    ),
    (
        "pipeline*_runs",
        "status",
        Json("\"running\""),
        Json("\"done\""),
    ),
    ("quarantine", "rule", Json("\"range\""), Json("\"word\"")),
    ("quarantine", "problems", Json("[]"), Json("[{}]")),
    // Days count from 1970 in a position's upper bits.
    (
        "quarantine",
        "raw_position",
        Json("140737488355328"),
        Json("281474976710656"),
    ),
    (
        "quarantine",
        "business_day",
        Json("\"1970-01-02\""),
        Json("\"1970-01-03\""),
    ),
    (
        "record_fixes",
        "raw_position",
        Json("140737488355329"),
        Json("281474976710657"),
    ),
    (
        "record_fixes",
        "business_day",
        Json("\"1970-01-02\""),
        Json("\"1970-01-03\""),
    ),
    ("load_ledger", "entry_sha256", HASH, HASH),
    ("load_ledger", "mapping_sha256", HASH, HASH),
    ("schema_drift", "mapping_sha256", HASH, HASH),
    (
        "schema_drift",
        "kind",
        Json("\"unknown\""),
        Json("\"missing\""),
    ),
    ("staging_files", "checksum", HASH, HASH),
    ("load_counts", "records_read", Json("4"), Json("8")),
    ("load_counts", "source_rows", Json("2"), Json("4")),
    ("staging_records", "is_valid", Json("true"), Json("false")),
    (
        "recommendation_outcomes",
        "po_recommendation_id",
        Parent,
        Json("null"),
    ),
    (
        "recommendation_outcomes",
        "assortment_recommendation_id",
        Json("null"),
        Json("null"),
    ),
    (
        "weekly_*",
        "period_end",
        Json("\"2026-03-08\""),
        Json("\"2026-03-15\""),
    ),
    (
        "monthly_*",
        "period_start",
        Json("\"2026-01-01\""),
        Json("\"2026-02-01\""),
    ),
    (
        "monthly_*",
        "period_end",
        Json("\"2026-01-31\""),
        Json("\"2026-02-28\""),
    ),
    (
        "quarterly_*",
        "period_start",
        Json("\"2026-01-01\""),
        Json("\"2026-04-01\""),
    ),
    (
        "quarterly_*",
        "period_end",
        Json("\"2026-03-31\""),
        Json("\"2026-06-30\""),
    ),
];
const HASH: Fill = Json("\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"");

/// Rows beside the two, where two can't have a value in every column: the full row with other values.
const MORE: &[(&str, &[(&str, Fill)])] = &[(
    "recommendation_outcomes",
    &[
        ("id", Json("3")),
        ("to_recommendation_id", Json("null")),
        ("assortment_recommendation_id", Parent),
    ],
)];

/// The rows that were stored: sparse, full and those beside them.
pub struct Stored(BTreeMap<String, Vec<Row>>);

impl Stored {
    /// Stores rows in every table; each has to be admitted.
    pub async fn fill(catalogue: &Catalogue, prober: &mut Prober<'_>) -> Result<Self> {
        let mut stored = Self(BTreeMap::new());
        for table in catalogue.in_order() {
            for extent in [Extent::Sparse, Extent::Full] {
                let row = stored.make(table, extent);
                stored.keep(table, row, prober).await?;
            }
            for (_, fills) in MORE.iter().filter(|(name, _)| *name == table.bare()) {
                let mut row = stored.make(table, Extent::Full);
                for (column, fill) in *fills {
                    let value = stored.value(table, table.column(column), Extent::Full, *fill);
                    row.insert((*column).to_owned(), value);
                }
                stored.keep(table, row, prober).await?;
            }
        }
        Ok(stored)
    }

    async fn keep(&mut self, table: &Table, row: Row, prober: &mut Prober<'_>) -> Result<()> {
        prober.store(table, &row).await?;
        self.0.entry(table.name.clone()).or_default().push(row);
        Ok(())
    }

    pub fn rows(&self, table: &str) -> &[Row] {
        self.0.get(table).map_or(&[], Vec::as_slice)
    }

    /// The fullest row with a value in each of the columns.
    pub fn with(&self, table: &Table, columns: &[String]) -> &Row {
        let has_all = |row: &&Row| columns.iter().all(|column| !row[column].is_null());
        let mut rows = self
            .rows(&table.name)
            .iter()
            .skip(1)
            .chain(self.rows(&table.name));
        let found = rows.find(has_all);
        found.unwrap_or_else(|| panic!("no row of {} has {columns:?}", table.name))
    }

    /// The full row.
    pub fn full(&self, table: &Table) -> &Row {
        &self.rows(&table.name)[1]
    }

    fn make(&self, table: &Table, extent: Extent) -> Row {
        let value = |column: &Column| {
            let value = match fill_of(table, column, extent) {
                Some(fill) => self.value(table, column, extent, fill),
                None if extent == Extent::Sparse && !column.not_null => Value::Null,
                None => self.value(table, column, extent, Parent),
            };
            (column.name.clone(), value)
        };
        table.columns.iter().map(value).collect()
    }

    fn value(&self, table: &Table, column: &Column, extent: Extent, fill: Fill) -> Value {
        if let Json(json) = fill {
            return serde_json::from_str(json).expect("JSON");
        }
        let is_of = |key: &&Constraint| key.columns == [column.name.as_str()];
        let parent = table.of_kind(Kind::ForeignKey).find(is_of);
        let Some((parent, key)) = parent.and_then(|key| key.parent.as_ref()) else {
            return word(table, column, extent).unwrap_or_else(|| by_type(&column.ty, extent));
        };
        // What points at its own table points at the row before, if there is one.
        let other = matches!(fill, OtherParent) || *parent == table.name;
        let index = usize::from((extent == Extent::Full) != other);
        let row = self.rows(parent).get(index);
        row.map_or(Value::Null, |row| row[key].clone())
    }
}

fn fill_of(table: &Table, column: &Column, extent: Extent) -> Option<Fill> {
    let mut fills = FILLS.iter();
    let (_, _, sparse, full) =
        fills.find(|(of, name, ..)| matches(name, &column.name) && matches(of, table.bare()))?;
    Some(if extent == Extent::Full {
        *full
    } else {
        *sparse
    })
}

/// Whether a name is that of a pattern, in which one `*` stands for any text.
pub fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        Some((begin, end)) => {
            name.len() >= begin.len() + end.len() && name.starts_with(begin) && name.ends_with(end)
        }
        None => pattern == name,
    }
}

/// One of the words that a check of the column admits, where it is a list of them.
fn word(table: &Table, column: &Column, extent: Extent) -> Option<Value> {
    let mut checks = table.of_kind(Kind::Check);
    let words = checks.find_map(|check| {
        let alone = check.columns == [column.name.as_str()];
        check.words().filter(|_| alone)
    })?;
    let word = match extent {
        Extent::Sparse => words.first(),
        Extent::Full => words.last(),
    };
    word.map(|word| json!(word))
}

/// A value of the type; those of the two rows differ.
fn by_type(ty: &str, extent: Extent) -> Value {
    let full = extent == Extent::Full;
    match ty {
        "bigint" | "integer" | "smallint" => json!(if full { 2 } else { 1 }),
        "double precision" => json!(if full { 0.5 } else { 0.25 }),
        "text" => json!(if full { "full" } else { "sparse" }),
        "date" => json!(if full { "2026-03-09" } else { "2026-03-02" }),
        "timestamp with time zone" => json!(if full {
            "2026-03-09T10:00:00Z"
        } else {
            "2026-03-02T10:00:00Z"
        }),
        "boolean" => json!(true),
        "jsonb" => json!({}),
        numeric if numeric.starts_with("numeric") => json!(if full { 2 } else { 1 }),
        other => panic!("no value of type {other}"),
    }
}
