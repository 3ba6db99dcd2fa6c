//! A PostgreSQL of the benchmark's own, with settings that are stated, on a socket that only we use.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::meter::{foreign_variables, tail};
use super::processes;
use crate::workspace::execute;

/// What differs from PostgreSQL's own defaults, and is told with every figure. Without autovacuum all CPU of
/// the server is that of the figure; without checkpoints in between, figures do not pay for each other.
const SETTINGS: [(&str, &str); 5] = [
    ("shared_buffers", "512MB"),
    ("max_wal_size", "8GB"),
    ("checkpoint_timeout", "30min"),
    ("autovacuum", "off"),
    ("fsync", "on"),
];
/// Where only the form of the figures counts: disks need not be waited for.
const OF_FORM: (&str, &str) = ("fsync", "off");
/// Accounts that root runs the server as, best first: PostgreSQL refuses to run as root.
const ACCOUNTS: [&str; 3] = ["postgres", "_postgres", "nobody"];
/// Where distributions put the versions side by side.
const VERSIONS: &str = "/usr/lib/postgresql";
/// A socket's path has at most 107 bytes, of which its name takes 20.
const SOCKET_DIR_BYTES_MAX: usize = 84;
const READY_WITHIN: Duration = Duration::from_secs(120);
const SUPERUSER: &str = "postgres";

/// A running server. It stops when this is dropped.
pub struct Server {
    child: Child,
    bin: PathBuf,
    data: PathBuf,
    socket_dir: PathBuf,
    account: Option<(u32, u32)>,
    /// Children of a server that serves nobody.
    idle_children: usize,
    settings: BTreeMap<&'static str, &'static str>,
}

