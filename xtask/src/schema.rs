//! `cargo xtask schema`: publishes the JSON Schema of canonical records below `docs/schema`.

use anyhow::Result;

use crate::workspace::{Workspace, execute};

/// Writes the schemas anew; a test fails where they are not those of the code.
pub fn run(workspace: &Workspace) -> Result<()> {
    workspace.build()?;
    execute(
        workspace
            .built("catwing")
            .args(["schema", "--into", "docs/schema"]),
    )
}
