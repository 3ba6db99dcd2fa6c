//! `category_social_ad_daily`: A day of advertisements for a category.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "category_social_ad_daily")]
pub struct Model {
    /// Key of the table and (product_category, social_ad_platform, ad_date): 63 bits, the same
    /// on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Category.
    pub product_category_id: i64,
    /// Network.
    pub social_ad_platform_id: i64,
    /// Day that is observed.
    pub ad_date: Date,
    /// Times shown.
    pub impressions: i32,
    /// Clicks.
    pub clicks: i32,
    /// Conversions.
    pub conversions: i32,
    /// Spent, in the currency of the row.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub spend: Decimal,
    /// Currency of spend.
    pub currency_id: i64,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `product_category_id` names.
    #[sea_orm(belongs_to, from = "product_category_id", to = "id")]
    pub product_category: BelongsTo<super::product_categories::Entity>,
    /// The row that `social_ad_platform_id` names.
    #[sea_orm(belongs_to, from = "social_ad_platform_id", to = "id")]
    pub social_ad_platform: BelongsTo<super::social_ad_platforms::Entity>,
    /// The row that `currency_id` names.
    #[sea_orm(belongs_to, from = "currency_id", to = "id")]
    pub currency: BelongsTo<super::currencies::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
