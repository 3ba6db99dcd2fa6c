//! `store_order_lines`: lines of store orders.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "store_order_lines")]
pub struct Model {
    /// Key of the table and (document, line_no): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Document.
    pub store_order_id: i64,
    /// Number of the line as delivered, else its ordinal within the document.
    pub line_no: i32,
    /// Identifier of the line in the source; not unique; null where it has none.
    #[sea_orm(column_type = "Text")]
    pub external_id: Option<String>,
    /// Product asked for.
    pub product_id: i64,
    /// Quantity asked for.
    #[sea_orm(column_type = "Decimal(Some((15, 3)))")]
    pub requested_qty: Decimal,
    /// Quantity that was granted; null where unknown.
    #[sea_orm(column_type = "Decimal(Some((15, 3)))")]
    pub allocated_qty: Option<Decimal>,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `store_order_id` names.
    #[sea_orm(belongs_to, from = "store_order_id", to = "id")]
    pub store_order: BelongsTo<super::store_orders::Entity>,
    /// The row that `product_id` names.
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: BelongsTo<super::products::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
