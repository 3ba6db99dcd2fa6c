//! Migrations of a tenant. They name no schema of a tenant and no role.

mod m20261121_000001_lookups;
mod m20261121_000002_masters;
mod m20261121_000003_sales;
mod m20261121_000004_registers;
mod m20261121_000005_runs;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

use crate::migration::boxed;

/// Brings a tenant's schema to its newest version.
pub(crate) struct TenantMigrator;

impl MigratorTrait for TenantMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        boxed(&[
            m20261121_000001_lookups::MIGRATION,
            m20261121_000002_masters::MIGRATION,
            m20261121_000003_sales::MIGRATION,
            m20261121_000004_registers::MIGRATION,
            m20261121_000005_runs::MIGRATION,
        ])
    }
}
