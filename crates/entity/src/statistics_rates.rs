//! `statistics_rates`: rates of exchange as they were when statistics were refreshed last: a difference from the shared ones is what to compute again.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "statistics_rates")]
pub struct Model {
    /// Currency of which one unit was worth rate.
    #[sea_orm(primary_key, auto_increment = false)]
    pub currency_id: i64,
    /// First day on which the rate was in force.
    #[sea_orm(primary_key, auto_increment = false)]
    pub effective_date: Date,
    /// Units of the base currency.
    #[sea_orm(column_type = "Decimal(Some((20, 10)))")]
    pub rate: Decimal,
    /// The row that `currency_id` names.
    #[sea_orm(belongs_to, from = "currency_id", to = "id")]
    pub currency: BelongsTo<super::currencies::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
