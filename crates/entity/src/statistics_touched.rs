//! `statistics_touched`: days and places whose facts a load has changed since statistics were refreshed.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "statistics_touched")]
pub struct Model {
    /// Ordinal given by this database.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// What changed: sales, inventory, purchases, costs, rates.
    #[sea_orm(column_type = "Text")]
    pub subject: String,
    /// Location; null for all of them.
    pub location_id: Option<i64>,
    /// First day.
    pub from_day: Date,
    /// Last day, inclusive; null without end.
    pub thru_day: Option<Date>,
    /// The row that `location_id` names.
    #[sea_orm(belongs_to, from = "location_id", to = "id")]
    pub location: BelongsTo<Option<super::locations::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
