//! Where the cluster and its socket are, and whose they are.
//!
//! ```text
//! BASE/data    the data directory      (of the account that runs the server, 0700)
//! BASE/run     the socket's folder     (likewise)
//! BASE/home    the home that it belongs to, if BASE is not in the home
//! ```
//!
//! BASE is `HOME/postgres`. When root starts the server, an unprivileged account
//! runs it, and that account may not be able to enter the home (below `/root`,
//! say): then BASE is in a system folder, and `HOME/postgres.location` names it.
//! BASE itself is ours, so the account can't put links where we write.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::account::Account;
use crate::{Error, Home};

/// Where BASE can be when it can't be in the home. The first lasts; the second
/// is for systems whose root file system can't be written.
const ELSEWHERE: [&str; 2] = ["/var/lib/catwing", "/var/tmp/catwing"];
/// Where the socket can be when the path of BASE is too long for one.
const SHORT_PLACES: [&str; 2] = ["/tmp", "/var/tmp"];
/// The kernel allows 104 to 108 bytes for the whole path of a socket, of which
/// the file's own name and PostgreSQL's lock beside it take 20.
const SOCKET_DIR_BYTES_MAX: usize = 84;
const RECORD: &str = "postgres.location";
const MARKER: &str = "home";
const PASSABLE: u32 = 0o711;
const PRIVATE: u32 = 0o700;
const INIT_PREFIX: &str = "data.new-";

/// The folder of a cluster.
#[derive(Debug)]
pub(crate) struct Place {
    base: PathBuf,
}

impl Place {
    /// The folder that the home's cluster has already.
    pub fn existing(home: &Home) -> Result<Option<Self>, Error> {
        let record = home.path().join(RECORD);
        let base = match fs::read(&record) {
            Ok(bytes) => PathBuf::from(std::ffi::OsString::from_vec(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let base = home.postgres();
                return Ok(base.is_dir().then_some(Self { base }));
            }
            Err(error) => return Err(Error::files("read", record)(error)),
        };
        if !base.is_dir() {
            tracing::warn!(cluster = %base.display(), "the recorded cluster is gone; a new one will be made");
            return Ok(None);
        }
        check_ours(&base)?;
        let marker = base.join(MARKER);
        let owner = fs::read(&marker).map_err(Error::files("read", &marker))?;
        let owner = Path::new(OsStr::from_bytes(&owner));
        if owner != home.path() {
            if owner.exists() {
                return Err(Error::ClusterOfAnotherHome {
                    cluster: base,
                    owner: owner.into(),
                    record,
                });
            }
            // The home was moved and its cluster goes with it.
            write_whole(&marker, home.path().as_os_str().as_bytes())?;
        }
        Ok(Some(Self { base }))
    }

    /// Makes the folder for a new cluster.
    pub fn prepare(home: &Home, account: &Account) -> Result<Self, Error> {
        if !account.is_dropped_to() || account.can_enter(home.path()) {
            let base = home.postgres();
            make_ours(
                &base,
                if account.is_dropped_to() {
                    PASSABLE
                } else {
                    PRIVATE
                },
            )?;
            return Ok(Self { base });
        }
        let mut failure = None;
        for parent in ELSEWHERE {
            match prepare_elsewhere(Path::new(parent), home, account) {
                Ok(base) => {
                    tracing::info!(
                        cluster = %base.display(), account = account.name,
                        "the account that runs PostgreSQL can't enter the home; the cluster is kept elsewhere"
                    );
                    return Ok(Self { base });
                }
                Err(error) => failure = Some(error),
            }
        }
        Err(failure.unwrap_or(Error::NoAccount))
    }

    /// The data directory; it need not exist.
    pub fn data(&self) -> PathBuf {
        self.base.join("data")
    }

    /// The user id that owns the data directory.
    pub fn owner(&self) -> Option<u32> {
        fs::symlink_metadata(self.data())
            .ok()
            .map(|metadata| metadata.uid())
    }

    /// The major version that made the cluster, if there is one.
    pub fn major(&self) -> Option<u32> {
        major_of(&self.data())
    }

    /// Refuses a cluster that this account can't run.
    pub fn check(&self, account: &Account) -> Result<(), Error> {
        let is_reachable = !account.is_dropped_to() || account.can_enter(&self.base);
        let is_own = self.owner().is_none_or(|owner| owner == account.uid);
        if is_reachable && is_own {
            Ok(())
        } else {
            Err(Error::ForeignFolder { path: self.data() })
        }
    }

    /// A new empty folder of the account beside the data directory. Those that
    /// a killed predecessor left are removed.
    pub fn new_data_dir(&self, account: &Account) -> Result<TempDir, Error> {
        let entries = fs::read_dir(&self.base).map_err(Error::files("read", &self.base))?;
        for entry in entries.filter_map(Result::ok) {
            if entry
                .file_name()
                .as_bytes()
                .starts_with(INIT_PREFIX.as_bytes())
            {
                fs::remove_dir_all(entry.path()).map_err(Error::files("remove", entry.path()))?;
            }
        }
        let dir = tempfile::Builder::new()
            .prefix(INIT_PREFIX)
            .permissions(fs::Permissions::from_mode(PRIVATE))
            .tempdir_in(&self.base)
            .map_err(Error::files("write to", &self.base))?;
        account.own(dir.path())?;
        Ok(dir)
    }

    /// Makes a finished folder the data directory.
    pub fn adopt(&self, dir: TempDir) -> Result<(), Error> {
        let data = self.data();
        let dir = dir.keep();
        fs::rename(&dir, &data)
            .and_then(|()| fs::File::open(&self.base)?.sync_all())
            .map_err(Error::files("write", data))
    }

    /// The socket's folder, made if needed: in BASE, or in a system folder for
    /// short-lived files if the path is too long or has odd characters.
    pub fn socket_dir(&self, home: &Home, account: &Account) -> Result<PathBuf, Error> {
        let mut failure = None;
        for dir in self.socket_dirs(home) {
            match make_for(&dir, account) {
                Ok(()) => return Ok(dir),
                Err(error) => failure = Some(error),
            }
        }
        Err(failure.unwrap_or_else(|| Error::ForeignFolder {
            path: self.base.clone(),
        }))
    }

    /// The socket's folder as far as one exists, for those who only look.
    pub fn known_socket_dir(&self, home: &Home) -> PathBuf {
        let dirs = self.socket_dirs(home);
        let found = dirs
            .iter()
            .find(|dir| super::settings::socket(dir).exists());
        found
            .or(dirs.first())
            .cloned()
            .unwrap_or_else(|| self.base.join("run"))
    }

    fn socket_dirs(&self, home: &Home) -> Vec<PathBuf> {
        let own = self.base.join("run");
        let bytes = own.as_os_str().as_bytes();
        // The folder's name goes through a shell, a list setting and a URL.
        let is_plain = bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(byte));
        if is_plain && bytes.len() <= SOCKET_DIR_BYTES_MAX {
            return vec![own];
        }
        SHORT_PLACES
            .iter()
            .map(|parent| Path::new(parent).join(format!("catwing-{}", home.short_name())))
            .collect()
    }

