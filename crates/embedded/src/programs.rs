//! PostgreSQL's programs of one version in one folder, and where on this machine to look for them.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Error;

/// Where installers put versions side by side: `<root>/<version>/bin`.
const VERSION_ROOTS: [&str; 3] = [
    "/usr/lib/postgresql",
    "/opt/postgresql",
    "/Library/PostgreSQL",
];
/// Where installers put Homebrew's versions: `<root>/postgresql@<version>/bin`.
const BREW_ROOTS: [&str; 2] = ["/opt/homebrew/opt", "/usr/local/opt"];
/// Where a build from source goes, and where Fedora and Arch put theirs.
const SINGLE_DIRS: [&str; 3] = ["/usr/local/pgsql/bin", "/usr/pgsql/bin", "/usr/bin"];

/// A folder that has all of some programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Programs {
    pub dir: PathBuf,
    pub version: String,
    pub major: u32,
}

impl Programs {
    /// All usable folders in the order of the search, each once: those with `asked`, which says the
    /// version, and with the others. With `explicit` (from `CATWING_PG_BIN`) only that folder counts.
    ///
    /// # Errors
    ///
    /// When the explicit folder lacks a program or can't run; an empty list is
    /// no error.
    pub fn find_all(
        explicit: Option<&Path>,
        asked: &'static str,
        others: &[&'static str],
    ) -> Result<Vec<Self>, Error> {
        if let Some(dir) = explicit {
            return Ok(vec![Self::in_dir(dir, asked, others)?]);
        }
        let mut found: Vec<Self> = Vec::new();
        for dir in usual_dirs(asked) {
            match Self::in_dir(&dir, asked, others) {
                Ok(programs) if found.iter().all(|known| known.dir != programs.dir) => {
                    found.push(programs);
                }
                Ok(_) | Err(Error::IncompleteBinaries { .. }) => {}
                Err(error) => tracing::debug!(%error, "skipping PostgreSQL programs"),
            }
        }
        Ok(found)
    }

    fn in_dir(dir: &Path, asked: &'static str, others: &[&'static str]) -> Result<Self, Error> {
        for program in std::iter::once(asked).chain(others.iter().copied()) {
            if !dir.join(program).is_file() {
                return Err(Error::IncompleteBinaries {
                    dir: dir.into(),
                    program,
                });
            }
        }
        let program = dir.join(asked);
        let unusable = |source| Error::UnusableBinary {
            program: program.clone(),
            source,
        };
        let output = Command::new(&program)
            .arg("--version")
            .stdin(Stdio::null())
            .output()
            .map_err(unusable)?;
        let text = String::from_utf8_lossy(&output.stdout);
        let (version, major) = parse_version(&text).ok_or_else(|| {
            unusable(std::io::Error::other(format!(
                "it answered {:?} to --version",
                text.trim()
            )))
        })?;
        Ok(Self {
            dir: dir.into(),
            version,
            major,
        })
    }
}

/// Where a program is on the `PATH`.
pub(crate) fn on_path(name: impl AsRef<OsStr>) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join(name.as_ref()))
        .find(|program| program.is_file())
}

/// Where to look for programs: those folders of the `PATH` that have this one come first.
fn usual_dirs(program: &str) -> Vec<PathBuf> {
    let mut dirs = Vec::new();
    let path = std::env::var_os("PATH").unwrap_or_default();
    for dir in std::env::split_paths(&path) {
        // Distributions put links to one of several versions on the PATH.
        if let Ok(program) = dir.join(program).canonicalize()
            && let Some(real) = program.parent()
        {
            dirs.push(real.to_path_buf());
        }
    }
    if let Ok(output) = Command::new("pg_config")
        .arg("--bindir")
        .stdin(Stdio::null())
        .output()
        && let Ok(dir) = String::from_utf8(output.stdout)
    {
        dirs.push(PathBuf::from(dir.trim()));
    }
    for root in VERSION_ROOTS {
        dirs.extend(versions(Path::new(root), |name| name.parse().ok()));
    }
    for root in BREW_ROOTS {
        dirs.extend(versions(Path::new(root), |name| {
            name.strip_prefix("postgresql@")?.parse().ok()
        }));
    }
    dirs.extend(SINGLE_DIRS.map(PathBuf::from));
    dirs
}

/// The `bin` folders below `root` whose names are versions, newest first.
fn versions(root: &Path, version: impl Fn(&str) -> Option<u32>) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(root) else {
        return Vec::new();
    };
    let mut dirs: Vec<(u32, PathBuf)> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            Some((
                version(entry.file_name().to_str()?)?,
                entry.path().join("bin"),
            ))
        })
        .collect();
    dirs.sort_by(|a, b| b.cmp(a));
    dirs.into_iter().map(|(_, dir)| dir).collect()
}

/// From `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn parse_version(text: &str) -> Option<(String, u32)> {
    let version = text
        .split_once("(PostgreSQL)")?
        .1
        .split_whitespace()
        .next()?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    Some((version.to_string(), digits.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_servers_say() {
        assert_eq!(
            parse_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"),
            Some(("15.18".into(), 15))
        );
        assert_eq!(
            parse_version("postgres (PostgreSQL) 19beta1"),
            Some(("19beta1".into(), 19))
        );
        assert_eq!(parse_version("something else"), None);
    }

    #[test]
    fn newest_version_first_and_by_number() {
        let root = tempfile::tempdir().unwrap();
        for version in ["9", "15", "17", "junk"] {
            fs::create_dir_all(root.path().join(version).join("bin")).unwrap();
        }
        let expected: Vec<PathBuf> = ["17", "15", "9"]
            .iter()
            .map(|v| root.path().join(v).join("bin"))
            .collect();
        assert_eq!(versions(root.path(), |name| name.parse().ok()), expected);
    }
}
