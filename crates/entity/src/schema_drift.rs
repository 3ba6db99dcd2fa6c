//! `schema_drift`: fields that a mapping does not use, or misses, each as it showed first.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "schema_drift")]
pub struct Model {
    /// What the records feed.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub entity: String,
    /// `unknown` or `missing`.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub kind: String,
    /// Column, or keys joined by dots; `[]` stands for the elements of a list.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub field: String,
    /// The tenant's file that the delivery was read by.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub mapping_sha256: String,
    /// Manifest entry of the first delivery that showed it.
    pub entry_number: i64,
    /// Business day of that.
    pub business_day: Date,
    /// First raw object that showed it, by its whole key in the bucket.
    #[sea_orm(column_type = "Text")]
    pub object_key: String,
    /// Position of the first record in that object, from 0.
    pub ordinal: i64,
    /// Records of that delivery that showed it.
    pub records: i64,
    /// When a load told of it.
    pub found_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
