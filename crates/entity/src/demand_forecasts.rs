//! `demand_forecasts`: forecasts of demand: a run for a horizon.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "demand_forecasts")]
pub struct Model {
    /// Key of the table and (snapshot_date, forecast_horizon): 63 bits, the same on every
    /// machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Business day that the row is computed for.
    pub snapshot_date: Date,
    /// How far it looks.
    pub forecast_horizon_id: i64,
    /// Model; null where a rule was used.
    pub ml_model_run_id: Option<i64>,
    /// Whether days without stock were filled in before.
    pub is_oos_adjusted: bool,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `forecast_horizon_id` names.
    #[sea_orm(belongs_to, from = "forecast_horizon_id", to = "id")]
    pub forecast_horizon: BelongsTo<super::forecast_horizons::Entity>,
    /// The row that `ml_model_run_id` names.
    #[sea_orm(belongs_to, from = "ml_model_run_id", to = "id")]
    pub ml_model_run: BelongsTo<Option<super::ml_model_runs::Entity>>,
    /// The rows of `demand_forecast_products` that name this one.
    #[sea_orm(has_many)]
    pub demand_forecast_products: HasMany<super::demand_forecast_products::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
