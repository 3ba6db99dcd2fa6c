//! `pricing_lists`: prices with the days on which they are in force.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pricing_lists")]
pub struct Model {
    /// Key of the table and (product, location, price kind, from_date): 63 bits, the same on
    /// every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Product.
    pub product_id: i64,
    /// Location; null everywhere.
    pub location_id: Option<i64>,
    /// Kind.
    pub price_kind_id: i64,
    /// Price of one unit.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub price: Decimal,
    /// Currency of price.
    pub currency_id: i64,
    /// First day.
    pub from_date: Date,
    /// Last day, inclusive; null without end.
    pub thru_date: Option<Date>,
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
    /// The row that `product_id` names.
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: BelongsTo<super::products::Entity>,
    /// The row that `location_id` names.
    #[sea_orm(belongs_to, from = "location_id", to = "id")]
    pub location: BelongsTo<Option<super::locations::Entity>>,
    /// The row that `price_kind_id` names.
    #[sea_orm(belongs_to, from = "price_kind_id", to = "id")]
    pub price_kind: BelongsTo<super::price_kinds::Entity>,
    /// The row that `currency_id` names.
    #[sea_orm(belongs_to, from = "currency_id", to = "id")]
    pub currency: BelongsTo<super::currencies::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
