//! Migrations of a tenant. They name no schema of a tenant and no role.

mod m20261121_000001_lookups;
mod m20261121_000002_masters;
mod m20261121_000003_sales;
mod m20261121_000004_registers;
mod m20261121_000005_runs;
mod m20261121_000006_words_of_supply;
mod m20261121_000007_suppliers_and_costs;
mod m20261121_000008_prices_and_inventory;
mod m20261121_000009_supply_documents;
mod m20261121_000010_observations;
mod m20261121_000011_statistics_touched;
mod m20261121_000012_statistics_state;

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
            m20261121_000006_words_of_supply::MIGRATION,
            m20261121_000007_suppliers_and_costs::MIGRATION,
            m20261121_000008_prices_and_inventory::MIGRATION,
            m20261121_000009_supply_documents::MIGRATION,
            m20261121_000010_observations::MIGRATION,
            m20261121_000011_statistics_touched::MIGRATION,
            m20261121_000012_statistics_state::MIGRATION,
        ])
    }
}
