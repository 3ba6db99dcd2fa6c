//! Migrations of `cw_global`. They name the schema and its roles.

mod m20261121_000001_reference_data;
mod m20261121_000002_infer_currencies;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

use crate::migration::boxed;

/// Brings the shared schema to its newest version.
pub(crate) struct GlobalMigrator;

impl MigratorTrait for GlobalMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        boxed(&[
            m20261121_000001_reference_data::MIGRATION,
            m20261121_000002_infer_currencies::MIGRATION,
        ])
    }
}
