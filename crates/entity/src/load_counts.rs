//! `load_counts`: conservation: what became of the records of each object and entity.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "load_counts")]
pub struct Model {
    /// Manifest entry.
    #[sea_orm(primary_key, auto_increment = false)]
    pub entry_number: i64,
    /// Raw object, by its whole key in the bucket.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub object_key: String,
    /// Kind of record.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub entity: String,
    /// Rows of the source: CSV lines, elements of an array.
    pub source_rows: i64,
    /// Canonical records read.
    pub records_read: i64,
    /// Records whose version won.
    pub records_won: i64,
    /// Records that lost to a greater version.
    pub records_superseded: i64,
    /// Records that repeat another one exactly.
    pub records_duplicate: i64,
    /// Records that were refused.
    pub records_quarantined: i64,
    /// Source rows in refused records.
    pub rows_quarantined: i64,
    /// Source rows that the mapping leaves out.
    pub rows_skipped: i64,
    /// Update times later than the business day admits, which were cut.
    pub versions_cut: i64,
    /// The row that `entry_number` names.
    #[sea_orm(belongs_to, from = "entry_number", to = "entry_number")]
    pub entry: BelongsTo<super::load_ledger::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
