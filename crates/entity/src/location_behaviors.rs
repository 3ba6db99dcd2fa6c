//! `location_behaviors`: how a location behaves, as of a day.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "location_behaviors")]
pub struct Model {
    /// Key of the table and (location, snapshot_date): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Location.
    pub location_id: i64,
    /// Business day that the row is computed for.
    pub snapshot_date: Date,
    /// Share of demand that stock met, 0-1.
    pub fill_rate: f64,
    /// Share of product-days without stock, 0-1.
    pub stockout_rate: f64,
    /// Average value of stock.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub avg_inventory_value: Decimal,
    /// Value of sales, returns taken off.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub revenue: Decimal,
    /// Currency of the values.
    pub currency_id: i64,
    /// Products with sales or stock.
    pub active_products: i32,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `location_id` names.
    #[sea_orm(belongs_to, from = "location_id", to = "id")]
    pub location: BelongsTo<super::locations::Entity>,
    /// The row that `currency_id` names.
    #[sea_orm(belongs_to, from = "currency_id", to = "id")]
    pub currency: BelongsTo<super::currencies::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
