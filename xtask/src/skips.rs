//! What tests skipped, and why: they say so in a file, because runners hide what a passing test
//! prints.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// Tells tests where to append `name<TAB>why`, one line a test.
pub const VARIABLE: &str = "CATWING_TEST_SKIPS";

/// The file of one run.
pub struct Skips {
    file: PathBuf,
}

impl Skips {
    /// An empty file; what an earlier run skipped is forgotten.
    pub fn begin(workspace: &Workspace) -> Result<Self> {
        let folder = workspace.scratch();
        let file = folder.join("skipped-tests.txt");
        fs::create_dir_all(&folder)
            .and_then(|()| fs::write(&file, ""))
            .with_context(|| format!("cannot write {}", file.display()))?;
        Ok(Self { file })
    }

    /// Where tests write.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Each skipped test once, with its reason, by name.
    pub fn read(&self) -> Result<Vec<String>> {
        let text = fs::read_to_string(&self.file)
            .with_context(|| format!("cannot read {}", self.file.display()))?;
        Ok(entries(&text))
    }
}

fn entries(text: &str) -> Vec<String> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines.dedup_by_key(|line| line.split('\t').next());
    lines
        .into_iter()
        .map(|line| line.replacen('\t', ": ", 1))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_counted_once() {
        let text = "s3::weed\tno CATWING_WEED\ndata::retail\tno data\ns3::weed\tagain\n";
        assert_eq!(entries(text), ["data::retail: no data", "s3::weed: again"]);
    }
}
