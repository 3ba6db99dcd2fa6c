//! `category_settings`: how a category takes part in planning.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "category_settings")]
pub struct Model {
    /// Key of the table and (product_category, event_id): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Category.
    pub product_category_id: i64,
    /// Whether the category takes part in planning: GATE.
    pub enabled_for_processing: bool,
    /// Share of demand that stock shall meet; null where the default counts: MODERATE.
    pub target_service_level: Option<f64>,
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
    /// The row that `product_category_id` names.
    #[sea_orm(belongs_to, from = "product_category_id", to = "id")]
    pub product_category: BelongsTo<super::product_categories::Entity>,
    /// The row that `user_id` names.
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user: BelongsTo<super::users::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
