//! `data_quality_check_reports`: results of the quality gate, one a check and run.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "data_quality_check_reports")]
pub struct Model {
    /// Ordinal given by this database.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Run of the gate.
    pub data_quality_run_id: i64,
    /// Check.
    pub data_quality_check_id: i64,
    /// Whether it passed.
    pub is_passed: bool,
    /// What was measured; null where nothing is.
    pub observed_value: Option<f64>,
    /// What was expected; null where nothing is.
    pub expected_value: Option<f64>,
    /// Rows that the finding is about.
    pub affected_rows: i64,
    /// Findings by name; null where there are none.
    #[sea_orm(column_type = "JsonBinary")]
    pub details: Option<Json>,
    /// The row that `data_quality_run_id` names.
    #[sea_orm(belongs_to, from = "data_quality_run_id", to = "id")]
    pub data_quality_run: BelongsTo<super::data_quality_runs::Entity>,
    /// The row that `data_quality_check_id` names.
    #[sea_orm(belongs_to, from = "data_quality_check_id", to = "id")]
    pub data_quality_check: BelongsTo<super::data_quality_checks::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
