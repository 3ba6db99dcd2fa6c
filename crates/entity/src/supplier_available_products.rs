//! `supplier_available_products`: what suppliers say they have: matched rows of the sheets that they send.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "supplier_available_products")]
pub struct Model {
    /// Key of the table and (product, supplier, file_date): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Product.
    pub product_id: i64,
    /// Supplier.
    pub supplier_id: i64,
    /// What the sheet calls its supplier.
    #[sea_orm(column_type = "Text")]
    pub supplier_ref: String,
    /// Code of the product in the sheet, as delivered.
    #[sea_orm(column_type = "Text")]
    pub code: String,
    /// Whether the supplier has it.
    pub is_available: bool,
    /// How the code was matched to the product.
    pub match_method_id: i64,
    /// Business day of the sheet.
    pub file_date: Date,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `product_id` names.
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: BelongsTo<super::products::Entity>,
    /// The row that `supplier_id` names.
    #[sea_orm(belongs_to, from = "supplier_id", to = "id")]
    pub supplier: BelongsTo<super::suppliers::Entity>,
    /// The row that `match_method_id` names.
    #[sea_orm(belongs_to, from = "match_method_id", to = "id")]
    pub match_method: BelongsTo<super::match_methods::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
