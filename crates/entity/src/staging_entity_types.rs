//! `staging_entity_types`: kinds of raw files that the canonical sources have.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staging_entity_types")]
pub struct Model {
    /// Key of the table and name: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Name of the kind.
    #[sea_orm(column_type = "Text", unique)]
    pub name: String,
    /// Name of the file.
    #[sea_orm(column_type = "Text", unique)]
    pub file_name: String,
    /// The rows of `data_quality_checks` that name this one.
    #[sea_orm(has_many)]
    pub data_quality_checks: HasMany<super::data_quality_checks::Entity>,
    /// The rows of `staging_files` that name this one.
    #[sea_orm(has_many)]
    pub staging_files: HasMany<super::staging_files::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
