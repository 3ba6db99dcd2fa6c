//! `product_categories`: tree of product categories.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product_categories")]
pub struct Model {
    /// Key of the table and external_id: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Identifier of the category in the source, as delivered: leading zeros and case count.
    #[sea_orm(column_type = "Text", unique)]
    pub external_id: String,
    /// Name of the category; its identifier until a record names it.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// Category above; null at the top.
    pub parent_category_id: Option<i64>,
    /// Level of the tree; null where the source has none.
    pub product_category_type_id: Option<i64>,
    /// Whether the row counts now: declared active, and held by the newest complete snapshot of
    /// its source or a later delta.
    pub is_active: bool,
    /// What the winning record says of is_active, before presence is asked.
    pub declared_active: bool,
    /// Strength of what wrote the row: 0 only referenced, 1 embedded without a usable name, 2
    /// embedded in another record, 3 a record of its own; the greater (source_rank, version)
    /// wins.
    pub source_rank: i16,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `parent_category_id` names.
    #[sea_orm(
        belongs_to,
        relation_enum = "ParentCategory",
        from = "parent_category_id",
        to = "id"
    )]
    pub parent_category: BelongsTo<Option<super::product_categories::Entity>>,
    /// The row that `product_category_type_id` names.
    #[sea_orm(belongs_to, from = "product_category_type_id", to = "id")]
    pub product_category_type: BelongsTo<Option<super::product_category_types::Entity>>,
    /// The rows of `category_behaviors` that name this one.
    #[sea_orm(has_many)]
    pub category_behaviors: HasMany<super::category_behaviors::Entity>,
    /// The rows of `category_market_observations` that name this one.
    #[sea_orm(has_many)]
    pub category_market_observations: HasMany<super::category_market_observations::Entity>,
    /// The rows of `category_settings` that name this one.
    #[sea_orm(has_many)]
    pub category_settings: HasMany<super::category_settings::Entity>,
    /// The rows of `category_social_ad_daily` that name this one.
    #[sea_orm(has_many)]
    pub category_social_ad_daily: HasMany<super::category_social_ad_daily::Entity>,
    /// The rows of `product_category_translations` that name this one.
    #[sea_orm(has_many)]
    pub product_category_translations: HasMany<super::product_category_translations::Entity>,
    /// The rows of `products` that name this one.
    #[sea_orm(has_many)]
    pub products: HasMany<super::products::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
