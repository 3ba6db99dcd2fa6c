//! `price_kinds`: kinds of prices; the highest-ranked active one wins.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "price_kinds")]
pub struct Model {
    /// Key of the table and name: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Kind as delivered and folded by the mapping: regular, promo, clearance.
    #[sea_orm(column_type = "Text", unique)]
    pub name: String,
    /// Highest wins; 0 where no record says.
    pub rank: i32,
    /// Whether prices of the kind count.
    pub is_active: bool,
    /// Strength of what wrote the row: 0 only referenced, 1 embedded without a usable name, 2
    /// embedded in another record, 3 a record of its own; the greater (source_rank, version)
    /// wins.
    pub source_rank: i16,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The rows of `pricing_lists` that name this one.
    #[sea_orm(has_many)]
    pub pricing_lists: HasMany<super::pricing_lists::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
