//! See `up.sql`.

use crate::migration::SqlMigration;

pub(super) const MIGRATION: SqlMigration = SqlMigration {
    name: "m20261121_000007_suppliers_and_costs",
    up: include_str!("up.sql"),
    down: include_str!("down.sql"),
};
