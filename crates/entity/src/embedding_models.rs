//! `embedding_models`: models that turn products into vectors.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "embedding_models")]
pub struct Model {
    /// Key of the table and name: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Name.
    #[sea_orm(column_type = "Text", unique)]
    pub name: String,
    /// Version of the model.
    #[sea_orm(column_type = "Text")]
    pub version: String,
    /// Numbers in a vector.
    pub dimension: i32,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The rows of `product_embeddings` that name this one.
    #[sea_orm(has_many)]
    pub product_embeddings: HasMany<super::product_embeddings::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
