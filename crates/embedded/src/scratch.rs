//! Throw-away homes for tests.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::{Error, Home, Postgres, PostgresAddress};

/// The account that runs PostgreSQL for root must be able to pass.
const PASSABLE: u32 = 0o711;

/// A temporary home with a running PostgreSQL. Dropping it, also in a panic,
/// stops the server and deletes everything.
#[derive(Debug)]
pub struct Scratch {
    home: Home,
    postgres: Postgres,
    address: PostgresAddress,
    // Last, so that it is deleted after the server has gone.
    _dir: TempDir,
}

impl Scratch {
    /// A home with a new cluster; about two seconds.
    ///
    /// # Errors
    ///
    /// When there is no PostgreSQL here, or it can't start.
    pub fn start(bin_dir: Option<PathBuf>) -> Result<Self, Error> {
        Self::start_with(bin_dir, None)
    }

    /// A home with a copy of a template ([`Postgres::save_template`]); less
    /// than half a second.
    ///
    /// # Errors
    ///
    /// When there is no PostgreSQL here, it can't start, or the copy fails.
    pub fn start_copy_of(template: &Path, bin_dir: Option<PathBuf>) -> Result<Self, Error> {
        Self::start_with(bin_dir, Some(template))
    }

    fn start_with(bin_dir: Option<PathBuf>, template: Option<&Path>) -> Result<Self, Error> {
        let parent = std::env::temp_dir();
        let dir = tempfile::Builder::new()
            .prefix("catwing-")
            .permissions(fs::Permissions::from_mode(PASSABLE))
            .tempdir_in(&parent)
            .map_err(|source| Error::OpenHome {
                path: parent,
                source,
            })?;
        let home = Home::open(dir.path())?;
        let postgres = Postgres::new(home.clone(), bin_dir);
        let started = match template {
            Some(template) => postgres.ensure_running_copy_of(template),
            None => postgres.ensure_running(),
        };
        match started {
            Ok(address) => Ok(Self {
                home,
                postgres,
                address,
                _dir: dir,
            }),
            Err(error) => {
                remove(&postgres);
                Err(error)
            }
        }
    }

    /// The temporary home.
    #[must_use]
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Its cluster, to stop it or to save it as a template.
    #[must_use]
    pub fn postgres(&self) -> &Postgres {
        &self.postgres
    }

    /// How to reach its server.
    #[must_use]
    pub fn address(&self) -> &PostgresAddress {
        &self.address
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove(&self.postgres);
    }
}

fn remove(postgres: &Postgres) {
    if let Err(error) = postgres.remove() {
        tracing::warn!(%error, "can't delete a scratch cluster");
    }
}
