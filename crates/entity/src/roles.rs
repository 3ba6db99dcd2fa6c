//! `roles`: what people may do.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "cw_global", table_name = "roles")]
pub struct Model {
    /// Key of the table and name: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Name.
    #[sea_orm(column_type = "Text", unique)]
    pub name: String,
    /// The rows of `x_user_roles` that name this one.
    #[sea_orm(has_many)]
    pub x_user_roles: HasMany<super::x_user_roles::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
