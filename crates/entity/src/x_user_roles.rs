//! `x_user_roles`: roles of people.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "cw_global", table_name = "x_user_roles")]
pub struct Model {
    /// Key of the table and (user, role): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Person.
    pub user_id: i64,
    /// Role.
    pub role_id: i64,
    /// The row that `user_id` names.
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user: BelongsTo<super::users::Entity>,
    /// The row that `role_id` names.
    #[sea_orm(belongs_to, from = "role_id", to = "id")]
    pub role: BelongsTo<super::roles::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
