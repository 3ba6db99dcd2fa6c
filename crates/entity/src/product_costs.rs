//! `product_costs`: cost of a product in force by day: that of its default supplier, else of the newest offer that is_default, else its own. A row a change.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product_costs")]
pub struct Model {
    /// Product.
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: i64,
    /// First day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub from_date: Date,
    /// Last day, inclusive; null while in force.
    pub thru_date: Option<Date>,
    /// Cost of one unit; null where none is known from that day on.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub unit_cost: Option<Decimal>,
    /// Currency of unit_cost; null where that is.
    pub currency_id: Option<i64>,
    /// The row that `product_id` names.
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: BelongsTo<super::products::Entity>,
    /// The row that `currency_id` names.
    #[sea_orm(belongs_to, from = "currency_id", to = "id")]
    pub currency: BelongsTo<Option<super::currencies::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
