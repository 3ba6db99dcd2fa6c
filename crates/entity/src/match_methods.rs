//! `match_methods`: how a row of an availability sheet was matched to a product.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "match_methods")]
pub struct Model {
    /// Key of the table and name: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Name.
    #[sea_orm(column_type = "Text", unique)]
    pub name: String,
    /// The rows of `supplier_available_products` that name this one.
    #[sea_orm(has_many)]
    pub supplier_available_products: HasMany<super::supplier_available_products::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
