//! `inventory_strategy_types`: methods that find targets of stock, a row per method and echelon.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inventory_strategy_types")]
pub struct Model {
    /// Key of the table and name: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Name.
    #[sea_orm(column_type = "Text", unique)]
    pub name: String,
    /// The rows of `inventory_strategies` that name this one.
    #[sea_orm(has_many)]
    pub inventory_strategies: HasMany<super::inventory_strategies::Entity>,
    /// The rows of `inventory_targets` that name this one.
    #[sea_orm(has_many)]
    pub inventory_targets: HasMany<super::inventory_targets::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
