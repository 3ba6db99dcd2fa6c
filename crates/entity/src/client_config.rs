//! `client_config`: the tenants, one row each; a tenant role sees its own row only.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "cw_global", table_name = "client_config")]
pub struct Model {
    /// Key of the table and client_id: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Client id, CW-000200; CW-GLOBAL for shared data.
    #[sea_orm(column_type = "Text", unique)]
    pub client_id: String,
    /// Name that people use.
    #[sea_orm(column_type = "Text")]
    pub client_name: String,
    /// Currency of statistics, and of records that name none.
    pub base_currency_id: i64,
    /// Settings of the tenant: time zone, hash of the mapping in force and the like.
    #[sea_orm(column_type = "JsonBinary")]
    pub config: Json,
    /// The row that `base_currency_id` names.
    #[sea_orm(belongs_to, from = "base_currency_id", to = "id")]
    pub base_currency: BelongsTo<super::currencies::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
