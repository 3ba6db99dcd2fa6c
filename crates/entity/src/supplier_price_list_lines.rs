//! `supplier_price_list_lines`: offers of a dated list of a supplier.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "supplier_price_list_lines")]
pub struct Model {
    /// Key of the table and (supplier, list_date, product): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// List.
    pub supplier_price_list_id: i64,
    /// Supplier of the list.
    pub supplier_id: i64,
    /// Day of the list.
    pub list_date: Date,
    /// Product.
    pub product_id: i64,
    /// Cost of one unit, in the currency of the offer.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub unit_cost: Decimal,
    /// Currency of unit_cost.
    pub currency_id: i64,
    /// Whether the source called this supplier the default one of the product.
    pub is_default: bool,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `supplier_price_list_id` names.
    #[sea_orm(belongs_to, from = "supplier_price_list_id", to = "id")]
    pub supplier_price_list: BelongsTo<super::supplier_price_lists::Entity>,
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
