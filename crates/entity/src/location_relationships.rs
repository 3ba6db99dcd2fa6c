//! `location_relationships`: supply topology as the source gives it: part of the child's record.

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
}

impl ActiveModelBehavior for ActiveModel {}
