//! `presence_snapshots`: newest complete snapshot of each source and scope; a key that it lacks is gone unless a later delta has it.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "presence_snapshots")]
pub struct Model {
    /// Table whose keys the snapshot lists.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub table_name: String,
    /// Number of the dataset in the mapping.
    #[sea_orm(primary_key, auto_increment = false)]
    pub dataset_number: i16,
    /// What the snapshot is complete for; empty for all of the dataset.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub scope: String,
    /// Position of the newest delivery that was complete and had no unreadable key.
    pub newest_position: i64,
}

impl ActiveModelBehavior for ActiveModel {}