    /// Deletes the cluster. Its server is gone.
    pub fn remove(&self, home: &Home) -> Result<(), Error> {
        for dir in self.socket_dirs(home) {
            // Another user's folder of that name is not ours to delete.
            if fs::symlink_metadata(&dir).is_ok_and(|metadata| Some(metadata.uid()) == self.owner())
            {
                remove_dir(&dir)?;
            }
        }
        remove_dir(&self.base)?;
        let record = home.path().join(RECORD);
        match fs::remove_file(&record) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::files("remove", record)(error))
            }
            _ => Ok(()),
        }
    }
}

/// The major version of the cluster in a data directory.
pub(crate) fn major_of(data_dir: &Path) -> Option<u32> {
    fs::read_to_string(data_dir.join("PG_VERSION"))
        .ok()?
        .trim()
        .parse()
        .ok()
}

fn prepare_elsewhere(parent: &Path, home: &Home, account: &Account) -> Result<PathBuf, Error> {
    make_ours(parent, PASSABLE)?;
    let base = parent.join(home.short_name());
    make_ours(&base, PASSABLE)?;
    if !account.can_enter(&base) {
        return Err(Error::ForeignFolder { path: base });
    }
    // The marker first: a record without one would be refused.
    write_whole(&base.join(MARKER), home.path().as_os_str().as_bytes())?;
    write_whole(&home.path().join(RECORD), base.as_os_str().as_bytes())?;
    Ok(base)
}

