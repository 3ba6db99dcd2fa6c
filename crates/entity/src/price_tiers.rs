//! `price_tiers`: price segments of products, per tenant.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "price_tiers")]
pub struct Model {
    /// Key of the table and name: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Tier as delivered and folded by the mapping: Entry, Mid, Premium, Luxury.
    #[sea_orm(column_type = "Text", unique)]
    pub name: String,
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
}

impl ActiveModelBehavior for ActiveModel {}
