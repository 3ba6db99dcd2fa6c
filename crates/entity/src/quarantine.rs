//! `quarantine`: records that were read and refused, with the reason; correctable and replayable.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "quarantine")]
pub struct Model {
    /// Raw record; of a document over several rows, the first.
    #[sea_orm(primary_key, auto_increment = false)]
    pub raw_position: i64,
    /// Kind of record that it would have been.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub entity: String,
    /// Business day of the delivery: that of raw_position, readable.
    pub business_day: Date,
    /// Raw object, by its whole key in the bucket.
    #[sea_orm(column_type = "Text")]
    pub object_key: String,
    /// Position of the record in its object, from 0.
    pub ordinal: i64,
    /// Natural key of the record; null where it could not be read.
    #[sea_orm(column_type = "Text")]
    pub record_key: Option<String>,
    /// Source rows that the record holds.
    pub source_rows: i32,
    /// First rule that is broken: format, missing, type, range, word, repeated, consistency,
    /// limit, refused.
    #[sea_orm(column_type = "Text")]
    pub rule: String,
    /// Canonical field of the first problem, `lines[3].qty`; null where the whole record is
    /// meant.
    #[sea_orm(column_type = "Text")]
    pub field: Option<String>,
    /// Value of the first problem as delivered, shortened; null where there is none.
    #[sea_orm(column_type = "Text")]
    pub value: Option<String>,
    /// What is wrong and what to do, for a person.
    #[sea_orm(column_type = "Text")]
    pub message: String,
    /// All problems in the order of fields, each with rule, field, value and message.
    #[sea_orm(column_type = "JsonBinary")]
    pub problems: Json,
    /// Text of the record as delivered, shortened.
    #[sea_orm(column_type = "Text")]
    pub record: String,
}

impl ActiveModelBehavior for ActiveModel {}
