//! `product_settings`: how a product takes part in planning.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product_settings")]
pub struct Model {
    /// Key of the table and (product, event_id): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Product.
    pub product_id: i64,
    /// Whether the product takes part in planning: GATE.
    pub enabled_for_processing: bool,
    /// Quantity of the first order of a new product; null where nobody set one: LOCAL.
    pub first_order_qty: Option<i32>,
    /// Units in a package, to which orders are rounded up; null where that of the offer counts:
    /// LOCAL.
    pub package_qty: Option<i32>,
    /// Floor under the target of stock; null where there is none: MODERATE.
    pub min_inv_qty: Option<i32>,
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
    /// The row that `product_id` names.
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: BelongsTo<super::products::Entity>,
    /// The row that `user_id` names.
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user: BelongsTo<super::users::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
