//! A private PostgreSQL cluster of one home.
//!
//! | module | owns |
//! | --- | --- |
//! | `place` | where the cluster and its socket are, and whose they are |
//! | `postmaster` | which process is the cluster's, and how it ends |
//! | `start` | how the server begins, whatever its predecessor left |
//! | `handshake` | whether it answers |
//! | `settings` | how it is run |
//! | `template` | copies of a stopped cluster |

mod handshake;
mod place;
mod postmaster;
mod settings;
mod start;
mod template;

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Serialize;

use crate::account::Account;
use crate::binaries::{self, Binaries};
use crate::{Error, Home};
use place::Place;
use postmaster::Postmaster;
use start::Start;

/// The private PostgreSQL of a home. All calls block for as long as the server
/// needs (milliseconds, minutes after a crash): in async code they belong in
/// `spawn_blocking`.
#[derive(Debug, Clone)]
pub struct Postgres {
    home: Home,
    bin_dir: Option<PathBuf>,
}

/// A server that answers, and how to reach it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PostgresAddress {
    /// `postgres://postgres@localhost/postgres?host=/path/to/socket-dir`. It
    /// has no password: the permissions of the socket's folder are the lock.
    pub url: String,
    /// The folder of the unix socket.
    pub socket_dir: PathBuf,
    /// The server's version, `15.18`.
    pub version: String,
    /// The programs of the server's own version, clients included.
    pub bin_dir: PathBuf,
    /// The data directory.
    pub data_dir: PathBuf,
}

/// What a cluster is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PostgresState {
    /// There is no cluster yet.
    Absent,
    /// There is a cluster, and no server runs on it.
    Stopped,
    /// A server runs but does not take connections: it starts, recovers from a
    /// crash, or stops.
    NotReady,
    /// A server takes connections.
    Running,
}

/// A cluster at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PostgresStatus {
    /// What it is doing.
    pub state: PostgresState,
    /// The server's process.
    pub pid: Option<u32>,
    /// The data directory, also when it had to be outside of the home.
    pub data_dir: Option<PathBuf>,
    /// The connection address, when it is running.
    pub url: Option<String>,
    /// The cluster's major version.
    pub major: Option<u32>,
    /// The server's log.
    pub log: PathBuf,
}

/// How to open a `psql` session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PsqlCommand {
    /// The client of the server's own version.
    pub program: PathBuf,
    /// Arguments that come before the user's.
    pub args: Vec<String>,
}

impl PostgresAddress {
    /// The `psql` of this server, if its package brought one.
    #[must_use]
    pub fn psql(&self) -> Option<PsqlCommand> {
        let program = [self.bin_dir.join("psql")]
            .into_iter()
            .find(|path| path.is_file())?;
        Some(PsqlCommand {
            program,
            args: vec![self.url.clone()],
        })
    }
}

impl Postgres {
    /// The cluster of `home`. `bin_dir` is the folder of PostgreSQL's programs
    /// if the user named one (`CATWING_PG_BIN`); else they are searched for.
    #[must_use]
    pub fn new(home: Home, bin_dir: Option<PathBuf>) -> Self {
        Self { home, bin_dir }
    }

    /// Makes the cluster if there is none, starts its server if none runs, and
    /// returns when it takes connections. Any number of processes may call this
    /// at once; whatever a `kill -9` left is cleared away. The server stays
    /// when we end.
    ///
    /// # Errors
    ///
    /// When there is no PostgreSQL here, or it can't start.
    pub fn ensure_running(&self) -> Result<PostgresAddress, Error> {
        self.ensure_running_from(None)
    }

    /// The same, but a cluster that does not exist yet is made as a copy of a
    /// template ([`Self::save_template`]).
    ///
    /// # Errors
    ///
    /// As [`Self::ensure_running`], and when the template can't be copied.
    pub fn ensure_running_copy_of(&self, template: &Path) -> Result<PostgresAddress, Error> {
        self.ensure_running_from(Some(template))
    }

    fn ensure_running_from(&self, template: Option<&Path>) -> Result<PostgresAddress, Error> {
        let _lock = self.lock()?;
        let (account, place) = match Place::existing(&self.home)? {
            Some(place) => (Account::choose(place.owner())?, place),
            None => {
                let account = Account::choose(None)?;
                let place = Place::prepare(&self.home, &account)?;
                (account, place)
            }
        };
        place.check(&account)?;
        let data_dir = place.data();
        let made_by = place.major().or_else(|| template.and_then(place::major_of));
        let found = Binaries::find_all(self.bin_dir.as_deref())?;
        let binaries = binaries::choose(found, made_by.map(|major| (major, data_dir.as_path())))?;
        if place.major().is_none() {
            match template {
                Some(template) => template::restore(template, &place, &account)?,
                None => init(&binaries, &account, &place)?,
            }
        }
        let socket_dir = place.socket_dir(&self.home, &account)?;
        let start = Start {
            account: &account,
            binaries: &binaries,
            place: &place,
            socket_dir: &socket_dir,
            log: self.log(),
        };
        start.run()?;
        Ok(address(&binaries, &place, &socket_dir))
    }

