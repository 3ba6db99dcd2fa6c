//! `data_quality_check_types`: the four kinds of checks of the quality gate.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "data_quality_check_types")]
pub struct Model {
    /// Key of the table and name: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Name.
    #[sea_orm(column_type = "Text", unique)]
    pub name: String,
    /// The rows of `data_quality_checks` that name this one.
    #[sea_orm(has_many)]
    pub data_quality_checks: HasMany<super::data_quality_checks::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
