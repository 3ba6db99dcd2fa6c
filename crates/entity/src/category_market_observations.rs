//! `category_market_observations`: A day of the market for a category.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "category_market_observations")]
pub struct Model {
    /// Key of the table and (product_category, market_data_source, observation_date): 63 bits,
    /// the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Category.
    pub product_category_id: i64,
    /// Feed.
    pub market_data_source_id: i64,
    /// Day that is observed.
    pub observation_date: Date,
    /// Index of demand as the feed gives it; null where it gives none.
    pub demand_index: Option<f64>,
    /// Average price on the market; null where unknown.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub avg_market_price: Option<Decimal>,
    /// Currency of avg_market_price; null where that is.
    pub currency_id: Option<i64>,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `product_category_id` names.
    #[sea_orm(belongs_to, from = "product_category_id", to = "id")]
    pub product_category: BelongsTo<super::product_categories::Entity>,
    /// The row that `market_data_source_id` names.
    #[sea_orm(belongs_to, from = "market_data_source_id", to = "id")]
    pub market_data_source: BelongsTo<super::market_data_sources::Entity>,
    /// The row that `currency_id` names.
    #[sea_orm(belongs_to, from = "currency_id", to = "id")]
    pub currency: BelongsTo<Option<super::currencies::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
