//! `data_health_reports`: shifts of loaded data that the health monitor saw; warnings only.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "data_health_reports")]
pub struct Model {
    /// Ordinal given by this database.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Attempt of the step.
    pub pipeline_step_run_id: i64,
    /// Business day.
    pub snapshot_date: Date,
    /// Table.
    #[sea_orm(column_type = "Text")]
    pub table_name: String,
    /// What was measured.
    #[sea_orm(column_type = "Text")]
    pub metric_name: String,
    /// Value before; null where there is none.
    pub previous_value: Option<f64>,
    /// Value now; null where there is none.
    pub current_value: Option<f64>,
    /// Change relative to the value before; null where that is none or zero.
    pub shift_ratio: Option<f64>,
    /// How grave the shift is.
    pub data_health_severity_id: i64,
    /// What it means, for a person.
    #[sea_orm(column_type = "Text")]
    pub message: String,
    /// The row that `pipeline_step_run_id` names.
    #[sea_orm(belongs_to, from = "pipeline_step_run_id", to = "id")]
    pub pipeline_step_run: BelongsTo<super::pipeline_step_runs::Entity>,
    /// The row that `data_health_severity_id` names.
    #[sea_orm(belongs_to, from = "data_health_severity_id", to = "id")]
    pub data_health_severity: BelongsTo<super::data_health_severities::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
