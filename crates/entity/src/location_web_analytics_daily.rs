//! `location_web_analytics_daily`: A day of a location in the web shop.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "location_web_analytics_daily")]
pub struct Model {
    /// Key of the table and (location, analytics_date): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Location.
    pub location_id: i64,
    /// Day that is observed.
    pub analytics_date: Date,
    /// Sessions.
    pub sessions: i32,
    /// Page views.
    pub page_views: i32,
    /// Times that a product was put in a cart.
    pub add_to_carts: i32,
    /// Purchases.
    pub purchases: i32,
    /// Purchases a session as the source gives it, 0 to 1; null where it gives none.
    pub conversion_rate: Option<f64>,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `location_id` names.
    #[sea_orm(belongs_to, from = "location_id", to = "id")]
    pub location: BelongsTo<super::locations::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
