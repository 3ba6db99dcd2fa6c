//! See `up.sql`.

use crate::migration::SqlMigration;

pub(super) const MIGRATION: SqlMigration = SqlMigration {
    name: "m20261122_000027_guards_always",
    up: include_str!("up.sql"),
    down: include_str!("down.sql"),
};
