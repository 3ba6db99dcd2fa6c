//! `data_health_severities`: how grave a shift of loaded data is; none of them halts.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "data_health_severities")]
pub struct Model {
    /// Key of the table and name: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Name.
    #[sea_orm(column_type = "Text", unique)]
    pub name: String,
    /// The rows of `data_health_reports` that name this one.
    #[sea_orm(has_many)]
    pub data_health_reports: HasMany<super::data_health_reports::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
