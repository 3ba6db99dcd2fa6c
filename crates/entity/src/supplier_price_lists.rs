//! `supplier_price_lists`: what each suppliers records have offered, a list a day: the history behind costs.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "supplier_price_lists")]
pub struct Model {
    /// Key of the table and (supplier, list_date): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Supplier.
    pub supplier_id: i64,
    /// Day of the records version in the tenants time zone, at most its business day.
    pub list_date: Date,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `supplier_id` names.
    #[sea_orm(belongs_to, from = "supplier_id", to = "id")]
    pub supplier: BelongsTo<super::suppliers::Entity>,
    /// The rows of `supplier_price_list_lines` that name this one.
    #[sea_orm(has_many)]
    pub supplier_price_list_lines: HasMany<super::supplier_price_list_lines::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
