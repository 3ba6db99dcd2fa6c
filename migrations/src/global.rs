//! Migrations of `cw_global`. They name the schema and its roles.

mod m20261121_000001_reference_data;
mod m20261121_000002_infer_currencies;
mod m20261121_000003_rates;
mod m20261121_000004_infer_languages;
mod m20261121_000005_registers;
mod m20261122_000006_reference_rows;
mod m20261122_000007_geography_and_users;
mod m20261122_000008_finite;
mod m20261122_000009_more_checks;
mod m20261122_000010_indexes_of_queries;
mod m20261122_000011_record_fixes;
mod m20261122_000012_settled_writes;
mod m20261122_000013_hold_rows;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

use crate::migration::boxed;

/// Brings the shared schema to its newest version.
pub(crate) struct GlobalMigrator;

impl MigratorTrait for GlobalMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        boxed(&[
            m20261121_000001_reference_data::MIGRATION,
            m20261121_000002_infer_currencies::MIGRATION,
            m20261121_000003_rates::MIGRATION,
            m20261121_000004_infer_languages::MIGRATION,
            m20261121_000005_registers::MIGRATION,
            m20261122_000006_reference_rows::MIGRATION,
            m20261122_000007_geography_and_users::MIGRATION,
            m20261122_000008_finite::MIGRATION,
            m20261122_000009_more_checks::MIGRATION,
            m20261122_000010_indexes_of_queries::MIGRATION,
            m20261122_000011_record_fixes::MIGRATION,
            m20261122_000012_settled_writes::MIGRATION,
            m20261122_000013_hold_rows::MIGRATION,
        ])
    }
}
