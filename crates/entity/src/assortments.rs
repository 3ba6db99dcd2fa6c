//! `assortments`: which products belong together: by tier and brand for all locations, or of one location.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "assortments")]
pub struct Model {
    /// Key of the table and (name): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Name.
    #[sea_orm(column_type = "Text", unique)]
    pub name: String,
    /// Location; null for all.
    pub location_id: Option<i64>,
    /// Price tier; null for all.
    pub price_tier_id: Option<i64>,
    /// Brand; null for all.
    pub brand_id: Option<i64>,
    /// First day.
    pub from_date: Date,
    /// Last day, inclusive; null while in force.
    pub thru_date: Option<Date>,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `location_id` names.
    #[sea_orm(belongs_to, from = "location_id", to = "id")]
    pub location: BelongsTo<Option<super::locations::Entity>>,
    /// The row that `price_tier_id` names.
    #[sea_orm(belongs_to, from = "price_tier_id", to = "id")]
    pub price_tier: BelongsTo<Option<super::price_tiers::Entity>>,
    /// The row that `brand_id` names.
    #[sea_orm(belongs_to, from = "brand_id", to = "id")]
    pub brand: BelongsTo<Option<super::brands::Entity>>,
    /// The rows of `x_assortment_products` that name this one.
    #[sea_orm(has_many)]
    pub x_assortment_products: HasMany<super::x_assortment_products::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
