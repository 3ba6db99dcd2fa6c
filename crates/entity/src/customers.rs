//! `customers`: customers that documents or customer files name.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customers")]
pub struct Model {
    /// Key of the table and external_id: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Identifier of the customer in the source, as delivered: leading zeros and case count.
    #[sea_orm(column_type = "Text", unique)]
    pub external_id: String,
    /// Name; null where the source gives none.
    #[sea_orm(column_type = "Text")]
    pub customer_name: Option<String>,
    /// Kind; null where unknown.
    pub customer_type_id: Option<i64>,
    /// Country as delivered; null where unknown.
    #[sea_orm(column_type = "Text")]
    pub country: Option<String>,
    /// Whether the row counts now: declared active, and held by the newest complete snapshot of
    /// its source or a later delta.
    pub is_active: bool,
    /// What the winning record says of is_active, before presence is asked.
    pub declared_active: bool,
    /// Strength of what wrote the row: 0 only referenced, 1 embedded without a usable name, 2
    /// embedded in another record, 3 a record of its own; the greater (source_rank, version)
    /// wins.
    pub source_rank: i16,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// City; null where unknown.
    pub city_id: Option<i64>,
    /// The row that `customer_type_id` names.
    #[sea_orm(belongs_to, from = "customer_type_id", to = "id")]
    pub customer_type: BelongsTo<Option<super::customer_types::Entity>>,
    /// The row that `city_id` names.
    #[sea_orm(belongs_to, from = "city_id", to = "id")]
    pub city: BelongsTo<Option<super::cities::Entity>>,
    /// The rows of `sales_orders` that name this one.
    #[sea_orm(has_many)]
    pub sales_orders: HasMany<super::sales_orders::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
