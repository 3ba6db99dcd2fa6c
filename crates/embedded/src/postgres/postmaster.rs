//! Which processes are the cluster's, and how they end.
//!
//! A process number in a file proves nothing: after a crash it may be anybody's.
//! A process is a cluster's own when it runs a program called `postgres` in the
//! cluster's data directory (a server goes there first of all and its children
//! stay there), and the server itself is the one that has not named itself
//! `postgres: <role>`.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};

use crate::Error;

/// The server's lock file in the data directory.
pub(crate) const PID_FILE: &str = "postmaster.pid";
/// How long a fast shutdown may take: it ends sessions and writes a checkpoint.
const STOPPED_WITHIN: Duration = Duration::from_secs(180);
/// How long processes may take to end after they were told to quit at once.
const QUIT_WITHIN: Duration = Duration::from_secs(10);
/// How long after they were killed.
const KILLED_WITHIN: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(10);

/// The running server of a cluster.
#[derive(Debug)]
pub(crate) struct Postmaster {
    process: Process,
}

impl Postmaster {
    /// The server of the cluster in `data_dir`, if one runs.
    pub fn of(data_dir: &Path) -> Option<Self> {
        let pid_file = fs::read_to_string(data_dir.join(PID_FILE)).ok()?;
        let process = Process::open(pid_file.lines().next()?.trim().parse().ok()?)?;
        (process.is_of(data_dir) && process.is_server()).then_some(Self { process })
    }

    pub fn pid(&self) -> u32 {
        self.process.pid
    }

    /// Asks for an immediate one, which is a crash in good order.
    pub fn quit(&self) {
        self.process.signal(Signal::QUIT);
    }
}

/// Stops the server of the cluster, if one runs, and returns whether one did.
pub(crate) fn stop(data_dir: &Path) -> Result<bool, Error> {
    let Some(postmaster) = Postmaster::of(data_dir) else {
        return Ok(false);
    };
    postmaster.process.signal(Signal::INT);
    let deadline = Instant::now() + STOPPED_WITHIN;
    while Postmaster::of(data_dir).is_some_and(|still| still.pid() == postmaster.pid()) {
        if Instant::now() > deadline {
            return Err(Error::DidNotStop {
                pid: postmaster.pid(),
                waited: STOPPED_WITHIN,
            });
        }
        std::thread::sleep(POLL);
    }
    Ok(true)
}

/// Ends every process of the cluster. To be called when its server is gone or
/// is to go: what is left of a killed server notices its death by itself, but
/// only when its present statement lets it.
pub(crate) fn end_all(data_dir: &Path) -> Result<(), Error> {
    for (signal, within) in [(Signal::QUIT, QUIT_WITHIN), (Signal::KILL, KILLED_WITHIN)] {
        let begun = Instant::now();
        let mut told = Vec::new();
        loop {
            let left = all_of(data_dir);
            let Some(first) = left.first() else {
                return Ok(());
            };
            if begun.elapsed() > within {
                tracing::warn!(
                    pid = first.pid,
                    ?signal,
                    "a process of a stopped PostgreSQL server does not end"
                );
                break;
            }
            for process in left.iter().filter(|process| !told.contains(&process.pid)) {
                process.signal(signal);
            }
            told = left.iter().map(|process| process.pid).collect();
            std::thread::sleep(POLL);
        }
    }
    match all_of(data_dir).first() {
        Some(process) => Err(Error::DidNotStop {
            pid: process.pid,
            waited: QUIT_WITHIN + KILLED_WITHIN,
        }),
        None => Ok(()),
    }
}

#[cfg(target_os = "linux")]
fn all_of(data_dir: &Path) -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .filter_map(Result::ok)
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(Process::open)
        .filter(|process| process.is_of(data_dir))
        .collect()
}

/// Elsewhere only the server is found by its lock file; its children end by
/// themselves and PostgreSQL guards the shared memory meanwhile.
#[cfg(not(target_os = "linux"))]
fn all_of(data_dir: &Path) -> Vec<Process> {
    Postmaster::of(data_dir)
        .map(|postmaster| postmaster.process)
        .into_iter()
        .collect()
}

