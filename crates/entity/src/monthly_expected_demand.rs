//! `monthly_expected_demand`: demand of a month that the forecasts in force expect.

use sea_orm::entity::prelude::*;

/// A row. Statistics have no id, and a key of SeaORM admits no null: the place belongs to the
/// key beside period_start, so find rows by filters, never by key.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "monthly_expected_demand")]
pub struct Model {
    /// Location; null for all of them.
    pub location_id: Option<i64>,
    /// First day of the month.
    #[sea_orm(primary_key, auto_increment = false)]
    pub period_start: Date,
    /// Last day of the month, inclusive.
    pub period_end: Date,
    /// Quantity expected.
    #[sea_orm(column_type = "Decimal(Some((38, 4)))")]
    pub total_qty: Decimal,
    /// Value in the base currency.
    #[sea_orm(column_type = "Decimal(Some((38, 4)))")]
    pub total_value: Decimal,
    /// Distinct products with a row.
    pub product_count: i64,
}

impl ActiveModelBehavior for ActiveModel {}
