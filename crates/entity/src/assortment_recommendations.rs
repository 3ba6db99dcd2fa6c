//! `assortment_recommendations`: changes of assortments that are recommended.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "assortment_recommendations")]
pub struct Model {
    /// Key of the table and (product, location, snapshot_date): 63 bits, the same on every
    /// machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Product.
    pub product_id: i64,
    /// Location; null for all.
    pub location_id: Option<i64>,
    /// Business day that the row is computed for.
    pub snapshot_date: Date,
    /// Whether to stock it.
    pub assortment_status_id: i64,
    /// How sure it is, 0-1.
    pub confidence_score: f64,
    /// What became of it.
    pub assortment_recommendation_status_id: i64,
    /// Who decided; null while nobody did.
    pub user_id: Option<i64>,
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
    /// The row that `assortment_status_id` names.
    #[sea_orm(belongs_to, from = "assortment_status_id", to = "id")]
    pub assortment_status: BelongsTo<super::assortment_statuses::Entity>,
    /// The row that `assortment_recommendation_status_id` names.
    #[sea_orm(belongs_to, from = "assortment_recommendation_status_id", to = "id")]
    pub assortment_recommendation_status:
        BelongsTo<super::assortment_recommendation_statuses::Entity>,
    /// The row that `user_id` names.
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user: BelongsTo<Option<super::users::Entity>>,
    /// The rows of `recommendation_outcomes` that name this one.
    #[sea_orm(has_many)]
    pub recommendation_outcomes: HasMany<super::recommendation_outcomes::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
