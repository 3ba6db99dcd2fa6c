//! `regions`: first-level divisions of countries: states, Bundesländer, regions.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "cw_global", table_name = "regions")]
pub struct Model {
    /// Key of the table and (country, name): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Country.
    pub country_id: i64,
    /// Name.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// The row that `country_id` names.
    #[sea_orm(belongs_to, from = "country_id", to = "id")]
    pub country: BelongsTo<super::countries::Entity>,
    /// The rows of `municipalities` that name this one.
    #[sea_orm(has_many)]
    pub municipalities: HasMany<super::municipalities::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
