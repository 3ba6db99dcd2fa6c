//! What transform makes of a delivery: rows, rejects, presence and counts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::{Entity, RawPosition, RowKey, Rows, TableId, Version};

/// Why a record was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// The bytes are no record of the declared format.
    Format,
    /// A required field is absent, null or empty.
    Missing,
    /// A value is not of the field's type.
    Type,
    /// A value is outside of what the field admits.
    Range,
    /// A word is not one of the field's words.
    Word,
    /// A part of a document is there twice.
    Repeated,
    /// A rule between fields is broken.
    Consistency,
    /// A named limit is exceeded.
    Limit,
    /// The mapping itself refuses the record.
    Refused,
    /// The record has a field that the mapping does not use, and the entity's contract refuses such.
    Contract,
}

impl Rule {
    /// The rule's name, as quarantine shows it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::Missing => "missing",
            Self::Type => "type",
            Self::Range => "range",
            Self::Word => "word",
            Self::Repeated => "repeated",
            Self::Consistency => "consistency",
            Self::Limit => "limit",
            Self::Refused => "refused",
            Self::Contract => "contract",
        }
    }
}

/// One thing that is wrong with a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The rule.
    pub rule: Rule,
    /// The canonical field, `lines[3].qty`; none where the whole record is meant.
    pub field: Option<String>,
    /// The value as delivered, shortened.
    pub value: Option<String>,
    /// What a person reads: what is wrong and what to do.
    pub message: String,
}

/// A record that was read but refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// The raw record: of a document over several rows, the first.
    pub position: RawPosition,
    /// The object's index in the delivery.
    pub object: usize,
    /// The record's ordinal in its object.
    pub ordinal: u64,
    /// What it would have been.
    pub entity: Entity,
    /// Its natural key, where that could be read.
    pub record_key: Option<String>,
    /// Source rows that it holds.
    pub source_rows: u64,
    /// All that is wrong, in the order of fields; never empty.
    pub problems: Vec<Problem>,
    /// The record's own text, shortened at a named limit.
    pub record: String,
}

/// A unit that transform accepted: load accounts for each of them after the merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The table of the record's own row.
    pub table: TableId,
    /// The row.
    pub id: RowKey,
    /// The record's version.
    pub version: Version,
    /// Hash of the canonical record: equal for records that say the same.
    pub content: i64,
    /// The object's index in the delivery.
    pub object: usize,
}

/// A key that a delivery of a dataset holds, accepted or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PresenceMark {
    /// The table.
    pub table: TableId,
    /// The row.
    pub id: RowKey,
}

/// The presence that a delivery of a dataset says something of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresenceScope {
    /// The table.
    pub table: TableId,
    /// The dataset's number.
    pub dataset: u8,
    /// What the dataset is complete for; empty for all of it.
    pub scope: String,
    /// The delivery's own position.
    pub position: RawPosition,
    /// Whether keys that are absent are gone: a complete snapshot in which every key could be read.
    pub retires: bool,
}

/// A complete delivery of the rows of one day: older rows of that day and scope are gone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DaySet {
    /// The day that the rows are of.
    pub day: Date,
    /// What the delivery is complete for; empty for all of it.
    pub scope: String,
    /// The delivery's own position.
    pub position: RawPosition,
}

/// Counts per object and entity, for conservation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ObjectCounts {
    /// Rows of the source: CSV lines, elements of an array.
    pub source_rows: u64,
    /// Canonical records.
    pub records_read: u64,
    /// Records that were refused.
    pub records_quarantined: u64,
    /// Source rows in refused records.
    pub rows_quarantined: u64,
    /// Source rows that the mapping's `where` leaves out.
    pub rows_skipped: u64,
    /// Update times that were cut to the end of the business day and a day.
    pub versions_cut: u64,
}

/// A city as records name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct City {
    /// Its name as delivered.
    pub name: String,
    /// Its country as delivered, where it was told.
    pub country: Option<String>,
}

/// What transform found in a stretch of a delivery. Load drains it as it grows.
#[derive(Debug, Default)]
pub struct Output {
    /// Rows by table.
    pub rows: BTreeMap<TableId, Rows>,
    /// For each row of a document's parts, in order, the raw position of its document's header: which
    /// version of the document it belongs to. Its own position is that of its own source row.
    pub part_units: BTreeMap<TableId, Vec<RawPosition>>,
    /// Accepted units.
    pub units: Vec<Unit>,
    /// Keys that are present, for tables that snapshots feed.
    pub present: Vec<PresenceMark>,
    /// Currency codes that rows refer to in `cw_global`.
    pub currencies: BTreeMap<String, RowKey>,
    /// Language codes that rows refer to in `cw_global`.
    pub languages: BTreeMap<String, RowKey>,
    /// Cities that rows refer to in `cw_global`.
    pub cities: BTreeMap<City, RowKey>,
    /// People, by address, that rows refer to in `cw_global`.
    pub users: BTreeMap<String, RowKey>,
    /// Days of which the delivery holds the whole stock.
    pub inventory_sets: BTreeSet<DaySet>,
    /// Refused records.
    pub rejects: Vec<Reject>,
}

impl Output {
    /// The rows of a table, made on first use.
    pub fn rows(&mut self, table: TableId) -> &mut Rows {
        self.rows.entry(table).or_insert_with(|| Rows::new(table))
    }

    /// Bytes of memory in use, for bounds.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let rejects: usize = self
            .rejects
            .iter()
            .map(|reject| reject.record.len() + 512)
            .sum();
        self.rows.values().map(Rows::bytes).sum::<usize>()
            + self.units.len() * size_of::<Unit>()
            + self.present.len() * size_of::<PresenceMark>()
            + rejects
    }

    /// Whether there is nothing to load.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.values().all(Rows::is_empty)
            && self.units.is_empty()
            && self.present.is_empty()
            && self.rejects.is_empty()
            && self.inventory_sets.is_empty()
    }

    /// Forgets all and keeps the memory.
    pub fn clear(&mut self) {
        self.rows.values_mut().for_each(Rows::clear);
        self.part_units.values_mut().for_each(Vec::clear);
        self.units.clear();
        self.present.clear();
        self.currencies.clear();
        self.languages.clear();
        self.cities.clear();
        self.users.clear();
        self.inventory_sets.clear();
        self.rejects.clear();
    }
}
