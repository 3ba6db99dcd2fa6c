//! `purchase_order_lines`: lines of purchase orders.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "purchase_order_lines")]
pub struct Model {
    /// Key of the table and (document, line_no): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Document.
    pub purchase_order_id: i64,
    /// Number of the line as delivered, else its ordinal within the document.
    pub line_no: i32,
    /// Identifier of the line in the source; not unique; null where it has none.
    #[sea_orm(column_type = "Text")]
    pub external_id: Option<String>,
    /// Product ordered.
    pub product_id: i64,
    /// Quantity ordered.
    #[sea_orm(column_type = "Decimal(Some((15, 3)))")]
    pub ordered_qty: Decimal,
    /// Cost of one unit, in the currency of the document.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub unit_cost: Decimal,
    /// Day on which receipt of the line is expected; null where only the document says, or
    /// nobody.
    pub expected_date: Option<Date>,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// Derived: quantity received by receipts that are not cancelled.
    #[sea_orm(column_type = "Decimal(Some((15, 3)))")]
    pub received_qty: Decimal,
    /// The row that `purchase_order_id` names.
    #[sea_orm(belongs_to, from = "purchase_order_id", to = "id")]
    pub purchase_order: BelongsTo<super::purchase_orders::Entity>,
    /// The row that `product_id` names.
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: BelongsTo<super::products::Entity>,
    /// The rows of `receiving_order_lines` that name this one.
    #[sea_orm(has_many)]
    pub receiving_order_lines: HasMany<super::receiving_order_lines::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
