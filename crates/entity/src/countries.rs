//! `countries`: countries: top of the geography tree.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "cw_global", table_name = "countries")]
pub struct Model {
    /// Key of the table and name: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// English short name of ISO 3166-1.
    #[sea_orm(column_type = "Text", unique)]
    pub name: String,
    /// ISO 3166-1 alpha-2.
    #[sea_orm(column_type = "Text", unique)]
    pub iso_code_2: String,
    /// ISO 3166-1 alpha-3.
    #[sea_orm(column_type = "Text", unique)]
    pub iso_code_3: String,
    /// The rows of `regions` that name this one.
    #[sea_orm(has_many)]
    pub regions: HasMany<super::regions::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
