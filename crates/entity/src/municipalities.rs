//! `municipalities`: municipalities.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "cw_global", table_name = "municipalities")]
pub struct Model {
    /// Key of the table and (region, name): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Region.
    pub region_id: i64,
    /// Name.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// The row that `region_id` names.
    #[sea_orm(belongs_to, from = "region_id", to = "id")]
    pub region: BelongsTo<super::regions::Entity>,
    /// The rows of `cities` that name this one.
    #[sea_orm(has_many)]
    pub cities: HasMany<super::cities::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
