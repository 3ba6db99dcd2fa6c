//! `receiving_orders`: receipts of goods.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "receiving_orders")]
pub struct Model {
    /// Key of the table and external_id: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Identifier of the document in the source, as delivered: leading zeros and case count.
    #[sea_orm(column_type = "Text", unique)]
    pub external_id: String,
    /// Purchase order; null where the receipt names none.
    pub purchase_order_id: Option<i64>,
    /// Location that received.
    pub location_id: i64,
    /// State; null where unknown.
    pub receiving_order_status_id: Option<i64>,
    /// Day of the receipt in the tenant's time zone.
    pub received_date: Date,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// Derived: supplier of the purchase order; null where that is unknown.
    pub supplier_id: Option<i64>,
    /// The row that `purchase_order_id` names.
    #[sea_orm(belongs_to, from = "purchase_order_id", to = "id")]
    pub purchase_order: BelongsTo<Option<super::purchase_orders::Entity>>,
    /// The row that `location_id` names.
    #[sea_orm(belongs_to, from = "location_id", to = "id")]
    pub location: BelongsTo<super::locations::Entity>,
    /// The row that `receiving_order_status_id` names.
    #[sea_orm(belongs_to, from = "receiving_order_status_id", to = "id")]
    pub receiving_order_status: BelongsTo<Option<super::receiving_order_statuses::Entity>>,
    /// The row that `supplier_id` names.
    #[sea_orm(belongs_to, from = "supplier_id", to = "id")]
    pub supplier: BelongsTo<Option<super::suppliers::Entity>>,
    /// The rows of `receiving_order_lines` that name this one.
    #[sea_orm(has_many)]
    pub receiving_order_lines: HasMany<super::receiving_order_lines::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
