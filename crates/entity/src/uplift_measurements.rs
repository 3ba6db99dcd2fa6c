//! `uplift_measurements`: what following recommendations has brought.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "uplift_measurements")]
pub struct Model {
    /// Key of the table and (location, from_date, thru_date): 63 bits, the same on every
    /// machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Location; null for all.
    pub location_id: Option<i64>,
    /// First day.
    pub from_date: Date,
    /// Last day, inclusive.
    pub thru_date: Date,
    /// Change of revenue, relative.
    pub revenue_uplift: f64,
    /// Change of the share of demand that stock met, in points of 1.
    pub fill_rate_uplift: f64,
    /// Change of the value of stock.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub inventory_value_change: Decimal,
    /// Currency of the value.
    pub currency_id: i64,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `location_id` names.
    #[sea_orm(belongs_to, from = "location_id", to = "id")]
    pub location: BelongsTo<Option<super::locations::Entity>>,
    /// The row that `currency_id` names.
    #[sea_orm(belongs_to, from = "currency_id", to = "id")]
    pub currency: BelongsTo<super::currencies::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
