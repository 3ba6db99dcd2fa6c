//! `suppliers`: suppliers; inferred from the products and documents that name them.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "suppliers")]
pub struct Model {
    /// Key of the table and external_id: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Identifier of the supplier in the source, as delivered: leading zeros and case count.
    #[sea_orm(column_type = "Text", unique)]
    pub external_id: String,
    /// Name; the identifier until a record names the supplier.
    #[sea_orm(column_type = "Text")]
    pub supplier_name: String,
    /// State; null where unknown.
    pub supplier_status_id: Option<i64>,
    /// Country as delivered; null where unknown.
    #[sea_orm(column_type = "Text")]
    pub country: Option<String>,
    /// Whether it ships to stores itself; false where the source does not say.
    pub direct_shipment: bool,
    /// Currency of its offers that name none; null where the source gives none.
    pub currency_id: Option<i64>,
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
    /// City; null where unknown.
    pub city_id: Option<i64>,
    /// The row that `supplier_status_id` names.
    #[sea_orm(belongs_to, from = "supplier_status_id", to = "id")]
    pub supplier_status: BelongsTo<Option<super::supplier_statuses::Entity>>,
    /// The row that `currency_id` names.
    #[sea_orm(belongs_to, from = "currency_id", to = "id")]
    pub currency: BelongsTo<Option<super::currencies::Entity>>,
    /// The row that `city_id` names.
    #[sea_orm(belongs_to, from = "city_id", to = "id")]
    pub city: BelongsTo<Option<super::cities::Entity>>,
    /// The rows of `po_recommendations` that name this one.
    #[sea_orm(has_many)]
    pub po_recommendations: HasMany<super::po_recommendations::Entity>,
    /// The rows of `product_cost_records` that name this one.
    #[sea_orm(has_many)]
    pub product_cost_records: HasMany<super::product_cost_records::Entity>,
    /// The rows of `products` that name this one.
    #[sea_orm(has_many)]
    pub products: HasMany<super::products::Entity>,
    /// The rows of `purchase_orders` that name this one.
    #[sea_orm(has_many)]
    pub purchase_orders: HasMany<super::purchase_orders::Entity>,
    /// The rows of `receiving_orders` that name this one.
    #[sea_orm(has_many)]
    pub receiving_orders: HasMany<super::receiving_orders::Entity>,
    /// The rows of `supplier_available_products` that name this one.
    #[sea_orm(has_many)]
    pub supplier_available_products: HasMany<super::supplier_available_products::Entity>,
    /// The rows of `supplier_behaviors` that name this one.
    #[sea_orm(has_many)]
    pub supplier_behaviors: HasMany<super::supplier_behaviors::Entity>,
    /// The rows of `supplier_price_list_lines` that name this one.
    #[sea_orm(has_many)]
    pub supplier_price_list_lines: HasMany<super::supplier_price_list_lines::Entity>,
    /// The rows of `supplier_price_lists` that name this one.
    #[sea_orm(has_many)]
    pub supplier_price_lists: HasMany<super::supplier_price_lists::Entity>,
    /// The rows of `supplier_settings` that name this one.
    #[sea_orm(has_many)]
    pub supplier_settings: HasMany<super::supplier_settings::Entity>,
    /// The rows of `supplier_translations` that name this one.
    #[sea_orm(has_many)]
    pub supplier_translations: HasMany<super::supplier_translations::Entity>,
    /// The rows of `x_supplier_brands` that name this one.
    #[sea_orm(has_many)]
    pub x_supplier_brands: HasMany<super::x_supplier_brands::Entity>,
    /// The rows of `x_supplier_products` that name this one.
    #[sea_orm(has_many)]
    pub x_supplier_products: HasMany<super::x_supplier_products::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
