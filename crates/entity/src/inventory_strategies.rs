//! `inventory_strategies`: method that finds the targets of a location, or of one product there.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inventory_strategies")]
pub struct Model {
    /// Key of the table and (location, product, event_id): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Location.
    pub location_id: i64,
    /// Product; null for the whole location.
    pub product_id: Option<i64>,
    /// Method.
    pub inventory_strategy_type_id: i64,
    /// Numbers of the method by name.
    #[sea_orm(column_type = "JsonBinary")]
    pub parameters: Json,
    /// Identifier of the write in the UI: the same write delivered twice is one row; of two at
    /// one time the greater counts.
    #[sea_orm(column_type = "Text")]
    pub event_id: String,
    /// Who saved it.
    pub user_id: i64,
    /// When it was saved; the newest row of a key is in force.
    pub created_at: DateTimeUtc,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `location_id` names.
    #[sea_orm(belongs_to, from = "location_id", to = "id")]
    pub location: BelongsTo<super::locations::Entity>,
    /// The row that `product_id` names.
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: BelongsTo<Option<super::products::Entity>>,
    /// The row that `inventory_strategy_type_id` names.
    #[sea_orm(belongs_to, from = "inventory_strategy_type_id", to = "id")]
    pub inventory_strategy_type: BelongsTo<super::inventory_strategy_types::Entity>,
    /// The row that `user_id` names.
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user: BelongsTo<super::users::Entity>,
    /// The rows of `inventory_strategy_simulations` that name this one.
    #[sea_orm(has_many)]
    pub inventory_strategy_simulations: HasMany<super::inventory_strategy_simulations::Entity>,
    /// The rows of `inventory_targets` that name this one.
    #[sea_orm(has_many)]
    pub inventory_targets: HasMany<super::inventory_targets::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
