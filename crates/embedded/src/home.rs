//! The state folder.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::Error;

/// Others may pass through the home (the account that runs PostgreSQL for root
/// must), and see nothing of it.
const HOME_MODE: u32 = 0o711;
const PRIVATE_MODE: u32 = 0o700;

/// The folder that holds all state of one installation: the archive, the
/// database cluster, logs. Any number of homes can be in use side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    root: PathBuf,
}

impl Home {
    /// Opens the home at `path`, creating it if needed.
    ///
    /// # Errors
    ///
    /// When the folder can't be made or resolved.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let fail = |source| Error::OpenHome {
            path: path.into(),
            source,
        };
        if !path.is_dir() {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent).map_err(fail)?;
            }
            match fs::DirBuilder::new().mode(HOME_MODE).create(path) {
                // The umask may have taken the right to pass away.
                Ok(()) => fs::set_permissions(path, fs::Permissions::from_mode(HOME_MODE))
                    .map_err(fail)?,
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(fail(error)),
            }
        }
        let root = path.canonicalize().map_err(fail)?;
        let home = Self { root };
        for dir in [home.s3(), home.log()] {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(PRIVATE_MODE)
                .create(&dir)
                .map_err(fail)?;
        }
        Ok(home)
    }

    /// The home itself, absolute and without links.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// The archive's folder: `s3/<bucket>/<key>`.
    #[must_use]
    pub fn s3(&self) -> PathBuf {
        self.root.join("s3")
    }

    /// The cluster's folder, unless the cluster has to be elsewhere
    /// ([`crate::PostgresStatus`] says where it is).
    #[must_use]
    pub fn postgres(&self) -> PathBuf {
        self.root.join("postgres")
    }

    /// The folder of log files.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.root.join("log")
    }

    /// A short name that no other home on this machine has.
    pub(crate) fn short_name(&self) -> String {
        let hash = Sha256::digest(self.root.as_os_str().as_encoded_bytes());
        hex::encode(hash).chars().take(16).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_is_made_with_private_parts() {
        let parent = tempfile::tempdir().unwrap();
        let home = Home::open(&parent.path().join("deep/er/.catwing")).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(home.path()), 0o711);
        assert_eq!(mode(&home.s3()), 0o700);
        assert_eq!(mode(&home.log()), 0o700);
        assert_eq!(Home::open(home.path()).unwrap(), home);
    }

    #[test]
    fn homes_have_different_short_names() {
        let parent = tempfile::tempdir().unwrap();
        let a = Home::open(&parent.path().join("a")).unwrap();
        let b = Home::open(&parent.path().join("b")).unwrap();
        assert_ne!(a.short_name(), b.short_name());
        assert_eq!(a.short_name().len(), 16);
    }
}
