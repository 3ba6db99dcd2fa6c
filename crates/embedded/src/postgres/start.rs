//! How the server begins, whatever its predecessor left.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::place::Place;
use super::postmaster::{self, Postmaster};
use super::{handshake, settings};
use crate::Error;
use crate::account::Account;
use crate::binaries::Binaries;

/// How long a server may take until it answers; crash recovery replays at most
/// `max_wal_size`, which a slow disk does in minutes.
const READY_WITHIN: Duration = Duration::from_secs(600);
/// How long pg_ctl watches a start before we do.
const START_WATCH_SECONDS: u32 = 60;
/// How long a server that lives may go without its socket.
const SOCKET_WITHIN: Duration = Duration::from_secs(10);
/// How often a start is tried that a dying predecessor gets in the way of.
const STARTS_MAX: u32 = 5;
/// A log larger than this is put aside at the next start.
const LOG_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// How much of the log an error shows.
const LOG_TAIL_BYTES: u64 = 2000;
const POLL: Duration = Duration::from_millis(25);

/// One start of a server, with all that it needs.
pub(crate) struct Start<'a> {
    pub account: &'a Account,
    pub binaries: &'a Binaries,
    pub place: &'a Place,
    pub socket_dir: &'a Path,
    pub log: PathBuf,
}

enum Waited {
    Ready,
    Gone,
}

impl Start<'_> {
    /// Returns when the server takes connections.
    pub fn run(&self) -> Result<(), Error> {
        let data_dir = self.place.data();
        for attempt in 1..=STARTS_MAX {
            if Postmaster::of(&data_dir).is_some() {
                if self.has_socket() {
                    if let Waited::Ready = self.wait()? {
                        return Ok(());
                    }
                } else {
                    // Its socket's folder was moved or cleaned away with it running.
                    tracing::warn!("the PostgreSQL server has lost its socket and is started anew");
                    postmaster::stop(&data_dir)?;
                }
            }
            self.clear_away(&data_dir)?;
            let log_start = self.rotate_log()?;
            if self.launch(&data_dir)? || Postmaster::of(&data_dir).is_some() {
                continue;
            }
            let said = self.log_since(log_start);
            if attempt == STARTS_MAX || !is_passing(&said) {
                return Err(Error::DidNotStart {
                    log: self.log.clone(),
                    tail: said,
                });
            }
            tracing::debug!(attempt, "a predecessor is still ending; starting again");
            std::thread::sleep(POLL * 8);
        }
        if handshake::is_ready(self.socket_dir) {
            return Ok(());
        }
        Err(Error::DidNotStart {
            log: self.log.clone(),
            tail: self.log_since(0),
        })
    }

    /// Waits until the server takes connections or ends.
    fn wait(&self) -> Result<Waited, Error> {
        let begun = Instant::now();
        while Postmaster::of(&self.place.data()).is_some() {
            if handshake::is_ready(self.socket_dir) {
                return Ok(Waited::Ready);
            }
            if begun.elapsed() > READY_WITHIN {
                return Err(Error::NotReady {
                    waited: READY_WITHIN,
                    log: self.log.clone(),
                });
            }
            std::thread::sleep(POLL);
        }
        Ok(Waited::Gone)
    }

    /// A server that has just begun needs a moment to make its socket.
    fn has_socket(&self) -> bool {
        let begun = Instant::now();
        let socket = settings::socket(self.socket_dir);
        while !socket.exists() {
            if begun.elapsed() > SOCKET_WITHIN || Postmaster::of(&self.place.data()).is_none() {
                return false;
            }
            std::thread::sleep(POLL);
        }
        true
    }

    /// Removes what a killed server left. PostgreSQL does this by itself unless
    /// the process numbers in those files belong to somebody else by now.
    fn clear_away(&self, data_dir: &Path) -> Result<(), Error> {
        // Only without any process of the old server is its lock file stale:
        // it guards the shared memory that they still write to.
        postmaster::end_all(data_dir)?;
        let socket = settings::socket(self.socket_dir);
        let mut socket_lock = socket.clone().into_os_string();
        socket_lock.push(".lock");
        for path in [
            data_dir.join(postmaster::PID_FILE),
            socket,
            PathBuf::from(socket_lock),
        ] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::files("remove", path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Runs `pg_ctl start`, which puts the server into a session of its own, so
    /// that no terminal and no end of ours reaches it. Returns whether it says
    /// that the server is ready.
    fn launch(&self, data_dir: &Path) -> Result<bool, Error> {
        let open = || OpenOptions::new().create(true).append(true).open(&self.log);
        let log = open().map_err(Error::files("open", &self.log))?;
        let errors = log.try_clone().map_err(Error::files("open", &self.log))?;
        let program = self.binaries.dir().join("pg_ctl");
        let mut command = self.account.command(&program);
        // The server inherits these: a pipe would keep our caller waiting for
        // its end. The data directory goes by the environment because pg_ctl
        // would paste it into a shell's command line.
        command
            .env("PGDATA", data_dir)
            .stdout(Stdio::from(log))
            .stderr(Stdio::from(errors));
        command.args(["start", "-s", "-w", "-t", &START_WATCH_SECONDS.to_string()]);
        command
            .arg("-o")
            .arg(settings::server_options(self.socket_dir));
        let status = command.status().map_err(|source| match source.kind() {
            std::io::ErrorKind::PermissionDenied if self.account.is_dropped_to() => {
                Error::UnreachableBinary {
                    account: self.account.name.clone(),
                    program: program.clone(),
                }
            }
            _ => Error::UnusableBinary {
                program: program.clone(),
                source,
            },
        })?;
        Ok(status.success())
    }

    /// Puts an overlong log aside and returns where the new lines will begin.
    fn rotate_log(&self) -> Result<u64, Error> {
        let size = fs::metadata(&self.log).map_or(0, |metadata| metadata.len());
        if size <= LOG_BYTES_MAX {
            return Ok(size);
        }
        fs::rename(&self.log, self.log.with_extension("log.1"))
            .map_err(Error::files("rename", &self.log))?;
        Ok(0)
    }

    fn log_since(&self, start: u64) -> String {
        let Ok(mut file) = File::open(&self.log) else {
            return String::new();
        };
        let size = file.metadata().map_or(0, |metadata| metadata.len());
        let mut text = Vec::new();
        let from = start.max(size.saturating_sub(LOG_TAIL_BYTES));
        if file.seek(SeekFrom::Start(from)).is_ok() && file.read_to_end(&mut text).is_err() {
            text.clear();
        }
        String::from_utf8_lossy(&text).trim().to_string()
    }
}

/// Whether a failed start is the fault of processes that are about to end.
fn is_passing(log: &str) -> bool {
    log.contains("pre-existing shared memory block") || log.contains("lock file \"")
}
