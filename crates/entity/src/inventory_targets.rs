//! `inventory_targets`: how much stock a product shall have at a location.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "inventory_targets")]
pub struct Model {
    /// Key of the table and (product, location, snapshot_date): 63 bits, the same on every
    /// machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Product.
    pub product_id: i64,
    /// Location.
    pub location_id: i64,
    /// Strategy that a person set; null where the default of the kind was used.
    pub inventory_strategy_id: Option<i64>,
    /// Method that was used.
    pub inventory_strategy_type_id: i64,
    /// Business day that the row is computed for.
    pub snapshot_date: Date,
    /// Stock against surprise.
    #[sea_orm(column_type = "Decimal(Some((15, 3)))")]
    pub safety_stock_qty: Decimal,
    /// Stock at which to order.
    #[sea_orm(column_type = "Decimal(Some((15, 3)))")]
    pub reorder_point_qty: Decimal,
    /// Stock to order up to.
    #[sea_orm(column_type = "Decimal(Some((15, 3)))")]
    pub target_qty: Decimal,
    /// Share of demand that it shall meet, 0-1.
    pub service_level: f64,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `product_id` names.
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: BelongsTo<super::products::Entity>,
    /// The row that `location_id` names.
    #[sea_orm(belongs_to, from = "location_id", to = "id")]
    pub location: BelongsTo<super::locations::Entity>,
    /// The row that `inventory_strategy_id` names.
    #[sea_orm(belongs_to, from = "inventory_strategy_id", to = "id")]
    pub inventory_strategy: BelongsTo<Option<super::inventory_strategies::Entity>>,
    /// The row that `inventory_strategy_type_id` names.
    #[sea_orm(belongs_to, from = "inventory_strategy_type_id", to = "id")]
    pub inventory_strategy_type: BelongsTo<super::inventory_strategy_types::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
