//! `product_market_observations`: A day of the market for a product.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "product_market_observations")]
pub struct Model {
    /// Key of the table and (product, market_data_source, observation_date): 63 bits, the same
    /// on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Product.
    pub product_id: i64,
    /// Feed.
    pub market_data_source_id: i64,
    /// Day that is observed.
    pub observation_date: Date,
    /// Price on the market; null where the feed gives none.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub market_price: Option<Decimal>,
    /// Currency of market_price; null where that is.
    pub currency_id: Option<i64>,
    /// Interest in searches, 0 to 100; null where unknown.
    pub search_interest: Option<f64>,
    /// Whether others have it in stock; null where unknown.
    pub is_in_stock: Option<bool>,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `product_id` names.
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: BelongsTo<super::products::Entity>,
    /// The row that `market_data_source_id` names.
    #[sea_orm(belongs_to, from = "market_data_source_id", to = "id")]
    pub market_data_source: BelongsTo<super::market_data_sources::Entity>,
    /// The row that `currency_id` names.
    #[sea_orm(belongs_to, from = "currency_id", to = "id")]
    pub currency: BelongsTo<Option<super::currencies::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
