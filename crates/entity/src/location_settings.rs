//! `location_settings`: how a location takes part in planning.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "location_settings")]
pub struct Model {
    /// Key of the table and (location, event_id): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Location.
    pub location_id: i64,
    /// Whether the location takes part in planning: GATE.
    pub enabled_for_processing: bool,
    /// Units that the location holds at the most; null where there is no cap: MODERATE.
    pub capacity_qty: Option<i32>,
    /// Days between two reviews of stock; null where the default counts: MODERATE.
    pub review_period_days: Option<i32>,
    /// Identifier of the write in the UI: the same write delivered twice is one row; of two at
    /// one time the greater counts.
    #[sea_orm(column_type = "Text")]
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
    /// The row that `location_id` names.
    #[sea_orm(belongs_to, from = "location_id", to = "id")]
    pub location: BelongsTo<super::locations::Entity>,
    /// The row that `user_id` names.
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user: BelongsTo<super::users::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
