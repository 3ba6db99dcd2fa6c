//! `delivered_days`: business days on which something was delivered of a kind of record: what statistics of stocks show.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delivered_days")]
pub struct Model {
    /// Kind of record.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub entity: String,
    /// Business day of the delivery.
    #[sea_orm(primary_key, auto_increment = false)]
    pub business_day: Date,
}

impl ActiveModelBehavior for ActiveModel {}
