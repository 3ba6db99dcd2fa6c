//! `demand_forecast_products`: demand that is expected of a product at a location in a period.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "demand_forecast_products")]
pub struct Model {
    /// Key of the table and (demand_forecast, product, location, period_start): 63 bits, the
    /// same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Forecast.
    pub demand_forecast_id: i64,
    /// Product.
    pub product_id: i64,
    /// Location.
    pub location_id: i64,
    /// First day.
    pub period_start: Date,
    /// Last day, inclusive.
    pub period_end: Date,
    /// Units that will be asked for.
    #[sea_orm(column_type = "Decimal(Some((15, 3)))")]
    pub expected_qty: Decimal,
    /// Units that would be asked for if stock never ran out.
    #[sea_orm(column_type = "Decimal(Some((15, 3)))")]
    pub oos_adjusted_qty: Decimal,
    /// How sure the model is, 0-1; null where it does not say.
    pub confidence_score: Option<f64>,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `demand_forecast_id` names.
    #[sea_orm(belongs_to, from = "demand_forecast_id", to = "id")]
    pub demand_forecast: BelongsTo<super::demand_forecasts::Entity>,
    /// The row that `product_id` names.
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: BelongsTo<super::products::Entity>,
    /// The row that `location_id` names.
    #[sea_orm(belongs_to, from = "location_id", to = "id")]
    pub location: BelongsTo<super::locations::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
