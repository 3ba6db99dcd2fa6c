//! `statistics_sales_products`: products with sales on a day at a place, 64 to a row.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "statistics_sales_products")]
pub struct Model {
    /// Day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// Location.
    #[sea_orm(primary_key, auto_increment = false)]
    pub location: i64,
    /// Which ordinals the row is of: those that are it 64 times and up to 63 more.
    #[sea_orm(primary_key, auto_increment = false)]
    pub ordinals: i64,
    /// One bit for each product that has sales.
    pub products: i64,
    /// How many lines and updates each of them has: a number with eight decimal digits for each, those of
    /// the least ordinal last.
    #[sea_orm(column_type = "JsonBinary")]
    pub facts: Json,
}

impl ActiveModelBehavior for ActiveModel {}
