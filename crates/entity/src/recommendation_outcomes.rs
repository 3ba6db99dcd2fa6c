//! `recommendation_outcomes`: whether recommendations were followed; exactly one of the three is named.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recommendation_outcomes")]
pub struct Model {
    /// Key of the table and (po_recommendation, to_recommendation, assortment_recommendation,
    /// measured_date): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Purchase that was recommended; null where another is meant.
    pub po_recommendation_id: Option<i64>,
    /// Transfer that was recommended; null where another is meant.
    pub to_recommendation_id: Option<i64>,
    /// Change of assortment that was recommended; null where another is meant.
    pub assortment_recommendation_id: Option<i64>,
    /// Business day on which it was measured.
    pub measured_date: Date,
    /// Whether it was followed.
    pub is_respected: bool,
    /// Units that were ordered or sent; null where none apply.
    #[sea_orm(column_type = "Decimal(Some((15, 3)))")]
    pub actual_qty: Option<Decimal>,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `po_recommendation_id` names.
    #[sea_orm(belongs_to, from = "po_recommendation_id", to = "id")]
    pub po_recommendation: BelongsTo<Option<super::po_recommendations::Entity>>,
    /// The row that `to_recommendation_id` names.
    #[sea_orm(belongs_to, from = "to_recommendation_id", to = "id")]
    pub to_recommendation: BelongsTo<Option<super::to_recommendations::Entity>>,
    /// The row that `assortment_recommendation_id` names.
    #[sea_orm(belongs_to, from = "assortment_recommendation_id", to = "id")]
    pub assortment_recommendation: BelongsTo<Option<super::assortment_recommendations::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
