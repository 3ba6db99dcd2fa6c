//! `po_recommendations`: purchases that are recommended.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "po_recommendations")]
pub struct Model {
    /// Key of the table and (product, supplier, location, snapshot_date): 63 bits, the same on
    /// every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Product.
    pub product_id: i64,
    /// Supplier.
    pub supplier_id: i64,
    /// Location.
    pub location_id: i64,
    /// Business day that the row is computed for.
    pub snapshot_date: Date,
    /// Units to order, rounded up to a whole number of packages.
    pub recommended_qty: i32,
    /// Day on which to order.
    pub recommended_order_date: Date,
    /// Cost of one unit.
    #[sea_orm(column_type = "Decimal(Some((19, 4)))")]
    pub unit_cost: Decimal,
    /// Currency of unit_cost.
    pub currency_id: i64,
    /// How sure it is, 0-1.
    pub confidence_score: f64,
    /// What became of it.
    pub po_recommendation_status_id: i64,
    /// Model; null where a rule was used.
    pub ml_model_run_id: Option<i64>,
    /// Order that came of it; null where none did.
    pub purchase_order_id: Option<i64>,
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
    pub supplier: BelongsTo<super::suppliers::Entity>,
    /// The row that `location_id` names.
    #[sea_orm(belongs_to, from = "location_id", to = "id")]
    pub location: BelongsTo<super::locations::Entity>,
    /// The row that `currency_id` names.
    #[sea_orm(belongs_to, from = "currency_id", to = "id")]
    pub currency: BelongsTo<super::currencies::Entity>,
    /// The row that `po_recommendation_status_id` names.
    #[sea_orm(belongs_to, from = "po_recommendation_status_id", to = "id")]
    pub po_recommendation_status: BelongsTo<super::po_recommendation_statuses::Entity>,
    /// The row that `ml_model_run_id` names.
    #[sea_orm(belongs_to, from = "ml_model_run_id", to = "id")]
    pub ml_model_run: BelongsTo<Option<super::ml_model_runs::Entity>>,
    /// The row that `purchase_order_id` names.
    #[sea_orm(belongs_to, from = "purchase_order_id", to = "id")]
    pub purchase_order: BelongsTo<Option<super::purchase_orders::Entity>>,
    /// The rows of `recommendation_outcomes` that name this one.
    #[sea_orm(has_many)]
    pub recommendation_outcomes: HasMany<super::recommendation_outcomes::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
