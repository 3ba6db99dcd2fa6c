//! `cargo xtask fuzz`: what reads foreign bytes, over mutations of a corpus.
//!
//! The targets are functions of the tests package, and run on the stable compiler; `fuzz/` calls the same
//! ones from cargo-fuzz.

use anyhow::Result;

use crate::workspace::{Workspace, execute};

/// Fuzzes each target, or those that are named, for so many seconds.
pub fn run(workspace: &Workspace, seconds: u64, seed: u64, targets: &[String]) -> Result<()> {
    workspace.build()?;
    let mut command = workspace.built("fuzz");
    command
        .arg(seconds.to_string())
        .arg(seed.to_string())
        .args(targets);
    execute(&mut command)
}
