//! `currency_rates`: rates of exchange; the latest on or before a day is in force on it.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "cw_global", table_name = "currency_rates")]
pub struct Model {
    /// Key of the table and (from, to, effective_date): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Currency of which one unit is worth rate.
    pub from_currency_id: i64,
    /// Currency that rate is in.
    pub to_currency_id: i64,
    /// First day on which the rate is in force.
    pub effective_date: Date,
    /// Units of the second currency for one of the first.
    #[sea_orm(column_type = "Decimal(Some((20, 10)))")]
    pub rate: Decimal,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `from_currency_id` names.
    #[sea_orm(
        belongs_to,
        relation_enum = "FromCurrency",
        from = "from_currency_id",
        to = "id"
    )]
    pub from_currency: BelongsTo<super::currencies::Entity>,
    /// The row that `to_currency_id` names.
    #[sea_orm(
        belongs_to,
        relation_enum = "ToCurrency",
        from = "to_currency_id",
        to = "id"
    )]
    pub to_currency: BelongsTo<super::currencies::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
