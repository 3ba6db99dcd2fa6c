//! See `up.sql`.

use crate::migration::SqlMigration;

pub(super) const MIGRATION: SqlMigration = SqlMigration {
    name: "m20261122_000029_schema_drift",
    up: include_str!("up.sql"),
    down: include_str!("down.sql"),
};
