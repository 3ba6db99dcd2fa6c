//! `staging_column_profiles`: what the columns of a staged file look like: baselines of anomaly checks.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "staging_column_profiles")]
pub struct Model {
    /// Ordinal given by this database.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// File.
    pub staging_file_id: i64,
    /// Column.
    #[sea_orm(column_type = "Text")]
    pub column_name: String,
    /// Records without a value.
    pub null_count: i64,
    /// Different values.
    pub distinct_count: i64,
    /// Average; null where the column has no numbers.
    pub mean_value: Option<f64>,
    /// Standard deviation; null where the column has no numbers.
    pub stddev_value: Option<f64>,
    /// The row that `staging_file_id` names.
    #[sea_orm(belongs_to, from = "staging_file_id", to = "id")]
    pub staging_file: BelongsTo<super::staging_files::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
