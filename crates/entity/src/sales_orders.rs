//! `sales_orders`: sales documents: sales, returns and adjustments.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sales_orders")]
pub struct Model {
    /// Key of the table and external_id: 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Identifier of the document in the source, as delivered: leading zeros and case count.
    #[sea_orm(column_type = "Text", unique)]
    pub external_id: String,
    /// Kind of document: sale, return, adjustment.
    pub sales_order_type_id: i64,
    /// Customer; null where the document names none.
    pub customer_id: Option<i64>,
    /// Location that sold.
    pub location_id: i64,
    /// Channel; null where unknown.
    pub sales_channel_id: Option<i64>,
    /// State; null where unknown.
    pub sales_order_status_id: Option<i64>,
    /// Day of the order in the tenant's time zone.
    pub order_date: Date,
    /// Day for which the customer wants it; null where unknown.
    pub requested_date: Option<Date>,
    /// Day of shipping; null where not shipped or unknown.
    pub shipped_date: Option<Date>,
    /// Freight charged, in the currency of the document; null where the source gives none.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub freight_value: Option<Decimal>,
    /// Sum of line_value over the lines of the document as delivered, in its currency.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub total_value: Decimal,
    /// Currency of all values of the document.
    pub currency_id: i64,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `sales_order_type_id` names.
    #[sea_orm(belongs_to, from = "sales_order_type_id", to = "id")]
    pub sales_order_type: BelongsTo<super::sales_order_types::Entity>,
    /// The row that `customer_id` names.
    #[sea_orm(belongs_to, from = "customer_id", to = "id")]
    pub customer: BelongsTo<Option<super::customers::Entity>>,
    /// The row that `location_id` names.
    #[sea_orm(belongs_to, from = "location_id", to = "id")]
    pub location: BelongsTo<super::locations::Entity>,
    /// The row that `sales_channel_id` names.
    #[sea_orm(belongs_to, from = "sales_channel_id", to = "id")]
    pub sales_channel: BelongsTo<Option<super::sales_channels::Entity>>,
    /// The row that `sales_order_status_id` names.
    #[sea_orm(belongs_to, from = "sales_order_status_id", to = "id")]
    pub sales_order_status: BelongsTo<Option<super::sales_order_statuses::Entity>>,
    /// The row that `currency_id` names.
    #[sea_orm(belongs_to, from = "currency_id", to = "id")]
    pub currency: BelongsTo<super::currencies::Entity>,
    /// The rows of `sales_order_line_updates` that name this one.
    #[sea_orm(has_many)]
    pub sales_order_line_updates: HasMany<super::sales_order_line_updates::Entity>,
    /// The rows of `sales_order_lines` that name this one.
    #[sea_orm(has_many)]
    pub sales_order_lines: HasMany<super::sales_order_lines::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
