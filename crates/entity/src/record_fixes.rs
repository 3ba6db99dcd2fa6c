//! `record_fixes`: corrected records, which close what quarantine has of them.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "record_fixes")]
pub struct Model {
    /// Raw record with the number of its correction, from 1, in the last four bits.
    #[sea_orm(primary_key, auto_increment = false)]
    pub raw_position: i64,
    /// Kind of record that was corrected.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub entity: String,
    /// Business day of the delivery: that of raw_position, readable.
    pub business_day: Date,
    /// Raw object, by its whole key in the bucket.
    #[sea_orm(column_type = "Text")]
    pub object_key: String,
    /// Position of the record in its object, from 0.
    pub ordinal: i64,
    /// Who corrected it.
    #[sea_orm(column_type = "Text")]
    pub fixed_by: String,
}

impl ActiveModelBehavior for ActiveModel {}