    /// Stops the server, if one runs: sessions end, their transactions roll
    /// back, and a checkpoint is written. Returns whether there was one.
    ///
    /// # Errors
    ///
    /// When it does not end in time.
    pub fn stop(&self) -> Result<bool, Error> {
        let _lock = self.lock()?;
        let Some(place) = Place::existing(&self.home)? else {
            return Ok(false);
        };
        postmaster::stop(&place.data())
    }

    /// What the cluster is doing. Changes nothing and waits for nobody.
    ///
    /// # Errors
    ///
    /// When the home's record of the cluster can't be read.
    pub fn status(&self) -> Result<PostgresStatus, Error> {
        let mut status = PostgresStatus {
            state: PostgresState::Absent,
            pid: None,
            data_dir: None,
            url: None,
            major: None,
            log: self.log(),
        };
        let Some(place) = Place::existing(&self.home)? else {
            return Ok(status);
        };
        status.data_dir = Some(place.data());
        status.major = place.major();
        status.state = if status.major.is_some() {
            PostgresState::Stopped
        } else {
            PostgresState::Absent
        };
        if let Some(postmaster) = Postmaster::of(&place.data()) {
            status.pid = Some(postmaster.pid());
            let socket_dir = place.known_socket_dir(&self.home);
            let is_ready = handshake::is_ready(&socket_dir);
            status.state = if is_ready {
                PostgresState::Running
            } else {
                PostgresState::NotReady
            };
            status.url = is_ready.then(|| settings::url(&socket_dir));
        }
        Ok(status)
    }

    /// Stops the server and deletes the cluster with all its data. The archive
    /// is untouched.
    ///
    /// # Errors
    ///
    /// When the server does not end, or a file can't be deleted.
    pub fn remove(&self) -> Result<(), Error> {
        let _lock = self.lock()?;
        let Some(place) = Place::existing(&self.home)? else {
            return Ok(());
        };
        if let Some(postmaster) = Postmaster::of(&place.data()) {
            // Nothing of it is needed any more, so it need not write it down.
            postmaster.quit();
        }
        postmaster::end_all(&place.data())?;
        place.remove(&self.home)
    }

    /// Copies the stopped cluster to `template`, from which
    /// [`Self::ensure_running_copy_of`] makes new ones in a fraction of the
    /// time. If `template` exists it is left as it is: the first of several
    /// processes wins. Meant for tests: the copy is not synced to disk.
    ///
    /// # Errors
    ///
    /// When there is no cluster, its server runs, or the copy fails.
    pub fn save_template(&self, template: &Path) -> Result<(), Error> {
        let _lock = self.lock()?;
        let place = Place::existing(&self.home)?.filter(|place| place.major().is_some());
        let place = place.ok_or_else(|| Error::TemplateInUse {
            data_dir: self.home.postgres(),
        })?;
        template::save(&place.data(), template)
    }

    /// The server's log.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.home.log().join("postgres.log")
    }

    /// Held while the cluster is made, started, stopped or removed.
    fn lock(&self) -> Result<File, Error> {
        let path = self.home.path().join("postgres.lock");
        let locked = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .and_then(|file| {
                file.lock()?;
                Ok(file)
            });
        locked.map_err(Error::files("lock", path))
    }
}

fn address(binaries: &Binaries, place: &Place, socket_dir: &Path) -> PostgresAddress {
    PostgresAddress {
        url: settings::url(socket_dir),
        socket_dir: socket_dir.into(),
        version: binaries.version().into(),
        bin_dir: binaries.dir().into(),
        data_dir: place.data(),
    }
}

/// Makes a new cluster beside its place and moves it there in one step, so that
/// an initdb that is killed leaves nothing that looks like a cluster.
fn init(binaries: &Binaries, account: &Account, place: &Place) -> Result<(), Error> {
    let dir = place.new_data_dir(account)?;
    let program = binaries.dir().join("initdb");
    let mut command = account.command(&program);
    command.arg("-D").arg(dir.path()).args(settings::INITDB);
    tracing::info!(data_dir = %place.data().display(), version = binaries.version(), "making a PostgreSQL cluster");
    run(&mut command, "initdb").map_err(|error| match error {
        Error::UnusableBinary { source, .. }
            if source.kind() == std::io::ErrorKind::PermissionDenied =>
        {
            Error::UnreachableBinary {
                account: account.name.clone(),
                program: program.clone(),
            }
        }
        error => error,
    })?;
    place.adopt(dir)
}

fn run(command: &mut Command, program: &'static str) -> Result<(), Error> {
    let path = PathBuf::from(command.get_program());
    let output = command.output().map_err(|source| Error::UnusableBinary {
        program: path,
        source,
    })?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stderr, output.stdout]
        .map(|bytes| String::from_utf8_lossy(&bytes).trim().to_string());
    Err(Error::Program {
        program,
        output: text.join("\n"),
    })
}
