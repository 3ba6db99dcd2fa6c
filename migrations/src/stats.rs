//! Migrations of a tenant's statistics. They name no schema and no role, and refer to no other schema:
//! statistics can be dropped and rebuilt at any time.

mod m20261121_000001_statistics;
mod m20261122_000002_finite;
mod m20261122_000003_signs;
mod m20261122_000004_indexes_of_queries;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

use crate::migration::boxed;

/// Brings a tenant's statistics schema to its newest version.
pub(crate) struct StatsMigrator;

impl MigratorTrait for StatsMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        boxed(&[
            m20261121_000001_statistics::MIGRATION,
            m20261122_000002_finite::MIGRATION,
            m20261122_000003_signs::MIGRATION,
            m20261122_000004_indexes_of_queries::MIGRATION,
        ])
    }
}
