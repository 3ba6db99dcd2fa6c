//! `currencies`: currencies that documents use; a code that only a document has named so far is inferred.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "cw_global", table_name = "currencies")]
pub struct Model {
    /// Key of the table and code: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// ISO 4217 code.
    #[sea_orm(column_type = "Text", unique)]
    pub code: String,
    /// Name; the code while the row is inferred.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// Sign such as EUR has; null while the row is inferred or where there is none.
    #[sea_orm(column_type = "Text")]
    pub symbol: Option<String>,
    /// The rows of `client_config` that name this one.
    #[sea_orm(has_many)]
    pub client_config: HasMany<super::client_config::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
