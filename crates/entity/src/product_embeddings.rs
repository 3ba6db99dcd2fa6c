//! `product_embeddings`: products as vectors, as of a day.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product_embeddings")]
pub struct Model {
    /// Key of the table and (product, embedding_model, snapshot_date): 63 bits, the same on
    /// every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Product.
    pub product_id: i64,
    /// Model.
    pub embedding_model_id: i64,
    /// Business day that the row is computed for.
    pub snapshot_date: Date,
    /// The numbers, as many as the model has dimensions.
    #[sea_orm(column_type = "JsonBinary")]
    pub vector: Json,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `product_id` names.
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: BelongsTo<super::products::Entity>,
    /// The row that `embedding_model_id` names.
    #[sea_orm(belongs_to, from = "embedding_model_id", to = "id")]
    pub embedding_model: BelongsTo<super::embedding_models::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
