//! `staging_records`: records of a staged file, parsed and not typed yet.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staging_records")]
pub struct Model {
    /// Ordinal given by this database.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// File.
    pub staging_file_id: i64,
    /// Position of the record in its file, from 0.
    pub record_number: i64,
    /// Natural key of the record; null where it could not be read.
    #[sea_orm(column_type = "Text")]
    pub external_id: Option<String>,
    /// The record.
    #[sea_orm(column_type = "JsonBinary")]
    pub payload: Json,
    /// Whether it can be loaded.
    pub is_valid: bool,
    /// Why it can not; null where it can.
    #[sea_orm(column_type = "Text")]
    pub error_message: Option<String>,
    /// The row that `staging_file_id` names.
    #[sea_orm(belongs_to, from = "staging_file_id", to = "id")]
    pub staging_file: BelongsTo<super::staging_files::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
