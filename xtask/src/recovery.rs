//! `cargo xtask rebuild` and `cargo xtask drill`: the two proofs of recovery from a checkout.

use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::machine;
use crate::workspace::Workspace;

/// Builds, prepares the machine, then becomes `catwing recovery WAY`, whose exit code is ours.
pub fn run(workspace: &Workspace, way: &str, arguments: &[String]) -> Result<ExitCode> {
    workspace.build()?;
    if let Some(code) = machine::prepare(&workspace.catwing())? {
        return Ok(code);
    }
    let catwing = workspace.catwing();
    let error = Command::new(&catwing)
        .args(["recovery", way])
        .args(arguments)
        .exec();
    Err(error).with_context(|| format!("cannot start {}", catwing.display()))
}
