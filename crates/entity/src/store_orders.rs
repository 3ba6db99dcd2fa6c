//! `store_orders`: requests of stores to the location that supplies them; inferred from the transfers that name them.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "store_orders")]
pub struct Model {
    /// Key of the table and external_id: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Identifier of the document in the source, as delivered: leading zeros and case count.
    #[sea_orm(column_type = "Text", unique)]
    pub external_id: String,
    /// Store that orders; null while inferred.
    pub location_id: Option<i64>,
    /// Location that is asked; null while inferred.
    pub source_location_id: Option<i64>,
    /// State; null where unknown.
    pub store_order_status_id: Option<i64>,
    /// Day of the order in the tenant's time zone; null while inferred.
    pub order_date: Option<Date>,
    /// Day for which the store wants it; null where unknown.
    pub requested_date: Option<Date>,
    /// Strength of what wrote the row: 0 only referenced, 1 embedded without a usable name, 2
    /// embedded in another record, 3 a record of its own; the greater (source_rank, version)
    /// wins.
    pub source_rank: i16,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `location_id` names.
    #[sea_orm(
        belongs_to,
        relation_enum = "Location",
        from = "location_id",
        to = "id"
    )]
    pub location: BelongsTo<Option<super::locations::Entity>>,
    /// The row that `source_location_id` names.
    #[sea_orm(
        belongs_to,
        relation_enum = "SourceLocation",
        from = "source_location_id",
        to = "id"
    )]
    pub source_location: BelongsTo<Option<super::locations::Entity>>,
    /// The row that `store_order_status_id` names.
    #[sea_orm(belongs_to, from = "store_order_status_id", to = "id")]
    pub store_order_status: BelongsTo<Option<super::store_order_statuses::Entity>>,
    /// The rows of `store_order_lines` that name this one.
    #[sea_orm(has_many)]
    pub store_order_lines: HasMany<super::store_order_lines::Entity>,
    /// The rows of `transfer_orders` that name this one.
    #[sea_orm(has_many)]
    pub transfer_orders: HasMany<super::transfer_orders::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
