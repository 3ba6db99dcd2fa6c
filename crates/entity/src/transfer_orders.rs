//! `transfer_orders`: goods on their way between locations.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "transfer_orders")]
pub struct Model {
    /// Key of the table and external_id: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Identifier of the document in the source, as delivered: leading zeros and case count.
    #[sea_orm(column_type = "Text", unique)]
    pub external_id: String,
    /// Store order that it serves; null where it names none.
    pub store_order_id: Option<i64>,
    /// Location that ships.
    pub from_location_id: i64,
    /// Location that receives.
    pub to_location_id: i64,
    /// State; null where unknown.
    pub transfer_order_status_id: Option<i64>,
    /// Day of shipping in the tenant's time zone.
    pub shipped_date: Date,
    /// Day of receipt; null where not received or unknown.
    pub received_date: Option<Date>,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `store_order_id` names.
    #[sea_orm(belongs_to, from = "store_order_id", to = "id")]
    pub store_order: BelongsTo<Option<super::store_orders::Entity>>,
    /// The row that `from_location_id` names.
    #[sea_orm(
        belongs_to,
        relation_enum = "FromLocation",
        from = "from_location_id",
        to = "id"
    )]
    pub from_location: BelongsTo<super::locations::Entity>,
    /// The row that `to_location_id` names.
    #[sea_orm(
        belongs_to,
        relation_enum = "ToLocation",
        from = "to_location_id",
        to = "id"
    )]
    pub to_location: BelongsTo<super::locations::Entity>,
    /// The row that `transfer_order_status_id` names.
    #[sea_orm(belongs_to, from = "transfer_order_status_id", to = "id")]
    pub transfer_order_status: BelongsTo<Option<super::transfer_order_statuses::Entity>>,
    /// The rows of `to_recommendations` that name this one.
    #[sea_orm(has_many)]
    pub to_recommendations: HasMany<super::to_recommendations::Entity>,
    /// The rows of `transfer_order_lines` that name this one.
    #[sea_orm(has_many)]
    pub transfer_order_lines: HasMany<super::transfer_order_lines::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
