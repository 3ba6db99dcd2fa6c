//! `sales_order_lines`: lines of sales documents.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sales_order_lines")]
pub struct Model {
    /// Key of the table and (document, line_no): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Document.
    pub sales_order_id: i64,
    /// Number of the line as delivered, else its ordinal within the document.
    pub line_no: i32,
    /// Identifier of the line in the source; not unique; null where it has none.
    #[sea_orm(column_type = "Text")]
    pub external_id: Option<String>,
    /// Product sold or returned.
    pub product_id: i64,
    /// Quantity: gross in a sale, negative in a return.
    #[sea_orm(column_type = "Decimal(Some((15, 3)))")]
    pub qty: Decimal,
    /// Price of one unit before discount, in the currency of the document.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub unit_price: Decimal,
    /// Discount as a share of the gross value; null where the source gives none.
    #[sea_orm(column_type = "Decimal(Some((9, 6)))")]
    pub discount_rate: Option<Decimal>,
    /// Discount as an amount, in the currency of the document.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub discount_value: Decimal,
    /// qty x unit_price less the discount, in the currency of the document.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub line_value: Decimal,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `sales_order_id` names.
    #[sea_orm(belongs_to, from = "sales_order_id", to = "id")]
    pub sales_order: BelongsTo<super::sales_orders::Entity>,
    /// The row that `product_id` names.
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: BelongsTo<super::products::Entity>,
    /// The rows of `sales_order_line_updates` that name this one.
    #[sea_orm(has_many)]
    pub sales_order_line_updates: HasMany<super::sales_order_line_updates::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