/// Makes a folder of ours, or accepts one that is ours.
fn make_ours(dir: &Path, mode: u32) -> Result<(), Error> {
    match fs::DirBuilder::new().mode(mode).create(dir) {
        // The umask may have taken bits away.
        Ok(()) => fs::set_permissions(dir, fs::Permissions::from_mode(mode))
            .map_err(Error::files("make", dir)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => check_ours(dir),
        Err(error) => Err(Error::files("make", dir)(error)),
    }
}

/// Whether a folder is really one, is ours, and nobody else can write to it.
fn check_ours(dir: &Path) -> Result<(), Error> {
    let metadata = fs::symlink_metadata(dir).map_err(Error::files("look at", dir))?;
    let us = rustix::process::geteuid().as_raw();
    let is_ours =
        metadata.is_dir() && (metadata.uid() == us || us == 0) && metadata.mode() & 0o022 == 0;
    if is_ours {
        Ok(())
    } else {
        Err(Error::ForeignFolder { path: dir.into() })
    }
}

/// Makes a private folder of the account, or accepts one that is that.
fn make_for(dir: &Path, account: &Account) -> Result<(), Error> {
    match fs::DirBuilder::new().mode(PRIVATE).create(dir) {
        Ok(()) => return account.own(dir),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(Error::files("make", dir)(error)),
    }
    let metadata = fs::symlink_metadata(dir).map_err(Error::files("look at", dir))?;
    // One that root made and was killed before it gave it away.
    if metadata.is_dir()
        && metadata.uid() == rustix::process::geteuid().as_raw()
        && metadata.uid() != account.uid
    {
        return account.own(dir);
    }
    let is_private =
        metadata.is_dir() && metadata.uid() == account.uid && metadata.mode() & 0o077 == 0;
    if is_private {
        Ok(())
    } else {
        Err(Error::ForeignFolder { path: dir.into() })
    }
}

/// Writes a small file so that it is there whole or not at all.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let parent = path.parent().unwrap_or(Path::new("/"));
    let write = || -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(parent)?;
        io::Write::write_all(&mut file, bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        fs::File::open(parent)?.sync_all()
    };
    write().map_err(Error::files("write", path))
}

fn remove_dir(dir: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::files("remove", dir)(error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_or_an_open_folder_is_not_ours() {
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().join("real");
        make_ours(&real, PRIVATE).unwrap();
        make_ours(&real, PRIVATE).unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&real, &link).unwrap();
        assert!(matches!(
            make_ours(&link, PRIVATE),
            Err(Error::ForeignFolder { .. })
        ));
        fs::set_permissions(&real, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(matches!(
            make_ours(&real, PRIVATE),
            Err(Error::ForeignFolder { .. })
        ));
    }

    #[test]
    fn long_or_odd_paths_get_a_short_socket_folder() {
        let parent = tempfile::Builder::new()
            .prefix("s")
            .tempdir_in("/tmp")
            .unwrap();
        let dirs = |name: &str| {
            let home = Home::open(&parent.path().join(name)).unwrap();
            Place {
                base: home.postgres(),
            }
            .socket_dirs(&home)
        };
        assert!(
            dirs("plain")
                .iter()
                .all(|dir| dir.ends_with("plain/postgres/run"))
        );
        for name in ["x".repeat(120).as_str(), "it's", "two words", "komma,"] {
            for dir in dirs(name) {
                assert!(dir.as_os_str().len() <= SOCKET_DIR_BYTES_MAX);
                assert!(!dir.starts_with(parent.path()), "{}", dir.display());
            }
        }
    }

    #[test]
    fn a_copied_home_does_not_take_the_original_cluster() {
        let parent = tempfile::tempdir().unwrap();
        let (original, copy) = (parent.path().join("original"), parent.path().join("copy"));
        let home = Home::open(&original).unwrap();
        let base = parent.path().join("base");
        make_ours(&base, PRIVATE).unwrap();
        write_whole(&base.join(MARKER), home.path().as_os_str().as_bytes()).unwrap();
        let other = Home::open(&copy).unwrap();
        write_whole(&other.path().join(RECORD), base.as_os_str().as_bytes()).unwrap();
        assert!(matches!(
            Place::existing(&other),
            Err(Error::ClusterOfAnotherHome { .. })
        ));
        // Moved, not copied: the first is gone.
        fs::remove_dir_all(&original).unwrap();
        assert_eq!(Place::existing(&other).unwrap().unwrap().base, base);
        assert_eq!(
            fs::read(base.join(MARKER)).unwrap(),
            other.path().as_os_str().as_bytes()
        );
    }
}
