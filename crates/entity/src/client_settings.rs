//! `client_settings`: what is set for the tenant as a whole. An addition: cw_global.client_config is one row for each tenant and keeps what its file says; this is what people set since.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "client_settings")]
pub struct Model {
    /// Key of the table and (event_id): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Currency of statistics: MODERATE.
    pub base_currency_id: i64,
    /// Identifier of the write in the UI: the same write delivered twice is one row; of two at
    /// one time the greater counts.
    #[sea_orm(column_type = "Text", unique)]
    pub event_id: String,
    /// Who saved it.
    pub user_id: i64,
    /// When it was saved; the newest row of a key is in force.
    pub created_at: DateTimeUtc,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `base_currency_id` names.
    #[sea_orm(belongs_to, from = "base_currency_id", to = "id")]
    pub base_currency: BelongsTo<super::currencies::Entity>,
    /// The row that `user_id` names.
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user: BelongsTo<super::users::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
