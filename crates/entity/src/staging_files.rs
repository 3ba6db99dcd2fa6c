//! `staging_files`: raw objects of a batch.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staging_files")]
pub struct Model {
    /// Ordinal given by this database.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Batch.
    pub staging_batch_id: i64,
    /// Kind of file; null where the mapping feeds something else.
    pub staging_entity_type_id: Option<i64>,
    /// Whole key of the raw object in the bucket.
    #[sea_orm(column_type = "Text", unique)]
    pub s3_key: String,
    /// SHA-256 of its bytes, hex.
    #[sea_orm(column_type = "Text")]
    pub checksum: String,
    /// Bytes.
    pub size_bytes: i64,
    /// Records in it.
    pub row_count: i64,
    /// The row that `staging_batch_id` names.
    #[sea_orm(belongs_to, from = "staging_batch_id", to = "id")]
    pub staging_batch: BelongsTo<super::staging_batches::Entity>,
    /// The row that `staging_entity_type_id` names.
    #[sea_orm(belongs_to, from = "staging_entity_type_id", to = "id")]
    pub staging_entity_type: BelongsTo<Option<super::staging_entity_types::Entity>>,
    /// The rows of `staging_column_profiles` that name this one.
    #[sea_orm(has_many)]
    pub staging_column_profiles: HasMany<super::staging_column_profiles::Entity>,
    /// The rows of `staging_records` that name this one.
    #[sea_orm(has_many)]
    pub staging_records: HasMany<super::staging_records::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
