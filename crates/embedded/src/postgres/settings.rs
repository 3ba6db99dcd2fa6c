//! How the private server is run.

use std::path::{Path, PathBuf};

/// The port only names the socket: nothing listens on the network.
const PORT: u16 = 5432;

/// A cluster that sorts and compares in the same way on every machine.
///
/// `trust` is safe here: the only way in is the unix socket, and its folder can
/// be entered by the user who runs the server (and root) alone, who could read
/// the data files anyway. So the folder's permissions are the password.
pub(crate) const INITDB: [&str; 7] = [
    "--username=postgres",
    "--encoding=UTF8",
    "--locale=C",
    "--data-checksums",
    "--auth-local=trust",
    "--auth-host=reject",
    "--no-instructions",
];

/// For a machine of 2 cores and 4 GiB or more, whose load is bulk loading.
/// They are given on the command line, which outranks every file and ALTER
/// SYSTEM, so that `fsync` and the time zone are what we rely on.
const SETTINGS: [(&str, &str); 23] = [
    ("listen_addresses", ""),
    ("unix_socket_permissions", "0700"),
    ("fsync", "on"),
    ("full_page_writes", "on"),
    ("synchronous_commit", "on"),
    // Nothing is ever replicated from here, and a COPY into a table of the same
    // transaction need not go through the log.
    ("wal_level", "minimal"),
    ("max_wal_senders", "0"),
    ("wal_compression", "on"),
    ("max_wal_size", "4GB"),
    ("min_wal_size", "128MB"),
    ("checkpoint_timeout", "15min"),
    ("shared_buffers", "256MB"),
    ("maintenance_work_mem", "256MB"),
    ("work_mem", "32MB"),
    ("effective_cache_size", "4GB"),
    ("random_page_cost", "1.1"),
    ("jit", "off"),
    // A dump locks every table of every tenant's schemas.
    ("max_locks_per_transaction", "512"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    ("lc_messages", "C"),
    ("logging_collector", "off"),
    ("log_destination", "stderr"),
];

/// The options of `postgres` as one string for `pg_ctl -o`, which pastes it into
/// a shell's command line: hence the quotes. The folder has plain characters only.
pub(crate) fn server_options(socket_dir: &Path) -> String {
    let mut options = format!(
        "-p {PORT} -c 'unix_socket_directories={}'",
        socket_dir.display()
    );
    for (name, value) in SETTINGS {
        options.push_str(&format!(" -c '{name}={value}'"));
    }
    options
}

/// The connection address of a server in this folder.
pub(crate) fn url(socket_dir: &Path) -> String {
    format!(
        "postgres://postgres@localhost/postgres?host={}",
        socket_dir.display()
    )
}

/// The socket's file.
pub(crate) fn socket(socket_dir: &Path) -> PathBuf {
    socket_dir.join(format!(".s.PGSQL.{PORT}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durability_and_privacy_are_not_left_to_files() {
        let options = server_options(Path::new("/tmp/x"));
        for setting in [
            "'fsync=on'",
            "'full_page_writes=on'",
            "'synchronous_commit=on'",
            "'listen_addresses='",
        ] {
            assert!(options.contains(setting), "{setting}");
        }
        assert!(options.contains("'unix_socket_directories=/tmp/x'"));
    }
}
