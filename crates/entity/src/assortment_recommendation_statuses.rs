//! `assortment_recommendation_statuses`: what became of a recommended change of assortment.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "assortment_recommendation_statuses")]
pub struct Model {
    /// Key of the table and name: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Name.
    #[sea_orm(column_type = "Text", unique)]
    pub name: String,
    /// The rows of `assortment_recommendations` that name this one.
    #[sea_orm(has_many)]
    pub assortment_recommendations: HasMany<super::assortment_recommendations::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
