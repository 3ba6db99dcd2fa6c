//! `products`: products and services that documents name. Cost, price and supplier come with the tables that they derive from.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "products")]
pub struct Model {
    /// Key of the table and external_id: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Identifier of the product in the source, as delivered: leading zeros and case count.
    #[sea_orm(column_type = "Text", unique)]
    pub external_id: String,
    /// Stock keeping unit; not unique, since two records may swap theirs; null where the source has
    /// none.
    #[sea_orm(column_type = "Text")]
    pub product_sku: Option<String>,
    /// Identifier that the vendor uses; null where the source has none.
    #[sea_orm(column_type = "Text")]
    pub product_vendor_sku: Option<String>,
    /// Name; the identifier until a record names the product.
    #[sea_orm(column_type = "Text")]
    pub product_name: String,
    /// goods, or service such as postage and fees; demand reads goods only.
    #[sea_orm(column_type = "Text")]
    pub product_kind: String,
    /// Brand; null where unknown.
    pub brand_id: Option<i64>,
    /// Category; null where unknown.
    pub product_category_id: Option<i64>,
    /// Day on which the product was introduced; null where unknown.
    pub birth_date: Option<Date>,
    /// Whom it is made for; null where unknown.
    pub gender_id: Option<i64>,
    /// Life cycle state; null where unknown.
    pub product_status_id: Option<i64>,
    /// Price segment; null where unknown.
    pub price_tier_id: Option<i64>,
    /// Whether the row counts now: declared active, and held by the newest complete snapshot of its
    /// source or a later delta.
    pub is_active: bool,
    /// What the winning record says of is_active, before presence is asked.
    pub declared_active: bool,
    /// Strength of what wrote the row: 0 only referenced, 1 embedded without a usable name, 2 embedded
    /// in another record, 3 a record of its own; the greater (source_rank, version) wins.
    pub source_rank: i16,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix, packed;
    /// breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `brand_id` names.
    #[sea_orm(belongs_to, from = "brand_id", to = "id")]
    pub brand: BelongsTo<Option<super::brands::Entity>>,
    /// The row that `product_category_id` names.
    #[sea_orm(belongs_to, from = "product_category_id", to = "id")]
    pub product_category: BelongsTo<Option<super::product_categories::Entity>>,
    /// The row that `gender_id` names.
    #[sea_orm(belongs_to, from = "gender_id", to = "id")]
    pub gender: BelongsTo<Option<super::genders::Entity>>,
    /// The row that `product_status_id` names.
    #[sea_orm(belongs_to, from = "product_status_id", to = "id")]
    pub product_status: BelongsTo<Option<super::product_statuses::Entity>>,
    /// The row that `price_tier_id` names.
    #[sea_orm(belongs_to, from = "price_tier_id", to = "id")]
    pub price_tier: BelongsTo<Option<super::price_tiers::Entity>>,
    /// The rows of `sales_order_lines` that name this one.
    #[sea_orm(has_many)]
    pub sales_order_lines: HasMany<super::sales_order_lines::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
