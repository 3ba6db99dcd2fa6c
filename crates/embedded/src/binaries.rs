//! PostgreSQL's server programs on this machine.

use std::path::{Path, PathBuf};

use crate::Error;
use crate::programs::Programs;

/// The oldest major version that catwing's SQL runs on.
pub const OLDEST_MAJOR: u32 = 15;
/// Without `postgres` and these there is no server.
const OTHERS: [&str; 2] = ["initdb", "pg_ctl"];

/// A complete set of server programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries(Programs);

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
        let found = Programs::find_all(explicit, "postgres", &OTHERS)?;
        Ok(found.into_iter().map(Self).collect())
    }

    /// The folder of the programs.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.0.dir
    }

    /// The version as the server says it, `15.18`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.0.version
    }

    /// The major version, `15`.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.0.major
    }

    /// Where a program of this set is, if it is there: `pg_dump`, `psql` and
    /// other clients may be missing from a server's package.
    #[must_use]
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        Some(self.0.dir.join(name)).filter(|path| path.is_file())
    }
}

/// The set for a cluster of a major version, or the best for a new one.
pub(crate) fn choose(all: Vec<Binaries>, cluster: Option<(u32, &Path)>) -> Result<Binaries, Error> {
    let found = all
        .iter()
        .map(|binaries| binaries.0.version.clone())
        .collect::<Vec<_>>()
        .join(", ");
    match cluster {
        None => all
            .into_iter()
            .find(|binaries| binaries.major() >= OLDEST_MAJOR)
            .ok_or(Error::NoBinaries {
                oldest: OLDEST_MAJOR,
            }),
        Some(_) if found.is_empty() => Err(Error::NoBinaries {
            oldest: OLDEST_MAJOR,
        }),
        Some((major, data_dir)) => all
            .into_iter()
            .find(|binaries| binaries.major() == major)
            .ok_or_else(|| Error::OtherMajor {
                data_dir: data_dir.into(),
                cluster: major,
                found,
            }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binaries(version: &str, major: u32) -> Binaries {
        Binaries(Programs {
            dir: version.into(),
            version: version.into(),
            major,
        })
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
