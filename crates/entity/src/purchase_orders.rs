//! `purchase_orders`: purchase orders; inferred from the receipts that name them.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "purchase_orders")]
pub struct Model {
    /// Key of the table and external_id: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Identifier of the document in the source, as delivered: leading zeros and case count.
    #[sea_orm(column_type = "Text", unique)]
    pub external_id: String,
    /// Supplier; null while inferred.
    pub supplier_id: Option<i64>,
    /// Location that receives; null while inferred.
    pub location_id: Option<i64>,
    /// State; null where unknown.
    pub purchase_order_status_id: Option<i64>,
    /// Day of the order in the tenant's time zone; null while inferred.
    pub order_date: Option<Date>,
    /// Day on which receipt is expected; null where unknown.
    pub expected_date: Option<Date>,
    /// Day from which nothing more is expected, where the source says so; null otherwise.
    pub closed_date: Option<Date>,
    /// Sum of ordered_qty x unit_cost over the lines, in the currency of the document; null
    /// while inferred.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub total_value: Option<Decimal>,
    /// Currency of all values of the document; null while inferred.
    pub currency_id: Option<i64>,
    /// Strength of what wrote the row: 0 only referenced, 1 embedded without a usable name, 2
    /// embedded in another record, 3 a record of its own; the greater (source_rank, version)
    /// wins.
    pub source_rank: i16,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `supplier_id` names.
    #[sea_orm(belongs_to, from = "supplier_id", to = "id")]
    pub supplier: BelongsTo<Option<super::suppliers::Entity>>,
    /// The row that `location_id` names.
    #[sea_orm(belongs_to, from = "location_id", to = "id")]
    pub location: BelongsTo<Option<super::locations::Entity>>,
    /// The row that `purchase_order_status_id` names.
    #[sea_orm(belongs_to, from = "purchase_order_status_id", to = "id")]
    pub purchase_order_status: BelongsTo<Option<super::purchase_order_statuses::Entity>>,
    /// The row that `currency_id` names.
    #[sea_orm(belongs_to, from = "currency_id", to = "id")]
    pub currency: BelongsTo<Option<super::currencies::Entity>>,
    /// The rows of `po_recommendations` that name this one.
    #[sea_orm(has_many)]
    pub po_recommendations: HasMany<super::po_recommendations::Entity>,
    /// The rows of `purchase_order_lines` that name this one.
    #[sea_orm(has_many)]
    pub purchase_order_lines: HasMany<super::purchase_order_lines::Entity>,
    /// The rows of `receiving_orders` that name this one.
    #[sea_orm(has_many)]
    pub receiving_orders: HasMany<super::receiving_orders::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
