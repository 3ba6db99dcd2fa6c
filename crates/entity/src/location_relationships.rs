//! `location_relationships`: supply topology: what the source says, part of the child's record, and beside it what the UI says, which wins.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "location_relationships")]
pub struct Model {
    /// Key of the table and (parent, child, type): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Location that supplies.
    pub parent_location_id: i64,
    /// Location that is supplied.
    pub child_location_id: i64,
    /// Kind of relation.
    pub location_relationship_type_id: i64,
    /// Order among the parents of a location, 1 first; null where the source gives none.
    pub priority: Option<i32>,
    /// Days from request to receipt; null where unknown.
    pub lead_time_days: Option<i32>,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// Whether the child is supplied this way; a row of the UI can say that it is not.
    pub is_active: bool,
    /// Identifier of the write in the UI; null in a row of the source.
    #[sea_orm(column_type = "Text")]
    pub event_id: Option<String>,
    /// Who saved it; null in a row of the source.
    pub user_id: Option<i64>,
    /// When it was saved: the newest row of the UI is in force; null in a row of the source.
    pub created_at: Option<DateTimeUtc>,
    /// The row that `parent_location_id` names.
    #[sea_orm(
        belongs_to,
        relation_enum = "ParentLocation",
        from = "parent_location_id",
        to = "id"
    )]
    pub parent_location: BelongsTo<super::locations::Entity>,
    /// The row that `child_location_id` names.
    #[sea_orm(
        belongs_to,
        relation_enum = "ChildLocation",
        from = "child_location_id",
        to = "id"
    )]
    pub child_location: BelongsTo<super::locations::Entity>,
    /// The row that `location_relationship_type_id` names.
    #[sea_orm(belongs_to, from = "location_relationship_type_id", to = "id")]
    pub location_relationship_type: BelongsTo<super::location_relationship_types::Entity>,
    /// The row that `user_id` names.
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user: BelongsTo<Option<super::users::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
