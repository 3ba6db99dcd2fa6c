//! `staging_batches`: what is checked together: a tenant and a day.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staging_batches")]
pub struct Model {
    /// Ordinal given by this database.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Tenant.
    pub client_config_id: i64,
    /// Business day.
    pub batch_date: Date,
    /// Run of the quality gate; null until it was checked.
    pub data_quality_run_id: Option<i64>,
    /// When the first file of it came.
    pub received_at: DateTimeUtc,
    /// The row that `client_config_id` names.
    #[sea_orm(belongs_to, from = "client_config_id", to = "id")]
    pub client_config: BelongsTo<super::client_config::Entity>,
    /// The row that `data_quality_run_id` names.
    #[sea_orm(belongs_to, from = "data_quality_run_id", to = "id")]
    pub data_quality_run: BelongsTo<Option<super::data_quality_runs::Entity>>,
    /// The rows of `staging_files` that name this one.
    #[sea_orm(has_many)]
    pub staging_files: HasMany<super::staging_files::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
