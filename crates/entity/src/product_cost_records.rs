//! `product_cost_records`: what each products own records have said of cost and default supplier, a row a day: the history behind costs.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product_cost_records")]
pub struct Model {
    /// Key of the table and (product, record_date): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Product.
    pub product_id: i64,
    /// Day of the record's version in the tenant's time zone, at most its business day.
    pub record_date: Date,
    /// Default supplier then; null where the record names none.
    pub supplier_id: Option<i64>,
    /// Own cost of one unit; null where the record gives none.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub unit_cost: Option<Decimal>,
    /// Currency of unit_cost; null where that is.
    pub currency_id: Option<i64>,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `product_id` names.
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: BelongsTo<super::products::Entity>,
    /// The row that `supplier_id` names.
    #[sea_orm(belongs_to, from = "supplier_id", to = "id")]
    pub supplier: BelongsTo<Option<super::suppliers::Entity>>,
    /// The row that `currency_id` names.
    #[sea_orm(belongs_to, from = "currency_id", to = "id")]
    pub currency: BelongsTo<Option<super::currencies::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
