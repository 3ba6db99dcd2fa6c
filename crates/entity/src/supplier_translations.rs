//! `supplier_translations`: texts of suppliers in other languages.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "supplier_translations")]
pub struct Model {
    /// Key of the table and (supplier, field_name, language): 63 bits, the same on every
    /// machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Supplier.
    pub supplier_id: i64,
    /// Field that is translated: name.
    #[sea_orm(column_type = "Text")]
    pub field_name: String,
    /// Language.
    pub language_id: i64,
    /// The text.
    #[sea_orm(column_type = "Text")]
    pub value: String,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `supplier_id` names.
    #[sea_orm(belongs_to, from = "supplier_id", to = "id")]
    pub supplier: BelongsTo<super::suppliers::Entity>,
    /// The row that `language_id` names.
    #[sea_orm(belongs_to, from = "language_id", to = "id")]
    pub language: BelongsTo<super::languages::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
