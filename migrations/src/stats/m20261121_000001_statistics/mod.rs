//! See `up.sql`.

use crate::migration::SqlMigration;

pub(super) const MIGRATION: SqlMigration = SqlMigration {
    name: "m20261121_000001_statistics",
    up: include_str!("up.sql"),
    down: include_str!("down.sql"),
};