impl Server {
    /// Starts the cluster in a folder, which is made where it is not there. For the form of figures alone it
    /// does not wait for disks.
    ///
    /// # Errors
    /// Where PostgreSQL is not installed, or does not start.
    pub fn start(folder: &Path, is_for_form: bool) -> Result<Self> {
        let mut settings = BTreeMap::from(SETTINGS);
        if is_for_form {
            settings.extend([OF_FORM]);
        }
        let bin = programs()?;
        let account = account()?;
        let (data, socket_dir) = (folder.join("postgres"), folder.join("socket"));
        ensure!(
            socket_dir.as_os_str().len() <= SOCKET_DIR_BYTES_MAX,
            "{} is too long for a socket: give --keep a folder with a shorter path",
            socket_dir.display()
        );
        for dir in [&data, &socket_dir] {
            own(dir, account)?;
        }
        if !data.join("PG_VERSION").is_file() {
            initialize(&bin, &data, account)?;
        }
        if data.join("postmaster.pid").is_file() {
            // Left by a benchmark that was killed: the folder is ours alone.
            execute(&mut stop_command(&bin, &data, account)).ok();
        }
        let log = fs::File::create(folder.join("postgres.log"))?;
        let mut command = as_account(bin.join("postgres"), account);
        command.arg("-D").arg(&data).arg("-k").arg(&socket_dir);
        command.args(["-c", "listen_addresses=", "-c", "max_connections=200"]);
        for (name, value) in &settings {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .context("cannot start postgres")?;
        let mut server = Self {
            child,
            bin,
            data,
            socket_dir,
            account,
            idle_children: 0,
            settings,
        };
        server.wait(&folder.join("postgres.log"))?;
        let idle = "select count(*) from pg_stat_activity \
                    where backend_type not in ('client backend', 'parallel worker')";
        server.idle_children = server.sql("postgres", idle)?.parse()?;
        Ok(server)
    }

    fn wait(&mut self, log: &Path) -> Result<()> {
        let begun = Instant::now();
        while self.sql("postgres", "select 1").is_err() {
            let ended = self.child.try_wait()?;
            if ended.is_some() || begun.elapsed() > READY_WITHIN {
                let said = fs::read_to_string(log).unwrap_or_default();
                bail!(
                    "PostgreSQL does not answer in {}; its log ends:\n{}",
                    self.data.display(),
                    tail(&said)
                );
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// How a client finds a database.
    pub fn url(&self, database: &str) -> String {
        let host = self.socket_dir.display();
        format!("postgres://{SUPERUSER}@localhost/{database}?host={host}")
    }

    /// A client program of the server's own version, pointed at a database.
    pub fn client(&self, program: &str, database: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        for name in foreign_variables() {
            command.env_remove(name);
        }
        command
            .env("PGHOST", &self.socket_dir)
            .env("PGUSER", SUPERUSER)
            .env("PGDATABASE", database)
            .env("LC_ALL", "C.UTF-8");
        command
    }

    /// `psql` that stops at the first error, whatever the user's own settings are.
    pub fn psql(&self, database: &str) -> Command {
        let mut command = self.client("psql", database);
        command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1"]);
        command
    }

    /// Runs SQL and gives what it answers, a line a row, columns parted by `|`.
    ///
    /// # Errors
    /// What psql says.
    pub fn sql(&self, database: &str, sql: &str) -> Result<String> {
        let mut child = self
            .psql(database)
            .args(["-A", "-t", "-f", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start psql")?;
        if let Some(mut stdin) = child.stdin.take() {
            // Where psql ended early, what it said is the better error.
            let _ = stdin.write_all(sql.as_bytes());
        }
        let output = child.wait_with_output()?;
        if !output.status.success() {
            bail!(
                "SQL failed on {database}: {}\n{}",
                tail(&String::from_utf8_lossy(&output.stderr)),
                sql.chars().take(500).collect::<String>()
            );
        }
        Ok(String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned())
    }

    /// Whether there is such a database.
    pub fn has(&self, database: &str) -> Result<bool> {
        let sql = format!("select count(*) from pg_database where datname = '{database}'");
        Ok(self.sql("postgres", &sql)? == "1")
    }

    /// Makes a database as a copy of another; one of that name goes.
    pub fn copy(&self, template: &str, database: &str) -> Result<()> {
        self.drop(database)?;
        let sql = format!(
            "create database {database} template {template} strategy file_copy;\ncheckpoint;"
        );
        self.sql("postgres", &sql).map(|_| ())
    }

    /// Removes a database, if it is there.
    pub fn drop(&self, database: &str) -> Result<()> {
        let sql = format!("drop database if exists {database} with (force)");
        self.sql("postgres", &sql).map(|_| ())
    }

    /// Gives a database its name when it is whole, so that a killed run leaves none that looks so.
    pub fn name(&self, database: &str, name: &str) -> Result<()> {
        let sql = format!("alter database {database} rename to {name}");
        self.sql("postgres", &sql).map(|_| ())
    }

    /// CPU seconds of all processes of the server since its start, once its sessions have ended.
    pub fn cpu_seconds(&self) -> Result<f64> {
        let begun = Instant::now();
        while processes::count_children(self.child.id())? > self.idle_children {
            if begun.elapsed() > READY_WITHIN {
                bail!("sessions of the server do not end: is somebody else using it?");
            }
            thread::sleep(Duration::from_millis(2));
        }
        self.cpu_seconds_now()
    }

    /// The same, whoever is still at work.
    pub fn cpu_seconds_now(&self) -> Result<f64> {
        processes::tree_seconds(self.child.id())
    }

    /// Changes a setting, and returns when new sessions have it.
    pub fn configure(&self, name: &str, value: &str) -> Result<()> {
        let sql = format!("alter system set {name} to '{value}';\nselect pg_reload_conf();");
        self.sql("postgres", &sql)?;
        let begun = Instant::now();
        let question = format!("select current_setting('{name}') = '{value}'");
        while self.sql("postgres", &question)? != "t" {
            if begun.elapsed() > READY_WITHIN {
                bail!("PostgreSQL does not take {name} = {value}");
            }
        }
        Ok(())
    }

    /// Bytes that were ever written to the log of changes.
    pub fn log_position(&self) -> Result<u64> {
        let sql = "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint";
        let answer = self.sql("postgres", sql)?;
        answer
            .parse()
            .with_context(|| format!("the server says {answer:?} for a position in its log"))
    }

    /// What differs from PostgreSQL's own defaults.
    pub fn settings(&self) -> BTreeMap<&'static str, &'static str> {
        self.settings.clone()
    }

    /// The server's version.
    pub fn version(&self) -> Result<String> {
        self.sql("postgres", "show server_version")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut stop = stop_command(&self.bin, &self.data, self.account);
        if execute(&mut stop).is_err() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

fn stop_command(bin: &Path, data: &Path, account: Option<(u32, u32)>) -> Command {
    let mut stop = as_account(bin.join("pg_ctl"), account);
    stop.arg("stop").arg("-D").arg(data);
    stop.args(["-m", "fast", "-s", "-w"]).stdin(Stdio::null());
    stop
}

/// The folder of the newest server programs.
fn programs() -> Result<PathBuf> {
    if let Some(dir) = std::env::var_os("CATWING_PG_BIN") {
        return Ok(PathBuf::from(dir));
    }
    let versions = fs::read_dir(VERSIONS).map(|entries| {
        entries
            .filter_map(Result::ok)
            .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
            .filter(|version| {
                Path::new(VERSIONS)
                    .join(format!("{version}/bin/postgres"))
                    .is_file()
            })
            .max()
    });
    match versions {
        Ok(Some(version)) => Ok(Path::new(VERSIONS).join(format!("{version}/bin"))),
        _ => bail!(
            "no PostgreSQL in {VERSIONS}: as root, apt-get install postgresql; or name the folder of its \
             programs in CATWING_PG_BIN"
        ),
    }
}

/// Whom root runs the server as; nobody else changes who he is.
fn account() -> Result<Option<(u32, u32)>> {
    let id = Command::new("id")
        .arg("-u")
        .output()
        .context("cannot run `id -u`")?;
    if id.stdout.trim_ascii() != b"0" {
        return Ok(None);
    }
    let accounts = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
    match ACCOUNTS
        .iter()
        .find_map(|name| find_account(&accounts, name))
    {
        Some(found) => Ok(Some(found)),
        None => bail!(
            "PostgreSQL does not run as root, and none of the accounts {} is there: add one, or run this as \
             somebody else",
            ACCOUNTS.join(", ")
        ),
    }
}

fn find_account(accounts: &str, name: &str) -> Option<(u32, u32)> {
    let line = accounts
        .lines()
        .find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

fn as_account(program: impl AsRef<std::ffi::OsStr>, account: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/").env("LC_ALL", "C.UTF-8");
    for name in foreign_variables() {
        command.env_remove(name);
    }
    if let Some((user, group)) = account {
        command.uid(user).gid(group);
    }
    command
}

/// Makes a private folder of the account's.
fn own(dir: &Path, account: Option<(u32, u32)>) -> Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let make = || -> std::io::Result<()> {
        fs::create_dir_all(dir)?;
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700))?;
        match account {
            Some((user, group)) => chown(dir, Some(user), Some(group)),
            None => Ok(()),
        }
    };
    make().with_context(|| format!("cannot make {}", dir.display()))
}

fn initialize(bin: &Path, data: &Path, account: Option<(u32, u32)>) -> Result<()> {
    let mut command = as_account(bin.join("initdb"), account);
    command.arg("-D").arg(data);
    command.args([
        "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8",
    ]);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    execute(&mut command).with_context(|| {
        format!(
            "initdb failed; PostgreSQL runs as another account than root, which must be able to enter {}",
            data.display()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_found_by_their_whole_name() {
        let accounts = "root:x:0:0::/root:/bin/sh\npostgres2:x:7:7::/:/bin/sh\npostgres:x:101:104::/:/bin/sh\n";
        assert_eq!(find_account(accounts, "postgres"), Some((101, 104)));
        assert_eq!(find_account(accounts, "nobody"), None);
        assert_eq!(find_account("nobody:x:y:z", "nobody"), None);
    }
}
