//! `cities`: cities; one that only a record has named so far is inferred. Name and country are as delivered, the rest is known later.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "cw_global", table_name = "cities")]
pub struct Model {
    /// Key of the table and (name, country): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Name as delivered.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// Country as delivered; null where it was not told.
    #[sea_orm(column_type = "Text")]
    pub country: Option<String>,
    /// Municipality; null while the row is inferred.
    pub municipality_id: Option<i64>,
    /// Postal code; null while the row is inferred.
    #[sea_orm(column_type = "Text")]
    pub postal_code: Option<String>,
    /// Degrees north; null while the row is inferred.
    pub latitude: Option<f64>,
    /// Degrees east; null while the row is inferred.
    pub longitude: Option<f64>,
    /// The row that `municipality_id` names.
    #[sea_orm(belongs_to, from = "municipality_id", to = "id")]
    pub municipality: BelongsTo<Option<super::municipalities::Entity>>,
    /// The rows of `weather_observations` that name this one.
    #[sea_orm(has_many)]
    pub weather_observations: HasMany<super::weather_observations::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
