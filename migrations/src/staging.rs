//! Migrations of a tenant's staging. They name no schema and no role, and refer to no other schema:
//! staging can be dropped and rebuilt at any time.

mod m20261122_000001_staging;
mod m20261122_000002_finite;
mod m20261122_000003_more_checks;
mod m20261122_000004_indexes_of_queries;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

use crate::migration::boxed;

/// Brings a tenant's staging schema to its newest version.
pub(crate) struct StagingMigrator;

impl MigratorTrait for StagingMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        boxed(&[
            m20261122_000001_staging::MIGRATION,
            m20261122_000002_finite::MIGRATION,
            m20261122_000003_more_checks::MIGRATION,
            m20261122_000004_indexes_of_queries::MIGRATION,
        ])
    }
}
