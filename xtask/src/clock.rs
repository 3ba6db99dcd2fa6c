//! Who may ask the machine for the time: clippy refuses it everywhere (`clippy.toml`), and in the
//! pure packages nobody may exempt himself but the one clock that all are handed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The one implementation, below the root of the workspace.
const CLOCK: &str = "crates/domain/src/clock.rs";

/// The lint whose exemption stands for asking the clock.
const LINT: &str = "disallowed_methods";

/// The files of a pure package, given by its folder, that exempt themselves.
pub fn violations(root: &Path, package: &Path) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    let mut folders: Vec<PathBuf> = vec![package.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && path != root.join(CLOCK)
            {
                let text = fs::read_to_string(&path)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                if text.contains(LINT) {
                    problems.push(format!(
                        "{} exempts itself from `{LINT}`: take the time from the caller's Clock",
                        path.display()
                    ));
                }
            }
        }
    }
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_clock_may_exempt_itself() -> Result<()> {
        let root = std::env::temp_dir().join(format!("catwing-clock-{}", std::process::id()));
        let source = root.join("crates/domain/src");
        fs::create_dir_all(source.join("deep"))?;
        let exemption = format!("#[allow(clippy::{LINT})]\n");
        fs::write(root.join(CLOCK), &exemption)?;
        fs::write(source.join("lib.rs"), "mod clock;\n")?;
        let good = violations(&root, &root.join("crates/domain"))?;
        fs::write(source.join("deep/day.rs"), &exemption)?;
        let bad = violations(&root, &root.join("crates/domain"))?;
        fs::remove_dir_all(&root)?;

        assert_eq!(good, Vec::<String>::new());
        assert_eq!(bad.len(), 1, "{bad:?}");
        assert!(bad[0].contains("deep/day.rs"), "{bad:?}");
        Ok(())
    }
}
