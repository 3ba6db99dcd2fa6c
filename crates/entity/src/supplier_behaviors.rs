//! `supplier_behaviors`: how a supplier behaves, as of a day.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "supplier_behaviors")]
pub struct Model {
    /// Key of the table and (supplier, snapshot_date): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Supplier.
    pub supplier_id: i64,
    /// Business day that the row is computed for.
    pub snapshot_date: Date,
    /// Average days from order to receipt.
    pub avg_lead_time_days: f64,
    /// Days within which nine of ten orders came.
    pub lead_time_p90: f64,
    /// Share of ordered quantity that came, 0-1.
    pub fill_rate: f64,
    /// Share of orders that came by the expected date, 0-1.
    pub on_time_rate: f64,
    /// Purchase orders that are open.
    pub open_po_count: i32,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `supplier_id` names.
    #[sea_orm(belongs_to, from = "supplier_id", to = "id")]
    pub supplier: BelongsTo<super::suppliers::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
