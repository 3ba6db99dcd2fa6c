//! `presence_keys`: newest delivery of each source and scope that held a key, in an accepted record or a rejected one.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "presence_keys")]
pub struct Model {
    /// Table of the row.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub table_name: String,
    /// Number of the dataset in the mapping.
    #[sea_orm(primary_key, auto_increment = false)]
    pub dataset_number: i16,
    /// Scope of the delivery; empty for all of the dataset.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub scope: String,
    /// Key of the row in table_name; no foreign key, since a rejected record has no row.
    #[sea_orm(primary_key, auto_increment = false)]
    pub row_id: i64,
    /// Position of the newest delivery that held the key; in no index, since every snapshot
    /// advances it.
    pub newest_position: i64,
}

impl ActiveModelBehavior for ActiveModel {}
