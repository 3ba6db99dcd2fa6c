//! `products`: products and services: records of their own, and what documents name.

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
    /// Stock keeping unit; not unique, since two records may swap theirs; null where the source
    /// has none.
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
    /// Default supplier as its record says; null where it names none.
    pub supplier_id: Option<i64>,
    /// Cost that its own record gives; null where it gives none.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub declared_cost: Option<Decimal>,
    /// Price that its own record gives; null where it gives none.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub declared_price: Option<Decimal>,
    /// Currency of declared_cost and declared_price; null where both are.
    pub declared_currency_id: Option<i64>,
    /// Derived: cost in force on the newest business day, from product_costs; null where
    /// unknown.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub cost: Option<Decimal>,
    /// Derived: currency of cost; null where that is.
    pub cost_currency_id: Option<i64>,
    /// Derived: price of the highest-ranked active kind in force on the newest business day
    /// everywhere, else declared_price; null where unknown.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub price: Option<Decimal>,
    /// Derived: currency of price; null where that is.
    pub currency_id: Option<i64>,
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
    /// The row that `supplier_id` names.
    #[sea_orm(belongs_to, from = "supplier_id", to = "id")]
    pub supplier: BelongsTo<Option<super::suppliers::Entity>>,
    /// The row that `declared_currency_id` names.
    #[sea_orm(
        belongs_to,
        relation_enum = "DeclaredCurrency",
        from = "declared_currency_id",
        to = "id"
    )]
    pub declared_currency: BelongsTo<Option<super::currencies::Entity>>,
    /// The row that `cost_currency_id` names.
    #[sea_orm(
        belongs_to,
        relation_enum = "CostCurrency",
        from = "cost_currency_id",
        to = "id"
    )]
    pub cost_currency: BelongsTo<Option<super::currencies::Entity>>,
    /// The row that `currency_id` names.
    #[sea_orm(
        belongs_to,
        relation_enum = "Currency",
        from = "currency_id",
        to = "id"
    )]
    pub currency: BelongsTo<Option<super::currencies::Entity>>,
    /// The rows of `assortment_recommendations` that name this one.
    #[sea_orm(has_many)]
    pub assortment_recommendations: HasMany<super::assortment_recommendations::Entity>,
    /// The rows of `demand_forecast_products` that name this one.
    #[sea_orm(has_many)]
    pub demand_forecast_products: HasMany<super::demand_forecast_products::Entity>,
    /// The rows of `inventory_quantities` that name this one.
    #[sea_orm(has_many)]
    pub inventory_quantities: HasMany<super::inventory_quantities::Entity>,
    /// The rows of `inventory_strategies` that name this one.
    #[sea_orm(has_many)]
    pub inventory_strategies: HasMany<super::inventory_strategies::Entity>,
    /// The rows of `inventory_targets` that name this one.
    #[sea_orm(has_many)]
    pub inventory_targets: HasMany<super::inventory_targets::Entity>,
    /// The rows of `po_recommendations` that name this one.
    #[sea_orm(has_many)]
    pub po_recommendations: HasMany<super::po_recommendations::Entity>,
    /// The rows of `pricing_lists` that name this one.
    #[sea_orm(has_many)]
    pub pricing_lists: HasMany<super::pricing_lists::Entity>,
    /// The rows of `product_attributes` that name this one.
    #[sea_orm(has_many)]
    pub product_attributes: HasMany<super::product_attributes::Entity>,
    /// The rows of `product_behaviors` that name this one.
    #[sea_orm(has_many)]
    pub product_behaviors: HasMany<super::product_behaviors::Entity>,
    /// The rows of `product_cost_records` that name this one.
    #[sea_orm(has_many)]
    pub product_cost_records: HasMany<super::product_cost_records::Entity>,
    /// The rows of `product_costs` that name this one.
    #[sea_orm(has_many)]
    pub product_costs: HasMany<super::product_costs::Entity>,
    /// The rows of `product_embeddings` that name this one.
    #[sea_orm(has_many)]
    pub product_embeddings: HasMany<super::product_embeddings::Entity>,
    /// The rows of `product_images` that name this one.
    #[sea_orm(has_many)]
    pub product_images: HasMany<super::product_images::Entity>,
    /// The rows of `product_market_observations` that name this one.
    #[sea_orm(has_many)]
    pub product_market_observations: HasMany<super::product_market_observations::Entity>,
    /// The rows of `product_settings` that name this one.
    #[sea_orm(has_many)]
    pub product_settings: HasMany<super::product_settings::Entity>,
    /// The rows of `product_social_ad_daily` that name this one.
    #[sea_orm(has_many)]
    pub product_social_ad_daily: HasMany<super::product_social_ad_daily::Entity>,
    /// The rows of `product_translations` that name this one.
    #[sea_orm(has_many)]
    pub product_translations: HasMany<super::product_translations::Entity>,
    /// The rows of `product_web_analytics_daily` that name this one.
    #[sea_orm(has_many)]
    pub product_web_analytics_daily: HasMany<super::product_web_analytics_daily::Entity>,
    /// The rows of `purchase_order_lines` that name this one.
    #[sea_orm(has_many)]
    pub purchase_order_lines: HasMany<super::purchase_order_lines::Entity>,
    /// The rows of `receiving_order_lines` that name this one.
    #[sea_orm(has_many)]
    pub receiving_order_lines: HasMany<super::receiving_order_lines::Entity>,
    /// The rows of `sales_order_lines` that name this one.
    #[sea_orm(has_many)]
    pub sales_order_lines: HasMany<super::sales_order_lines::Entity>,
    /// The rows of `store_order_lines` that name this one.
    #[sea_orm(has_many)]
    pub store_order_lines: HasMany<super::store_order_lines::Entity>,
    /// The rows of `supplier_available_products` that name this one.
    #[sea_orm(has_many)]
    pub supplier_available_products: HasMany<super::supplier_available_products::Entity>,
    /// The rows of `supplier_price_list_lines` that name this one.
    #[sea_orm(has_many)]
    pub supplier_price_list_lines: HasMany<super::supplier_price_list_lines::Entity>,
    /// The rows of `to_recommendations` that name this one.
    #[sea_orm(has_many)]
    pub to_recommendations: HasMany<super::to_recommendations::Entity>,
    /// The rows of `transfer_order_lines` that name this one.
    #[sea_orm(has_many)]
    pub transfer_order_lines: HasMany<super::transfer_order_lines::Entity>,
    /// The rows of `x_assortment_products` that name this one.
    #[sea_orm(has_many)]
    pub x_assortment_products: HasMany<super::x_assortment_products::Entity>,
    /// The rows of `x_supplier_products` that name this one.
    #[sea_orm(has_many)]
    pub x_supplier_products: HasMany<super::x_supplier_products::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
