//! `inventory_strategy_simulations`: how a strategy would have done in the past.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "inventory_strategy_simulations")]
pub struct Model {
    /// Key of the table and (inventory_strategy, snapshot_date, from_date, thru_date): 63 bits,
    /// the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Strategy.
    pub inventory_strategy_id: i64,
    /// Business day that the row is computed for.
    pub snapshot_date: Date,
    /// First day that was played.
    pub from_date: Date,
    /// Last day that was played, inclusive.
    pub thru_date: Date,
    /// Share of demand that stock met, 0-1.
    pub fill_rate: f64,
    /// Share of product-days without stock, 0-1.
    pub stockout_rate: f64,
    /// Average value of stock.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub avg_inventory_value: Decimal,
    /// Currency of the value.
    pub currency_id: i64,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `inventory_strategy_id` names.
    #[sea_orm(belongs_to, from = "inventory_strategy_id", to = "id")]
    pub inventory_strategy: BelongsTo<super::inventory_strategies::Entity>,
    /// The row that `currency_id` names.
    #[sea_orm(belongs_to, from = "currency_id", to = "id")]
    pub currency: BelongsTo<super::currencies::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
