//! `x_assortment_products`: products of an assortment.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "x_assortment_products")]
pub struct Model {
    /// Key of the table and (assortment, product): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Assortment.
    pub assortment_id: i64,
    /// Product.
    pub product_id: i64,
    /// Whether it belongs to the assortment.
    pub assortment_status_id: i64,
    /// Whether a person confirmed it.
    pub is_confirmed: bool,
    /// Who confirmed it; null where nobody did.
    pub user_id: Option<i64>,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `assortment_id` names.
    #[sea_orm(belongs_to, from = "assortment_id", to = "id")]
    pub assortment: BelongsTo<super::assortments::Entity>,
    /// The row that `product_id` names.
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: BelongsTo<super::products::Entity>,
    /// The row that `assortment_status_id` names.
    #[sea_orm(belongs_to, from = "assortment_status_id", to = "id")]
    pub assortment_status: BelongsTo<super::assortment_statuses::Entity>,
    /// The row that `user_id` names.
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user: BelongsTo<Option<super::users::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
