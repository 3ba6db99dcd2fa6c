//! `fmr_classes`: how fast products move: F, M, R.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "fmr_classes")]
pub struct Model {
    /// Key of the table and code: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Short form.
    #[sea_orm(column_type = "Text", unique)]
    pub code: String,
    /// Name.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// The rows of `product_behaviors` that name this one.
    #[sea_orm(has_many)]
    pub product_behaviors: HasMany<super::product_behaviors::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
