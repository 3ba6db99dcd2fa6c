//! `statistics_state`: what statistics rest on as a whole: one row once they were computed; with anything else they are computed again from the beginning.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "statistics_state")]
pub struct Model {
    /// Currency of their values.
    #[sea_orm(primary_key, auto_increment = false)]
    pub base_currency_id: i64,
    /// Object id of the tables that they were written to: others after a restore, or once the
    /// schema was dropped and made again.
    pub tables_identity: i64,
    /// The row that `base_currency_id` names.
    #[sea_orm(belongs_to, from = "base_currency_id", to = "id")]
    pub base_currency: BelongsTo<super::currencies::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
