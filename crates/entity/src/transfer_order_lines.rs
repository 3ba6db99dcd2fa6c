//! `transfer_order_lines`: lines of transfer orders.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "transfer_order_lines")]
pub struct Model {
    /// Key of the table and (document, line_no): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Document.
    pub transfer_order_id: i64,
    /// Number of the line as delivered, else its ordinal within the document.
    pub line_no: i32,
    /// Identifier of the line in the source; not unique; null where it has none.
    #[sea_orm(column_type = "Text")]
    pub external_id: Option<String>,
    /// Product moved.
    pub product_id: i64,
    /// Quantity shipped.
    #[sea_orm(column_type = "Decimal(Some((15, 3)))")]
    pub shipped_qty: Decimal,
    /// Quantity received; null where not received or unknown.
    #[sea_orm(column_type = "Decimal(Some((15, 3)))")]
    pub received_qty: Option<Decimal>,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `transfer_order_id` names.
    #[sea_orm(belongs_to, from = "transfer_order_id", to = "id")]
    pub transfer_order: BelongsTo<super::transfer_orders::Entity>,
    /// The row that `product_id` names.
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: BelongsTo<super::products::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
