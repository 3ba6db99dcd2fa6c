//! The private cluster below the build folder, which the tests of all processes share: whoever
//! comes first starts it, whoever leaves last stops it.

use std::env;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use catwing_embedded::{Binaries, Home, OLDEST_MAJOR, Postgres};
use tokio::runtime::Handle;

use super::database;

const HOME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/tmp/test-home");

/// Names the folder of PostgreSQL's programs, as it does for `catwing`.
const BINARIES: &str = "CATWING_PG_BIN";

/// Every user of the cluster holds a shared lock on this file. It dies with the process, so that a
/// killed test does not keep the cluster running beyond the next test that ends well.
const USERS_LOCK: &str = "users.lock";

/// A use of the cluster, which runs as long as there is one.
pub struct Share {
    postgres: Postgres,
    users: File,
}

/// Whether there is a usable set of server programs; else what is missing.
pub fn binaries_found() -> Result<(), String> {
    let found =
        Binaries::find_all(named_binaries().as_deref()).map_err(|error| error.to_string())?;
    if found
        .iter()
        .any(|binaries| binaries.major() >= OLDEST_MAJOR)
    {
        return Ok(());
    }
    Err(format!(
        "no PostgreSQL {OLDEST_MAJOR} or newer is installed"
    ))
}

impl Share {
    /// Starts the cluster unless it runs; gives its administrator's URL. Blocks, on a thread of a
    /// runtime: the first start runs initdb, and one that is being stopped must have ended.
    pub fn take() -> Result<(Self, String)> {
        let folder = Path::new(HOME);
        fs::create_dir_all(folder).with_context(|| format!("cannot create {HOME}"))?;
        let home = Home::open(folder)?;
        let lock = home.path().join(USERS_LOCK);
        let users = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&lock)
            .with_context(|| format!("cannot open {}", lock.display()))?;
        let postgres = Postgres::new(home, named_binaries());
        match users.try_lock() {
            // Nobody else is here, so that all test databases are those of killed tests.
            Ok(()) => {
                let address = postgres.ensure_running()?;
                Handle::current().block_on(database::drop_all(&address.url))?;
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        users.lock_shared()?;
        // From here on nobody stops it, but somebody may have while we waited for the lock.
        let address = postgres.ensure_running()?;
        Ok((Self { postgres, users }, address.url))
    }

    /// Ends this use; the last one stops the cluster.
    pub fn release(&mut self) -> Result<()> {
        match self.users.try_lock() {
            Ok(()) => {
                // Whoever comes now waits for the lock, and then starts the cluster again.
                self.postgres.stop()?;
                self.users.unlock()?;
                Ok(())
            }
            Err(TryLockError::WouldBlock) => Ok(()),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}

fn named_binaries() -> Option<PathBuf> {
    env::var_os(BINARIES).map(PathBuf::from)
}
