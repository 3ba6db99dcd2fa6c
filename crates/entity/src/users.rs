//! `users`: people who use the UI; a tenant sees those that its own records name.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "cw_global", table_name = "users")]
pub struct Model {
    /// Key of the table and email: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Address, lower case.
    #[sea_orm(column_type = "Text", unique)]
    pub email: String,
    /// Name; the address while the row is inferred.
    #[sea_orm(column_type = "Text")]
    pub display_name: String,
    /// Whether the person may sign in.
    pub is_active: bool,
    /// The rows of `x_user_clients` that name this one.
    #[sea_orm(has_many)]
    pub x_user_clients: HasMany<super::x_user_clients::Entity>,
    /// The rows of `x_user_roles` that name this one.
    #[sea_orm(has_many)]
    pub x_user_roles: HasMany<super::x_user_roles::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
