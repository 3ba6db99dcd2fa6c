//! `supplier_settings`: how a supplier takes part in planning.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "supplier_settings")]
pub struct Model {
    /// Key of the table and (supplier, event_id): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Supplier.
    pub supplier_id: i64,
    /// Whether the supplier takes part in planning: GATE.
    pub enabled_for_processing: bool,
    /// Days from order to receipt, instead of what was observed; null where nobody set them:
    /// CASCADE.
    pub lead_time_days: Option<i32>,
    /// Days between two orders; null where nobody set them: CASCADE.
    pub reorder_time_days: Option<i32>,
    /// Least value of an order; null where there is none: LOCAL.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub min_order_value: Option<Decimal>,
    /// Currency of min_order_value; null where that is.
    pub currency_id: Option<i64>,
    /// Identifier of the write in the UI: the same write delivered twice is one row; of two at
    /// one time the greater counts.
    #[sea_orm(column_type = "Text")]
    pub event_id: String,
    /// Who saved it.
    pub user_id: i64,
    /// When it was saved; the newest row of a key is in force.
    pub created_at: DateTimeUtc,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `supplier_id` names.
    #[sea_orm(belongs_to, from = "supplier_id", to = "id")]
    pub supplier: BelongsTo<super::suppliers::Entity>,
    /// The row that `currency_id` names.
    #[sea_orm(belongs_to, from = "currency_id", to = "id")]
    pub currency: BelongsTo<Option<super::currencies::Entity>>,
    /// The row that `user_id` names.
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user: BelongsTo<super::users::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
