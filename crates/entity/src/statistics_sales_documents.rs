//! `statistics_sales_documents`: sales documents that have changed since statistics were refreshed.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "statistics_sales_documents")]
pub struct Model {
    /// The document.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sales_order: i64,
    /// As it was when statistics were refreshed last, a list for each line and update; null where it was
    /// not there.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub facts: Option<Json>,
}

impl ActiveModelBehavior for ActiveModel {}
