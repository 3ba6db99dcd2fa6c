//! `x_supplier_brands`: brands that a supplier carries: part of its record.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "x_supplier_brands")]
pub struct Model {
    /// Key of the table and (supplier, brand): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Supplier.
    pub supplier_id: i64,
    /// Brand.
    pub brand_id: i64,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `supplier_id` names.
    #[sea_orm(belongs_to, from = "supplier_id", to = "id")]
    pub supplier: BelongsTo<super::suppliers::Entity>,
    /// The row that `brand_id` names.
    #[sea_orm(belongs_to, from = "brand_id", to = "id")]
    pub brand: BelongsTo<super::brands::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
