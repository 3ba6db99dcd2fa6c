//! `cargo xtask demo`: from a checkout to the running demo.

use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::machine;
use crate::workspace::Workspace;

/// Builds, prepares the machine, then becomes `catwing demo`, whose exit code is ours.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    workspace.build()?;
    if let Some(code) = machine::prepare(&workspace.catwing())? {
        return Ok(code);
    }
    let catwing = workspace.catwing();
    let error = Command::new(&catwing).arg("demo").args(arguments).exec();
    Err(error).with_context(|| format!("cannot start {}", catwing.display()))
}
