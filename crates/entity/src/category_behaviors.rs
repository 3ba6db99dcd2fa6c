//! `category_behaviors`: how a category behaves, as of a day.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "category_behaviors")]
pub struct Model {
    /// Key of the table and (product_category, snapshot_date): 63 bits, the same on every
    /// machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Category.
    pub product_category_id: i64,
    /// Business day that the row is computed for.
    pub snapshot_date: Date,
    /// Products of the category.
    pub product_count: i32,
    /// Of these, active ones.
    pub active_product_count: i32,
    /// Value of sales, returns taken off.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub total_revenue: Decimal,
    /// Value of stock.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub total_inventory_value: Decimal,
    /// Currency of the values.
    pub currency_id: i64,
    /// Average score of its products, 0-100.
    pub avg_hotness_score: f64,
    /// Average units sold a day of its products.
    pub avg_velocity: f64,
    /// Change of revenue to the window before, relative; -1 is all of it gone.
    pub growth_rate: f64,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `product_category_id` names.
    #[sea_orm(belongs_to, from = "product_category_id", to = "id")]
    pub product_category: BelongsTo<super::product_categories::Entity>,
    /// The row that `currency_id` names.
    #[sea_orm(belongs_to, from = "currency_id", to = "id")]
    pub currency: BelongsTo<super::currencies::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
