//! Which failpoints which command passes: the tests of a command kill it at those that are listed for it
//! here, so that a new failpoint without a test is told.

use std::collections::BTreeSet;

use catwing_domain::failpoint;

/// What lands deliveries.
pub const LANDING: &[&str] = &["raw."];
/// `catwing raw import`, and `catwing tenant add` before it.
pub const IMPORT: &[&str] = &["raw.", "config."];
/// `catwing ingest`, which passes those of a landing as well.
pub const FETCH: &[&str] = &["fetch."];
/// The quality gate of `catwing run`, where it refuses a delivery.
pub const GATE: &[&str] = &["gate."];
/// `catwing backfill`.
pub const BACKFILL: &[&str] = &["load.", "stats."];
/// `catwing export`.
pub const EXPORT: &[&str] = &["export."];
/// `catwing backup`.
pub const BACKUP: &[&str] = &["backup."];
/// `catwing recovery rebuild`.
pub const REBUILD: &[&str] = &["bulk.", "switch."];
/// `catwing recovery restore`.
pub const RESTORE: &[&str] = &["restore.", "switch."];

/// The failpoints whose names begin like this.
pub fn points(kinds: &[&str]) -> Vec<&'static str> {
    let is_meant = |point: &&&str| kinds.iter().any(|kind| point.starts_with(kind));
    failpoint::ALL.iter().filter(is_meant).copied().collect()
}

#[test]
fn every_failpoint_is_passed_by_a_command_that_a_test_kills() {
    let commands = [
        IMPORT, FETCH, GATE, BACKFILL, EXPORT, BACKUP, REBUILD, RESTORE,
    ];
    for kind in commands.concat() {
        assert!(!points(&[kind]).is_empty(), "nothing begins with {kind}");
    }
    let killed: BTreeSet<_> = points(&commands.concat()).into_iter().collect();
    let all: BTreeSet<_> = failpoint::ALL.iter().copied().collect();
    let unmet: Vec<_> = all.difference(&killed).collect();
    assert!(unmet.is_empty(), "no command is killed at {unmet:?}");
}
