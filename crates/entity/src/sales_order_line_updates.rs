//! `sales_order_line_updates`: later changes to a line, kept beside it: returns, cancellations, corrections.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sales_order_line_updates")]
pub struct Model {
    /// Key of the table and (document, line_no, update_no): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Document of the line: the unit that is replaced as a whole.
    pub sales_order_id: i64,
    /// Line that is changed.
    pub sales_order_line_id: i64,
    /// Ordinal of the change within its line.
    pub update_no: i32,
    /// Identifier of the change in the source; not unique; null where it has none.
    #[sea_orm(column_type = "Text")]
    pub external_id: Option<String>,
    /// Kind of change.
    pub sales_order_line_update_type_id: i64,
    /// Day on which the change counts.
    pub update_date: Date,
    /// Quantity added to the line; negative in a return.
    #[sea_orm(column_type = "Decimal(Some((15, 3)))")]
    pub qty_delta: Decimal,
    /// Value added to the line, in the currency of the document; negative in a return.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub value_delta: Decimal,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `sales_order_id` names.
    #[sea_orm(belongs_to, from = "sales_order_id", to = "id")]
    pub sales_order: BelongsTo<super::sales_orders::Entity>,
    /// The row that `sales_order_line_id` names.
    #[sea_orm(belongs_to, from = "sales_order_line_id", to = "id")]
    pub sales_order_line: BelongsTo<super::sales_order_lines::Entity>,
    /// The row that `sales_order_line_update_type_id` names.
    #[sea_orm(belongs_to, from = "sales_order_line_update_type_id", to = "id")]
    pub sales_order_line_update_type: BelongsTo<super::sales_order_line_update_types::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
