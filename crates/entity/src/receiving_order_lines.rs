//! `receiving_order_lines`: lines of receipts.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "receiving_order_lines")]
pub struct Model {
    /// Key of the table and (document, line_no): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Document.
    pub receiving_order_id: i64,
    /// Number of the line as delivered, else its ordinal within the document.
    pub line_no: i32,
    /// Identifier of the line in the source; not unique; null where it has none.
    #[sea_orm(column_type = "Text")]
    pub external_id: Option<String>,
    /// Line of the purchase order as delivered; null where the receipt names none.
    pub purchase_order_line_no: Option<i32>,
    /// Product received.
    pub product_id: i64,
    /// Quantity received.
    #[sea_orm(column_type = "Decimal(Some((15, 3)))")]
    pub received_qty: Decimal,
    /// Quantity of it that was refused; null where the source does not say.
    #[sea_orm(column_type = "Decimal(Some((15, 3)))")]
    pub rejected_qty: Option<Decimal>,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// Derived: line of the purchase order, by its number, else the first one with the product;
    /// null while it is unknown.
    pub purchase_order_line_id: Option<i64>,
    /// Derived: cost of one unit by the line of the purchase order, in that document's
    /// currency; null while it is unknown.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub unit_cost: Option<Decimal>,
    /// The row that `receiving_order_id` names.
    #[sea_orm(belongs_to, from = "receiving_order_id", to = "id")]
    pub receiving_order: BelongsTo<super::receiving_orders::Entity>,
    /// The row that `product_id` names.
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: BelongsTo<super::products::Entity>,
    /// The row that `purchase_order_line_id` names.
    #[sea_orm(belongs_to, from = "purchase_order_line_id", to = "id")]
    pub purchase_order_line: BelongsTo<Option<super::purchase_order_lines::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
