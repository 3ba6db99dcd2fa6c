//! `forecast_horizons`: how far ahead a forecast looks.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "forecast_horizons")]
pub struct Model {
    /// Key of the table and name: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Name.
    #[sea_orm(column_type = "Text", unique)]
    pub name: String,
    /// Days from the snapshot day on, whole weeks.
    pub horizon_days: i32,
    /// The rows of `demand_forecasts` that name this one.
    #[sea_orm(has_many)]
    pub demand_forecasts: HasMany<super::demand_forecasts::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
