//! `inventory_quantities`: stock of a product at a location at the end of a day. The newest complete delivery of a day and scope replaces the day.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inventory_quantities")]
pub struct Model {
    /// Key of the table and (product, location, snapshot_date, scope): 63 bits, the same on
    /// every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Product.
    pub product_id: i64,
    /// Location.
    pub location_id: i64,
    /// Day whose end is meant.
    pub snapshot_date: Date,
    /// What the delivery is complete for, as the mapping declares; empty for all of it.
    #[sea_orm(column_type = "Text")]
    pub scope: String,
    /// Quantity in stock; negative where the source books ahead.
    #[sea_orm(column_type = "Decimal(Some((15, 3)))")]
    pub on_hand_qty: Decimal,
    /// Quantity promised to orders; null where unknown.
    #[sea_orm(column_type = "Decimal(Some((15, 3)))")]
    pub reserved_qty: Option<Decimal>,
    /// Quantity on its way to the location; null where unknown.
    #[sea_orm(column_type = "Decimal(Some((15, 3)))")]
    pub in_transit_qty: Option<Decimal>,
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
}

impl ActiveModelBehavior for ActiveModel {}
