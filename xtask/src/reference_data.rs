//! `cargo xtask reference-data`: the migration with countries, currencies and languages, from their
//! source.
//!
//! The source is read by a binary of the tests package: xtask stays without crates of ours, and the
//! ids of rows come from the same formula as everywhere.

use anyhow::Result;

use crate::workspace::{Workspace, execute};

/// Writes the newest such migration, or `into` a new one, or only checks it.
pub fn run(workspace: &Workspace, check: bool, into: Option<&str>) -> Result<()> {
    workspace.build()?;
    let mut command = workspace.built("reference_data");
    command.arg(workspace.root().join("migrations"));
    if check {
        command.arg("--check");
    }
    if let Some(name) = into {
        command.args(["--into", name]);
    }
    execute(&mut command)
}
