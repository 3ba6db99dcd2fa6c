use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why an embedded server could not be found, started or stopped. Each says
/// what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The home could not be made or resolved.
    #[error("can't use {} as the home; choose a writable folder with CATWING_HOME", .path.display())]
    OpenHome {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The S3 server's folder could not be opened.
    #[error("can't serve {} over S3; check that the folder is writable and on a local file system", .path.display())]
    OpenStore {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No loopback port.
    #[error("can't listen on 127.0.0.1; check that the loopback interface is up")]
    Listen {
        /// What the system said.
        source: io::Error,
    },
    /// No source of random bytes for credentials.
    #[error("can't read /dev/urandom; mount /dev")]
    Randomness {
        /// What the system said.
        source: io::Error,
    },
    /// No PostgreSQL server on this machine.
    #[error(
        "no PostgreSQL server (version {oldest} or newer) was found; `catwing doctor` prints the command that installs one"
    )]
    NoBinaries {
        /// The oldest major version that will do.
        oldest: u32,
    },
    /// The folder that was named for PostgreSQL's programs lacks some.
    #[error("{} has no `{program}`; set CATWING_PG_BIN to the folder with postgres, initdb and pg_ctl", .dir.display())]
    IncompleteBinaries {
        /// The folder.
        dir: PathBuf,
        /// The first program that is missing.
        program: &'static str,
    },
    /// A PostgreSQL program did not say its version.
    #[error("{} does not run here; install PostgreSQL anew or set CATWING_PG_BIN", .program.display())]
    UnusableBinary {
        /// The program.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The cluster was made by a major version that is not installed.
    #[error(
        "the cluster in {} is of PostgreSQL {cluster}, but this machine has {found}; install PostgreSQL {cluster}, or move the folder away and rebuild the database from raw", .data_dir.display()
    )]
    OtherMajor {
        /// The cluster's data directory.
        data_dir: PathBuf,
        /// The cluster's major version.
        cluster: u32,
        /// The major versions that were found.
        found: String,
    },
    /// Root must not run PostgreSQL, and there is nobody to drop to.
    #[error(
        "PostgreSQL refuses to run as root and there is no account `postgres` or `nobody`; create one: useradd --system postgres"
    )]
    NoAccount,
    /// The unprivileged account can't run the server's programs.
    #[error("the account `{account}` can't run {}; move PostgreSQL's programs to a folder that it can enter", .program.display())]
    UnreachableBinary {
        /// The account.
        account: String,
        /// The program.
        program: PathBuf,
    },
    /// Another user's folder is where ours should be.
    #[error("{} is not ours (its owner or its permissions are wrong); remove it", .path.display())]
    ForeignFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The home was copied: the recorded cluster is that of the original.
    #[error(
        "the cluster in {} belongs to the home {}; delete {} to begin with an empty database and rebuild it from raw", .cluster.display(), .owner.display(), .record.display()
    )]
    ClusterOfAnotherHome {
        /// The cluster.
        cluster: PathBuf,
        /// The home that it belongs to.
        owner: PathBuf,
        /// The file in this home that names the cluster.
        record: PathBuf,
    },
    /// A file or folder of the cluster could not be read or written.
    #[error("failed to {action} {}; check its permissions and the free disk space", .path.display())]
    Files {
        /// What was tried, as a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A program of PostgreSQL failed.
    #[error("`{program}` failed: {output}")]
    Program {
        /// The program's name.
        program: &'static str,
        /// The end of what it said.
        output: String,
    },
    /// The server ended before it was ready.
    #[error("PostgreSQL did not start; the end of {}:\n{tail}", .log.display())]
    DidNotStart {
        /// The server's log.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },
    /// The server did not get ready in time.
    #[error("PostgreSQL was not ready after {} s (a long crash recovery?); wait and repeat the command, or read {}", .waited.as_secs(), .log.display())]
    NotReady {
        /// How long was waited.
        waited: Duration,
        /// The server's log.
        log: PathBuf,
    },
    /// The server or one of its processes did not end.
    #[error("PostgreSQL (process {pid}) did not stop within {} s; look at what it is doing, then repeat the command", .waited.as_secs())]
    DidNotStop {
        /// The process.
        pid: u32,
        /// How long was waited.
        waited: Duration,
    },
    /// A cluster that runs, or was not stopped in order, can't be a template.
    #[error("the cluster in {} is running or was not stopped in order; stop it before it is copied", .data_dir.display())]
    TemplateInUse {
        /// The data directory.
        data_dir: PathBuf,
    },
}

impl Error {
    /// For `map_err` on operations on one path.
    pub(crate) fn files(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Files {
            action,
            path,
            source,
        }
    }
}
