//! `brands`: brands of products; inferred from the products that name them.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "brands")]
pub struct Model {
    /// Key of the table and name: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Brand as delivered, trimmed.
    #[sea_orm(column_type = "Text", unique)]
    pub name: String,
    /// Country that the source gives for the brand; null where it gives none.
    #[sea_orm(column_type = "Text")]
    pub country_of_origin: Option<String>,
    /// Strength of what wrote the row: 0 only referenced, 1 embedded without a usable name, 2
    /// embedded in another record, 3 a record of its own; the greater (source_rank, version)
    /// wins.
    pub source_rank: i16,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The rows of `assortments` that name this one.
    #[sea_orm(has_many)]
    pub assortments: HasMany<super::assortments::Entity>,
    /// The rows of `products` that name this one.
    #[sea_orm(has_many)]
    pub products: HasMany<super::products::Entity>,
    /// The rows of `x_supplier_brands` that name this one.
    #[sea_orm(has_many)]
    pub x_supplier_brands: HasMany<super::x_supplier_brands::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
