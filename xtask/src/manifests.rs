//! The manifests of the workspace: versions stand in the root's table and nowhere else.

use std::fs;

use anyhow::{Context, Result};
use cargo_metadata::Metadata;
use toml::{Table, Value};

const DEPENDENCY_TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Reads every member's manifest; the answer names each dependency that says more than
/// `workspace = true` and features.
pub fn violations(metadata: &Metadata) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for package in metadata.workspace_packages() {
        let path = package.manifest_path.as_std_path();
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read the manifest {}", path.display()))?;
        let manifest: Table = text
            .parse()
            .with_context(|| format!("{} is no TOML", path.display()))?;
        problems.extend(
            versions_of_its_own(&manifest)
                .into_iter()
                .map(|dependency| format!("`{}`: {dependency}", package.name)),
        );
    }
    Ok(problems)
}

fn versions_of_its_own(manifest: &Table) -> Vec<String> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let platform_tables = targets
        .into_iter()
        .flat_map(Table::values)
        .filter_map(Value::as_table);
    let mut problems = Vec::new();
    for holder in std::iter::once(manifest).chain(platform_tables) {
        for table in DEPENDENCY_TABLES {
            let dependencies = holder.get(table).and_then(Value::as_table);
            for (name, how) in dependencies.into_iter().flatten() {
                problems.extend(refused(table, name, how));
            }
        }
    }
    problems
}

fn refused(table: &str, name: &str, how: &Value) -> Option<String> {
    let inherits = how
        .get("workspace")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    (!inherits).then(|| {
        format!(
            "{table}.{name} must say `workspace = true`; its version belongs to the root's \
             [workspace.dependencies]"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(manifest: &str) -> Vec<String> {
        versions_of_its_own(&manifest.parse().expect("TOML"))
    }

    #[test]
    fn inheriting_is_fine_with_or_without_features() {
        let manifest = "[dependencies]\nserde.workspace = true\n\
             tokio = { workspace = true, features = [\"fs\"] }\n";
        assert!(problems(manifest).is_empty());
    }

    #[test]
    fn a_version_or_path_of_its_own_is_refused_in_every_table() {
        for table in [
            "dependencies",
            "dev-dependencies",
            "build-dependencies",
            "target.'cfg(unix)'.dependencies",
        ] {
            for how in ["\"1\"", "{ version = \"1\" }", "{ path = \"../x\" }"] {
                let found = problems(&format!("[{table}]\nserde = {how}\n"));
                assert_eq!(found.len(), 1, "{table} {how}: {found:?}");
                assert!(found[0].contains("serde"), "{found:?}");
            }
        }
    }
}
