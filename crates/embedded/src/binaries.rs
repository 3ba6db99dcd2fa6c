//! PostgreSQL's own programs on this machine.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Error;

/// The oldest major version that catwing's SQL runs on.
pub const OLDEST_MAJOR: u32 = 15;
/// Without these there is no server.
const REQUIRED: [&str; 3] = ["postgres", "initdb", "pg_ctl"];
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

/// A complete set of server programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    dir: PathBuf,
    version: String,
    major: u32,
}

impl Binaries {
    /// All usable sets, best first. With `explicit` (from `CATWING_PG_BIN`)
    /// only that folder counts.
    ///
    /// The search is: `PATH`, `pg_config`, then the usual places of installers,
    /// newest version first.
    ///
    /// # Errors
    ///
    /// When the explicit folder lacks a program or can't run; an empty list is
    /// no error.
    pub fn find_all(explicit: Option<&Path>) -> Result<Vec<Self>, Error> {
        if let Some(dir) = explicit {
            return Ok(vec![Self::in_dir(dir)?]);
        }
        let mut found: Vec<Self> = Vec::new();
        for dir in usual_dirs("postgres") {
            match Self::in_dir(&dir) {
                Ok(binaries) if found.iter().all(|known| known.dir != binaries.dir) => {
                    found.push(binaries)
                }
                Ok(_) | Err(Error::IncompleteBinaries { .. }) => {}
                Err(error) => tracing::debug!(%error, "skipping PostgreSQL programs"),
            }
        }
        Ok(found)
    }

    fn in_dir(dir: &Path) -> Result<Self, Error> {
        for program in REQUIRED {
            if !dir.join(program).is_file() {
                return Err(Error::IncompleteBinaries {
                    dir: dir.into(),
                    program,
                });
            }
        }
        let program = dir.join("postgres");
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

    /// The folder of the programs.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The version as the server says it, `15.18`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The major version, `15`.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.major
    }

    /// Where a program of this set is, if it is there: `pg_dump`, `psql` and
    /// other clients may be missing from a server's package.
    #[must_use]
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        Some(self.dir.join(name)).filter(|path| path.is_file())
    }
}

/// The set for a cluster of a major version, or the best for a new one.
pub(crate) fn choose(all: Vec<Binaries>, cluster: Option<(u32, &Path)>) -> Result<Binaries, Error> {
    let found = all
        .iter()
        .map(|binaries| binaries.version.clone())
        .collect::<Vec<_>>()
        .join(", ");
    match cluster {
        None => all
            .into_iter()
            .find(|binaries| binaries.major >= OLDEST_MAJOR)
            .ok_or(Error::NoBinaries {
                oldest: OLDEST_MAJOR,
            }),
        Some(_) if found.is_empty() => Err(Error::NoBinaries {
            oldest: OLDEST_MAJOR,
        }),
        Some((major, data_dir)) => all
            .into_iter()
            .find(|binaries| binaries.major == major)
            .ok_or_else(|| Error::OtherMajor {
                data_dir: data_dir.into(),
                cluster: major,
                found,
            }),
    }
}

/// Where to look for programs: those folders of the `PATH` that have this one come first.
pub(crate) fn usual_dirs(program: &str) -> Vec<PathBuf> {
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
pub(crate) fn parse_version(text: &str) -> Option<(String, u32)> {
    let version = text
        .split_once("(PostgreSQL)")?
        .1
        .split_whitespace()
        .next()?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    Some((version.to_string(), digits.parse().ok()?))
}

/// Where a program is on the `PATH`.
pub(crate) fn on_path(name: impl AsRef<OsStr>) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join(name.as_ref()))
        .find(|program| program.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binaries(version: &str, major: u32) -> Binaries {
        Binaries {
            dir: version.into(),
            version: version.into(),
            major,
        }
    }

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
    fn a_cluster_gets_the_programs_of_its_own_major_version() {
        let all = vec![
            binaries("14.1", 14),
            binaries("18.0", 18),
            binaries("15.2", 15),
        ];
        let data_dir = Path::new("/data");
        assert_eq!(choose(all.clone(), None).unwrap().major(), 18);
        assert_eq!(
            choose(all.clone(), Some((15, data_dir))).unwrap().major(),
            15
        );
        assert!(matches!(
            choose(all, Some((17, data_dir))),
            Err(Error::OtherMajor { cluster: 17, .. })
        ));
        assert!(matches!(
            choose(vec![binaries("14.1", 14)], None),
            Err(Error::NoBinaries { .. })
        ));
        assert!(matches!(
            choose(vec![], Some((15, data_dir))),
            Err(Error::NoBinaries { .. })
        ));
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

    #[test]
    fn an_explicit_folder_must_be_complete() {
        let dir = tempfile::tempdir().unwrap();
        let error = Binaries::find_all(Some(dir.path())).unwrap_err();
        assert!(matches!(
            error,
            Error::IncompleteBinaries {
                program: "postgres",
                ..
            }
        ));
    }
}
