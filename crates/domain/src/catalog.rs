//! The catalogue of tables that raw feeds: names, classes, columns, natural keys and how each is
//! merged. Load writes by it, digests read by it, and a test compares it with the migrated database.

mod planning;
mod tables;

pub use tables::TableId;

use ColumnType::{Bool, Instant, Key, Small};

/// What a table's content is a function of, and so who may compare it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A function of raw; in digests.
    Raw,
    /// A function of raw tables and a day; in digests.
    Derived,
    /// Runs, reports, ledger: what happened here, in backups only.
    Journal,
}

/// How a column is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// `bigint`: a row key, a raw position, a byte count.
    Key,
    /// `text`.
    Text,
    /// `numeric(19,4)`.
    Money,
    /// `numeric(15,3)`.
    Quantity,
    /// `numeric(9,6)`.
    Rate,
    /// `numeric(20,10)`.
    Factor,
    /// `numeric(38,4)`: a sum of money or of quantities, however many.
    Total,
    /// `double precision`.
    Real,
    /// `integer`.
    Int,
    /// `smallint`.
    Small,
    /// `date`.
    Date,
    /// `timestamptz`.
    Instant,
    /// `boolean`.
    Bool,
    /// `jsonb`.
    Json,
}

/// One column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: ColumnType,
    /// Whether it may be null.
    pub nullable: bool,
}

/// How rows of a table meet rows that are there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// A word and nothing else; the earliest version that used it is kept.
    Lookup,
    /// A row that references, embedded records and records of its own may write: the greater
    /// (`source_rank`, version) wins, and among mere references the earliest version.
    Parent,
    /// A document's header: the greater version wins, with the whole set of its children.
    Document,
    /// A part of a document, or of a parent's own record: replaced with it.
    Part {
        /// The table that it is a part of.
        of: TableId,
        /// The column that names the row that it is a part of.
        column: &'static str,
    },
    /// One fact of a day: the greater version wins. Where a register says which delivery of a day is
    /// complete, older rows of the day are gone.
    Observation,
    /// A write made in the UI: a row that is only ever added. Of the same write, delivered twice, the
    /// earliest version is kept.
    Event,
    /// Filled by migrations; nothing else writes it.
    Seeded,
    /// Written by load itself, or by a step.
    Register,
}

/// One table of the catalogue.
#[derive(Debug)]
pub struct Table {
    /// Which it is.
    pub id: TableId,
    /// Its name.
    pub name: &'static str,
    /// Its class.
    pub class: Class,
    /// How it is merged.
    pub merge: Merge,
    /// The columns that raw gives, in the order of transform's rows.
    pub columns: &'static [Column],
    /// Columns that load works out from other rows.
    pub derived: &'static [Column],
    /// The natural key.
    pub natural_key: &'static [&'static str],
}

impl Table {
    /// The position of a column.
    #[must_use]
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == column)
    }

    /// Every column, those that raw gives first.
    pub fn all_columns(&self) -> impl Iterator<Item = &'static Column> {
        self.columns.iter().chain(self.derived)
    }

    /// Whether it has rows that people wrote in the UI.
    #[must_use]
    pub fn holds_events(&self) -> bool {
        self.position("event_id").is_some()
    }

    /// Whether complete snapshots say which of its rows count.
    #[must_use]
    pub fn has_presence(&self) -> bool {
        self.position("declared_active").is_some()
    }
}

const fn col(name: &'static str, ty: ColumnType) -> Column {
    Column {
        name,
        ty,
        nullable: false,
    }
}

const fn opt(name: &'static str, ty: ColumnType) -> Column {
    Column {
        name,
        ty,
        nullable: true,
    }
}

/// Which raw record the winning version came from: the last columns of every table that raw feeds.
const SOURCE_VERSION: Column = col("source_version", Instant);
const RAW_POSITION: Column = col("raw_position", Key);
/// 0 only referenced, 1 embedded without a usable name, 2 embedded in another record, 3 a record of its own.
const SOURCE_RANK: Column = col("source_rank", Small);
/// What the winning record says, before presence is asked.
const DECLARED_ACTIVE: Column = col("declared_active", Bool);

#[cfg(test)]
mod tests {
    use super::{Class, Merge, TableId};

    #[test]
    fn every_table_that_raw_feeds_ends_in_its_lineage() {
        for id in TableId::ALL {
            let table = id.table();
            let columns: Vec<_> = table.columns.iter().map(|column| column.name).collect();
            if !matches!(table.merge, Merge::Register | Merge::Seeded) {
                assert_eq!(table.class, Class::Raw, "{}", table.name);
                assert_eq!(columns.first(), Some(&"id"), "{}", table.name);
                assert!(
                    columns.ends_with(&["source_version", "raw_position"]),
                    "{}",
                    table.name
                );
            }
            assert_eq!(
                table.merge == Merge::Parent,
                columns.contains(&"source_rank"),
                "{}",
                table.name
            );
            for key in table.natural_key {
                assert!(columns.contains(key), "{}.{key}", table.name);
            }
        }
    }
}
