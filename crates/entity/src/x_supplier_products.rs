//! `x_supplier_products`: what a supplier offers now: part of its record. unit_cost is the cost that counts for the supplier.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "x_supplier_products")]
pub struct Model {
    /// Key of the table and (supplier, product): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Supplier.
    pub supplier_id: i64,
    /// Product.
    pub product_id: i64,
    /// Cost of one unit, in the currency of the offer.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub unit_cost: Decimal,
    /// Currency of unit_cost.
    pub currency_id: i64,
    /// Identifier that the supplier uses; null where unknown.
    #[sea_orm(column_type = "Text")]
    pub supplier_sku: Option<String>,
    /// Units in a package; null where unknown.
    pub package_qty: Option<i32>,
    /// Least quantity of an order; null where there is none.
    pub min_order_qty: Option<i32>,
    /// Days from order to receipt; null where unknown.
    pub lead_time_days: Option<i32>,
    /// Whether the source calls this supplier the default one of the product.
    pub is_default: bool,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `supplier_id` names.
    #[sea_orm(belongs_to, from = "supplier_id", to = "id")]
    pub supplier: BelongsTo<super::suppliers::Entity>,
    /// The row that `product_id` names.
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: BelongsTo<super::products::Entity>,
    /// The row that `currency_id` names.
    #[sea_orm(belongs_to, from = "currency_id", to = "id")]
    pub currency: BelongsTo<super::currencies::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
