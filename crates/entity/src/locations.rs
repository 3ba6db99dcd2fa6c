//! `locations`: stores, warehouses and distribution centres.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "locations")]
pub struct Model {
    /// Key of the table and external_id: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Identifier of the location in the source, as delivered: leading zeros and case count.
    #[sea_orm(column_type = "Text", unique)]
    pub external_id: String,
    /// Name; the identifier until a record names the location.
    #[sea_orm(column_type = "Text")]
    pub location_name: String,
    /// Kind; null while the location is only referenced.
    pub location_type_id: Option<i64>,
    /// State; null where unknown.
    pub location_status_id: Option<i64>,
    /// Country as delivered; null where unknown.
    #[sea_orm(column_type = "Text")]
    pub country: Option<String>,
    /// Day on which it opened; null where unknown.
    pub opened_date: Option<Date>,
    /// Day on which it closed; null while open or unknown.
    pub closed_date: Option<Date>,
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
    /// The row that `location_type_id` names.
    #[sea_orm(belongs_to, from = "location_type_id", to = "id")]
    pub location_type: BelongsTo<Option<super::location_types::Entity>>,
    /// The row that `location_status_id` names.
    #[sea_orm(belongs_to, from = "location_status_id", to = "id")]
    pub location_status: BelongsTo<Option<super::location_statuses::Entity>>,
    /// The row that `city_id` names.
    #[sea_orm(belongs_to, from = "city_id", to = "id")]
    pub city: BelongsTo<Option<super::cities::Entity>>,
    /// The rows of `assortment_recommendations` that name this one.
    #[sea_orm(has_many)]
    pub assortment_recommendations: HasMany<super::assortment_recommendations::Entity>,
    /// The rows of `assortments` that name this one.
    #[sea_orm(has_many)]
    pub assortments: HasMany<super::assortments::Entity>,
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
    /// The rows of `location_behaviors` that name this one.
    #[sea_orm(has_many)]
    pub location_behaviors: HasMany<super::location_behaviors::Entity>,
    /// The rows of `location_settings` that name this one.
    #[sea_orm(has_many)]
    pub location_settings: HasMany<super::location_settings::Entity>,
    /// The rows of `location_translations` that name this one.
    #[sea_orm(has_many)]
    pub location_translations: HasMany<super::location_translations::Entity>,
    /// The rows of `location_web_analytics_daily` that name this one.
    #[sea_orm(has_many)]
    pub location_web_analytics_daily: HasMany<super::location_web_analytics_daily::Entity>,
    /// The rows of `po_recommendations` that name this one.
    #[sea_orm(has_many)]
    pub po_recommendations: HasMany<super::po_recommendations::Entity>,
    /// The rows of `pricing_lists` that name this one.
    #[sea_orm(has_many)]
    pub pricing_lists: HasMany<super::pricing_lists::Entity>,
    /// The rows of `purchase_orders` that name this one.
    #[sea_orm(has_many)]
    pub purchase_orders: HasMany<super::purchase_orders::Entity>,
    /// The rows of `receiving_orders` that name this one.
    #[sea_orm(has_many)]
    pub receiving_orders: HasMany<super::receiving_orders::Entity>,
    /// The rows of `sales_orders` that name this one.
    #[sea_orm(has_many)]
    pub sales_orders: HasMany<super::sales_orders::Entity>,
    /// The rows of `statistics_touched` that name this one.
    #[sea_orm(has_many)]
    pub statistics_touched: HasMany<super::statistics_touched::Entity>,
    /// The rows of `uplift_measurements` that name this one.
    #[sea_orm(has_many)]
    pub uplift_measurements: HasMany<super::uplift_measurements::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
