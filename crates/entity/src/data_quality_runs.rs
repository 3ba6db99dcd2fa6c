//! `data_quality_runs`: runs of the quality gate.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "data_quality_runs")]
pub struct Model {
    /// Ordinal given by this database.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Attempt of the step.
    #[sea_orm(unique)]
    pub pipeline_step_run_id: i64,
    /// Business day.
    pub run_date: Date,
    /// Folder of the raw objects that were checked.
    #[sea_orm(column_type = "Text")]
    pub raw_prefix: String,
    /// What the gate decided; null while it runs.
    pub data_quality_gate_decision_id: Option<i64>,
    /// Checks that were made.
    pub checks_total: i32,
    /// Of these, failed ones.
    pub checks_failed: i32,
    /// When it started.
    pub started_at: DateTimeUtc,
    /// When it ended; null while it runs.
    pub finished_at: Option<DateTimeUtc>,
    /// The row that `pipeline_step_run_id` names.
    #[sea_orm(belongs_to, from = "pipeline_step_run_id", to = "id")]
    pub pipeline_step_run: BelongsTo<super::pipeline_step_runs::Entity>,
    /// The row that `data_quality_gate_decision_id` names.
    #[sea_orm(belongs_to, from = "data_quality_gate_decision_id", to = "id")]
    pub data_quality_gate_decision: BelongsTo<Option<super::data_quality_gate_decisions::Entity>>,
    /// The rows of `data_quality_check_reports` that name this one.
    #[sea_orm(has_many)]
    pub data_quality_check_reports: HasMany<super::data_quality_check_reports::Entity>,
    /// The rows of `staging_batches` that name this one.
    #[sea_orm(has_many)]
    pub staging_batches: HasMany<super::staging_batches::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
