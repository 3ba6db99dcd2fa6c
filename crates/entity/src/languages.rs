//! `languages`: languages of translations; a code that only a record has named so far is inferred.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "cw_global", table_name = "languages")]
pub struct Model {
    /// Key of the table and code: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// BCP 47 tag: en, bg, pt-BR.
    #[sea_orm(column_type = "Text", unique)]
    pub code: String,
    /// Name; the code while the row is inferred.
    #[sea_orm(column_type = "Text")]
    pub name: String,
}

impl ActiveModelBehavior for ActiveModel {}