/// A process that can be asked and signalled without becoming another one in
/// between: the number is tied to it before it is looked at.
#[derive(Debug)]
struct Process {
    pid: u32,
    #[cfg(target_os = "linux")]
    handle: std::os::fd::OwnedFd,
}

#[cfg(target_os = "linux")]
impl Process {
    fn open(pid: u32) -> Option<Self> {
        let number = Pid::from_raw(i32::try_from(pid).ok()?)?;
        let handle =
            rustix::process::pidfd_open(number, rustix::process::PidfdFlags::empty()).ok()?;
        Some(Self { pid, handle })
    }

    fn is_of(&self, data_dir: &Path) -> bool {
        let at = |name: &str| fs::read_link(format!("/proc/{}/{name}", self.pid));
        let is_postgres = |program: &Path| {
            // An upgrade leaves "postgres (deleted)".
            program
                .file_name()
                .and_then(|name| name.to_str())
                .is_some_and(|name| name.starts_with("postgres"))
        };
        let data_dir = data_dir.canonicalize();
        at("cwd").is_ok_and(|cwd| data_dir.is_ok_and(|data_dir| data_dir == cwd))
            && at("exe").is_ok_and(|program| is_postgres(&program))
    }

    fn is_server(&self) -> bool {
        // An empty command line is that of a process which has ended already.
        fs::read(format!("/proc/{}/cmdline", self.pid))
            .is_ok_and(|line| !line.is_empty() && !line.starts_with(b"postgres: "))
    }

    fn signal(&self, signal: Signal) {
        if let Err(error) = rustix::process::pidfd_send_signal(&self.handle, signal) {
            tracing::debug!(pid = self.pid, %error, "can't signal a PostgreSQL process");
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Process {
    fn open(pid: u32) -> Option<Self> {
        let number = Pid::from_raw(i32::try_from(pid).ok()?)?;
        rustix::process::test_kill_process(number)
            .ok()
            .map(|()| Self { pid })
    }

    /// Without /proc the command line has to do: the data directory is in the
    /// environment only, so the lock file's own word for it is believed.
    fn is_of(&self, _data_dir: &Path) -> bool {
        self.command_line().contains("postgres")
    }

    fn is_server(&self) -> bool {
        !self.command_line().starts_with("postgres: ")
    }

    fn command_line(&self) -> String {
        let output = std::process::Command::new("ps")
            .args(["-ww", "-o", "command=", "-p", &self.pid.to_string()])
            .output();
        output
            .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_string())
            .unwrap_or_default()
    }

    fn signal(&self, signal: Signal) {
        let number = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        if let Some(Err(error)) = number.map(|number| rustix::process::kill_process(number, signal))
        {
            tracing::debug!(pid = self.pid, %error, "can't signal a PostgreSQL process");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_process_in_the_lock_file_is_no_server() {
        let data_dir = tempfile::tempdir().unwrap();
        let pid_file = data_dir.path().join(PID_FILE);
        for content in [
            std::process::id().to_string(),
            "1".into(),
            "0".into(),
            "-5".into(),
            "x".into(),
            String::new(),
        ] {
            fs::write(&pid_file, &content).unwrap();
            assert!(Postmaster::of(data_dir.path()).is_none(), "{content:?}");
        }
    }

    #[test]
    fn a_process_that_only_stands_in_the_folder_is_left_alone() {
        let data_dir = tempfile::tempdir().unwrap();
        let mut sleeper = std::process::Command::new("sleep")
            .arg("60")
            .current_dir(data_dir.path())
            .spawn()
            .unwrap();
        end_all(data_dir.path()).unwrap();
        let alive = sleeper.try_wait().unwrap().is_none();
        sleeper.kill().unwrap();
        sleeper.wait().unwrap();
        assert!(alive);
    }
}
