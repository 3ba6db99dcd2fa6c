//! `statistics_products`: small numbers of products, so that sets of them are sets of bits.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "statistics_products")]
pub struct Model {
    /// Product.
    #[sea_orm(primary_key, auto_increment = false)]
    pub product: i64,
    /// Its number, from 0.
    pub ordinal: i64,
}

impl ActiveModelBehavior for ActiveModel {}
