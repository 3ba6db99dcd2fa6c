//! `product_behaviors`: how a product behaves, as of a day.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "product_behaviors")]
pub struct Model {
    /// Key of the table and (product, snapshot_date): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Product.
    pub product_id: i64,
    /// Business day that the row is computed for.
    pub snapshot_date: Date,
    /// Units sold a day.
    pub velocity: f64,
    /// Change of velocity a day, relative.
    pub trend: f64,
    /// How much it is asked for now, 0-100.
    pub hotness_score: f64,
    /// How fast it moves.
    pub fmr_class_id: i64,
    /// What part of revenue it makes.
    pub abc_class_id: i64,
    /// How steady its demand is.
    pub xyz_class_id: i64,
    /// How often it is asked for.
    pub freq_class_id: i64,
    /// Coefficient of variation of demand.
    pub demand_cv: f64,
    /// Share of variance that seasons explain, 0-1.
    pub seasonality_strength: f64,
    /// Days that a unit stays on stock.
    pub shelf_time_days: f64,
    /// Days from order to receipt.
    pub lead_time_days: i32,
    /// Days between two orders.
    pub reorder_time_days: i32,
    /// Stores that have it.
    pub n_stores: i32,
    /// Stores that should have it.
    pub n_stores_optimized: i32,
    /// Floor under the target of stock.
    pub min_inv_qty: i32,
    /// Factor on the days that stock shall cover.
    pub demand_coverage_scale: f64,
    /// How surely suppliers have it, 0-100; null where unknown.
    pub supplier_availability_score: Option<f64>,
    /// Whether a person confirmed the score: the last event up to the end of the day.
    pub is_supplier_availability_confirmed: bool,
    /// How much it should be phased out, 0-100; null where unknown.
    pub phase_out_recommendation_score: Option<f64>,
    /// Whether a person confirmed the score: the last event up to the end of the day.
    pub is_phase_out_recommendation_confirmed: bool,
    /// How far phasing out has come, 0-100; null where it has not begun.
    pub phase_out_execution_score: Option<f64>,
    /// Whether a person confirmed the score: the last event up to the end of the day.
    pub is_phase_out_execution_confirmed: bool,
    /// How well it was phased out, 0-100; null unless it is confirmed NOT-STOCK.
    pub phase_out_efficiency_score: Option<f64>,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `product_id` names.
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: BelongsTo<super::products::Entity>,
    /// The row that `fmr_class_id` names.
    #[sea_orm(belongs_to, from = "fmr_class_id", to = "id")]
    pub fmr_class: BelongsTo<super::fmr_classes::Entity>,
    /// The row that `abc_class_id` names.
    #[sea_orm(belongs_to, from = "abc_class_id", to = "id")]
    pub abc_class: BelongsTo<super::abc_classes::Entity>,
    /// The row that `xyz_class_id` names.
    #[sea_orm(belongs_to, from = "xyz_class_id", to = "id")]
    pub xyz_class: BelongsTo<super::xyz_classes::Entity>,
    /// The row that `freq_class_id` names.
    #[sea_orm(belongs_to, from = "freq_class_id", to = "id")]
    pub freq_class: BelongsTo<super::freq_classes::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
