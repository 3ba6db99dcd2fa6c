//! See `up.sql`.

use crate::migration::SqlMigration;

pub(super) const MIGRATION: SqlMigration = SqlMigration {
    name: "m20261122_000013_hold_rows",
    up: include_str!("up.sql"),
    down: include_str!("down.sql"),
};
