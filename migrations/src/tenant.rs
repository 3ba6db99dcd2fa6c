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
mod m20261122_000013_words_of_planning;
mod m20261122_000014_settings;
mod m20261122_000015_translations;
mod m20261122_000016_cities_of_masters;
mod m20261122_000017_behaviors;
mod m20261122_000018_quality_and_health;
mod m20261122_000019_forecasts_and_models;
mod m20261122_000020_assortments_and_targets;
mod m20261122_000021_recommendations;
mod m20261122_000022_finite;
mod m20261122_000023_more_checks;
mod m20261122_000024_indexes_of_queries;
mod m20261122_000025_record_fixes;
mod m20261122_000026_statistics_of_documents;
mod m20261122_000027_guards_always;
mod m20261122_000029_schema_drift;

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
            m20261122_000013_words_of_planning::MIGRATION,
            m20261122_000014_settings::MIGRATION,
            m20261122_000015_translations::MIGRATION,
            m20261122_000016_cities_of_masters::MIGRATION,
            m20261122_000017_behaviors::MIGRATION,
            m20261122_000018_quality_and_health::MIGRATION,
            m20261122_000019_forecasts_and_models::MIGRATION,
            m20261122_000020_assortments_and_targets::MIGRATION,
            m20261122_000021_recommendations::MIGRATION,
            m20261122_000022_finite::MIGRATION,
            m20261122_000023_more_checks::MIGRATION,
            m20261122_000024_indexes_of_queries::MIGRATION,
            m20261122_000025_record_fixes::MIGRATION,
            m20261122_000026_statistics_of_documents::MIGRATION,
            m20261122_000027_guards_always::MIGRATION,
            m20261122_000029_schema_drift::MIGRATION,
        ])
    }
}
