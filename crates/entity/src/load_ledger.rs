//! `load_ledger`: manifest entries that are applied, each in the transaction that wrote its rows.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "load_ledger")]
pub struct Model {
    /// Number of the manifest entry.
    #[sea_orm(primary_key, auto_increment = false)]
    pub entry_number: i64,
    /// SHA-256 of the entry, hex.
    #[sea_orm(column_type = "Text")]
    pub entry_sha256: String,
    /// Business day of the delivery.
    pub business_day: Date,
    /// SHA-256 of the mapping that was used, hex.
    #[sea_orm(column_type = "Text")]
    pub mapping_sha256: String,
    /// Version of transform that was used.
    pub transform_version: i32,
    /// Run that applied it.
    #[sea_orm(column_type = "Text")]
    pub run_id: String,
    /// When it was applied.
    pub applied_at: DateTimeUtc,
    /// Kind of the entry; only a delivery moves the tenant's newest day.
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    /// The rows of `load_counts` that name this one.
    #[sea_orm(has_many)]
    pub load_counts: HasMany<super::load_counts::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
