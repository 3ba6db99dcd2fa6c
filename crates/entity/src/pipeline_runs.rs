//! `pipeline_runs`: runs of the pipeline for a day or a span of days.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pipeline_runs")]
pub struct Model {
    /// Ordinal given by this database.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Identifier of the run in logs and manifest entries.
    #[sea_orm(column_type = "Text", unique)]
    pub run_key: String,
    /// What was asked for: run, backfill and the like.
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    /// First business day.
    pub from_day: Date,
    /// Last business day, inclusive.
    pub thru_day: Date,
    /// running, done, failed, halted (the quality gate refused) or skipped.
    #[sea_orm(column_type = "Text")]
    pub status: String,
    /// Why it failed; null where it did not.
    #[sea_orm(column_type = "Text")]
    pub error_message: Option<String>,
    /// When it started.
    pub started_at: DateTimeUtc,
    /// When it ended; null while it runs.
    pub finished_at: Option<DateTimeUtc>,
    /// The rows of `pipeline_step_runs` that name this one.
    #[sea_orm(has_many)]
    pub pipeline_step_runs: HasMany<super::pipeline_step_runs::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
