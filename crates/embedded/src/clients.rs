//! PostgreSQL's client programs on this machine: they can be there without a server's.

use std::path::{Path, PathBuf};

use crate::Error;
use crate::programs::Programs;

/// `pg_dump`, which backs up, and `psql`, which restores, of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clients(Programs);

impl Clients {
    /// All usable sets in the order of the search. With `explicit` (from `CATWING_PG_BIN`) only that folder
    /// counts.
    ///
    /// # Errors
    ///
    /// When the explicit folder lacks a program or can't run; an empty list is
    /// no error.
    pub fn find_all(explicit: Option<&Path>) -> Result<Vec<Self>, Error> {
        let found = Programs::find_all(explicit, "pg_dump", &["psql"])?;
        Ok(found.into_iter().map(Self).collect())
    }

    /// The set that suits a server: of its own major version, else the oldest newer one, else the newest.
    #[must_use]
    pub fn choose(all: Vec<Self>, server_major: u32) -> Option<Self> {
        all.into_iter()
            .min_by_key(|clients| match clients.major().checked_sub(server_major) {
                Some(newer) => (0, newer),
                None => (1, server_major - clients.major()),
            })
    }

    /// Where `pg_dump` is.
    #[must_use]
    pub fn pg_dump(&self) -> PathBuf {
        self.0.dir.join("pg_dump")
    }

    /// Where `psql` is.
    #[must_use]
    pub fn psql(&self) -> PathBuf {
        self.0.dir.join("psql")
    }

    /// The version as the programs say it, `15.18`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.0.version
    }

    /// The major version, `15`.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.0.major
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::Clients;
    use crate::Error;
    use crate::programs::Programs;

    fn clients(major: u32) -> Clients {
        Clients(Programs {
            dir: major.to_string().into(),
            version: major.to_string(),
            major,
        })
    }

    #[test]
    fn a_server_gets_clients_of_its_own_version_or_newer_ones() {
        let all = || [14, 18, 17, 15].map(clients).to_vec();
        assert_eq!(Clients::choose(all(), 15), Some(clients(15)));
        assert_eq!(Clients::choose(all(), 16), Some(clients(17)));
        // Too old for it, but their version is what a person must be told.
        assert_eq!(Clients::choose(all(), 19), Some(clients(18)));
        assert_eq!(Clients::choose(Vec::new(), 15), None);
    }

    #[test]
    fn clients_need_no_server_beside_them() {
        let dir = tempfile::tempdir().unwrap();
        let refused = Clients::find_all(Some(dir.path())).unwrap_err();
        assert!(matches!(
            refused,
            Error::IncompleteBinaries {
                program: "pg_dump",
                ..
            }
        ));
        for program in ["pg_dump", "psql"] {
            let path = dir.path().join(program);
            fs::write(&path, "#!/bin/sh\necho 'pg_dump (PostgreSQL) 17.2'\n").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let found = Clients::find_all(Some(dir.path())).unwrap().remove(0);
        assert_eq!((found.version(), found.major()), ("17.2", 17));
        assert_eq!(found.psql(), dir.path().join("psql"));
    }
}
