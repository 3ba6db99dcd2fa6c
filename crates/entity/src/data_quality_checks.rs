//! `data_quality_checks`: catalogue of checks of the quality gate.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "data_quality_checks")]
pub struct Model {
    /// Ordinal given by this database.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Name of the check.
    #[sea_orm(column_type = "Text", unique)]
    pub name: String,
    /// Kind.
    pub data_quality_check_type_id: i64,
    /// How grave it is to fail it.
    pub data_quality_severity_id: i64,
    /// Kind of raw file that it looks at; null for all.
    pub staging_entity_type_id: Option<i64>,
    /// Value beyond which the check fails; null where it needs none.
    pub threshold: Option<f64>,
    /// Further settings by name; null where there are none.
    #[sea_orm(column_type = "JsonBinary")]
    pub parameters: Option<Json>,
    /// Whether the check is made.
    pub is_active: bool,
    /// The row that `data_quality_check_type_id` names.
    #[sea_orm(belongs_to, from = "data_quality_check_type_id", to = "id")]
    pub data_quality_check_type: BelongsTo<super::data_quality_check_types::Entity>,
    /// The row that `data_quality_severity_id` names.
    #[sea_orm(belongs_to, from = "data_quality_severity_id", to = "id")]
    pub data_quality_severity: BelongsTo<super::data_quality_severities::Entity>,
    /// The row that `staging_entity_type_id` names.
    #[sea_orm(belongs_to, from = "staging_entity_type_id", to = "id")]
    pub staging_entity_type: BelongsTo<Option<super::staging_entity_types::Entity>>,
    /// The rows of `data_quality_check_reports` that name this one.
    #[sea_orm(has_many)]
    pub data_quality_check_reports: HasMany<super::data_quality_check_reports::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
