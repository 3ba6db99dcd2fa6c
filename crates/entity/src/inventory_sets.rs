//! `inventory_sets`: newest complete delivery of the stock of a day and scope.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inventory_sets")]
pub struct Model {
    /// Day of the stock.
    #[sea_orm(primary_key, auto_increment = false)]
    pub snapshot_date: Date,
    /// What the delivery is complete for; empty for all of it.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub scope: String,
    /// Position of the delivery: older rows of the day and scope are gone.
    pub newest_position: i64,
}

impl ActiveModelBehavior for ActiveModel {}
