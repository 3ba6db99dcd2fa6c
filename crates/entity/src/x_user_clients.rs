//! `x_user_clients`: which tenants people have worked for: who may see them. An addition, since what one tenant's people are called is not for the others.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "cw_global", table_name = "x_user_clients")]
pub struct Model {
    /// Key of the table and (user, client_id): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Person.
    pub user_id: i64,
    /// Client id, CW-000200.
    #[sea_orm(column_type = "Text")]
    pub client_id: String,
    /// The row that `user_id` names.
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user: BelongsTo<super::users::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
