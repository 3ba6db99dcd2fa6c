//! `ml_model_runs`: models that were trained; their artifacts are in S3.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ml_model_runs")]
pub struct Model {
    /// Key of the table and (run_date, model_name): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Business day.
    pub run_date: Date,
    /// What the model is for.
    #[sea_orm(column_type = "Text")]
    pub model_name: String,
    /// Key of the artifact in the bucket.
    #[sea_orm(column_type = "Text")]
    pub s3_key: String,
    /// Settings of the training by name.
    #[sea_orm(column_type = "JsonBinary")]
    pub config: Json,
    /// Measures of the model by name; null where none were taken.
    #[sea_orm(column_type = "JsonBinary")]
    pub metrics: Option<Json>,
    /// When the training ended.
    pub trained_at: DateTimeUtc,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The rows of `demand_forecasts` that name this one.
    #[sea_orm(has_many)]
    pub demand_forecasts: HasMany<super::demand_forecasts::Entity>,
    /// The rows of `po_recommendations` that name this one.
    #[sea_orm(has_many)]
    pub po_recommendations: HasMany<super::po_recommendations::Entity>,
    /// The rows of `to_recommendations` that name this one.
    #[sea_orm(has_many)]
    pub to_recommendations: HasMany<super::to_recommendations::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
