//! `to_recommendations`: transfers that are recommended.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "to_recommendations")]
pub struct Model {
    /// Key of the table and (product, from_location, to_location, snapshot_date): 63 bits, the
    /// same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Product.
    pub product_id: i64,
    /// Location that sends.
    pub from_location_id: i64,
    /// Location that receives.
    pub to_location_id: i64,
    /// Business day that the row is computed for.
    pub snapshot_date: Date,
    /// Units to send.
    pub recommended_qty: i32,
    /// Day on which to send.
    pub recommended_ship_date: Date,
    /// How sure it is, 0-1.
    pub confidence_score: f64,
    /// What became of it.
    pub to_recommendation_status_id: i64,
    /// Model; null where a rule was used.
    pub ml_model_run_id: Option<i64>,
    /// Transfer that came of it; null where none did.
    pub transfer_order_id: Option<i64>,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `product_id` names.
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: BelongsTo<super::products::Entity>,
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
    /// The row that `to_recommendation_status_id` names.
    #[sea_orm(belongs_to, from = "to_recommendation_status_id", to = "id")]
    pub to_recommendation_status: BelongsTo<super::to_recommendation_statuses::Entity>,
    /// The row that `ml_model_run_id` names.
    #[sea_orm(belongs_to, from = "ml_model_run_id", to = "id")]
    pub ml_model_run: BelongsTo<Option<super::ml_model_runs::Entity>>,
    /// The row that `transfer_order_id` names.
    #[sea_orm(belongs_to, from = "transfer_order_id", to = "id")]
    pub transfer_order: BelongsTo<Option<super::transfer_orders::Entity>>,
    /// The rows of `recommendation_outcomes` that name this one.
    #[sea_orm(has_many)]
    pub recommendation_outcomes: HasMany<super::recommendation_outcomes::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
