//! `pipeline_step_runs`: steps of runs, one row per attempt; drives gating and resume.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pipeline_step_runs")]
pub struct Model {
    /// Ordinal given by this database.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Run that made the attempt.
    pub pipeline_run_id: i64,
    /// Business day.
    pub run_date: Date,
    /// Step, 1 to 13.
    pub step_number: i32,
    /// Name of the step.
    #[sea_orm(column_type = "Text")]
    pub step_name: String,
    /// Ordinal of the attempt for the day and step, from 1.
    pub attempt: i32,
    /// running, done, failed, halted (the quality gate refused) or skipped.
    #[sea_orm(column_type = "Text")]
    pub status: String,
    /// Records read; null where the step counts none.
    pub rows_in: Option<i64>,
    /// Rows written; null where the step counts none.
    pub rows_out: Option<i64>,
    /// Why it failed; null where it did not.
    #[sea_orm(column_type = "Text")]
    pub error_message: Option<String>,
    /// Further counts of the step by name; null where it has none.
    #[sea_orm(column_type = "JsonBinary")]
    pub counts: Option<Json>,
    /// When the attempt started.
    pub started_at: DateTimeUtc,
    /// When it ended; null while it runs.
    pub finished_at: Option<DateTimeUtc>,
    /// The row that `pipeline_run_id` names.
    #[sea_orm(belongs_to, from = "pipeline_run_id", to = "id")]
    pub pipeline_run: BelongsTo<super::pipeline_runs::Entity>,
    /// The rows of `data_health_reports` that name this one.
    #[sea_orm(has_many)]
    pub data_health_reports: HasMany<super::data_health_reports::Entity>,
    /// The rows of `data_quality_runs` that name this one.
    #[sea_orm(has_many)]
    pub data_quality_runs: HasMany<super::data_quality_runs::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
