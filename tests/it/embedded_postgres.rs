//! The private PostgreSQL under the faults that a machine has.

mod leftovers;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use catwing_embedded::{Home, Postgres, PostgresAddress, PostgresState, Scratch};
use tempfile::TempDir;

use crate::s3_processes::example;

/// An account that every system has and that owns nothing.
const NOBODY: u32 = 65534;
const GONE_WITHIN: Duration = Duration::from_secs(30);

/// A home of a test; its cluster is deleted with it, also after a panic.
struct TestHome {
    postgres: Postgres,
    home: Home,
    _dir: TempDir,
}

impl TestHome {
    fn new() -> Self {
        Self::at("home", 0o711)
    }

    /// A home at `name` below a temporary folder of these permissions.
    fn at(name: &str, mode: u32) -> Self {
        let dir = tempfile::Builder::new()
            .prefix("cw-")
            .permissions(fs::Permissions::from_mode(mode))
            .tempdir_in("/tmp")
            .unwrap();
        let home = Home::open(&dir.path().join(name)).unwrap();
        Self {
            postgres: Postgres::new(home.clone(), None),
            home,
            _dir: dir,
        }
    }

    fn up(&self) -> PostgresAddress {
        self.postgres.ensure_running().unwrap()
    }

    fn pid(&self) -> u32 {
        self.postgres.status().unwrap().pid.unwrap()
    }
}

impl Drop for TestHome {
    fn drop(&mut self) {
        if let Err(error) = self.postgres.remove() {
            eprintln!("can't remove a test cluster: {error}");
        }
    }
}

fn sql(address: &PostgresAddress, statement: &str) -> String {
    let psql = address.psql().unwrap();
    let output = Command::new(psql.program)
        .args(psql.args)
        .args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{statement}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().trim().to_string()
}

fn is_root() -> bool {
    // What we make is ours.
    let file = tempfile::NamedTempFile::new().unwrap();
    std::os::unix::fs::MetadataExt::uid(&file.as_file().metadata().unwrap()) == 0
}

fn wait_until_gone(pid: u32) {
    let begun = Instant::now();
    // A zombie has no program any more.
    while fs::read_link(format!("/proc/{pid}/exe")).is_ok() {
        assert!(begun.elapsed() < GONE_WITHIN, "{pid} does not end");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_start_is_made_once_and_a_stop_too() {
    let test = TestHome::new();
    assert_eq!(test.postgres.status().unwrap().state, PostgresState::Absent);
    assert!(!test.postgres.stop().unwrap());
    let first = test.up();
    let pid = test.pid();
    sql(&first, "create table t as select 1 as n");
    assert_eq!(test.up(), first);
    assert_eq!(test.pid(), pid, "the second call started another server");
    let status = test.postgres.status().unwrap();
    assert_eq!(status.state, PostgresState::Running);
    assert_eq!(status.url.as_deref(), Some(first.url.as_str()));

    assert!(test.postgres.stop().unwrap());
    wait_until_gone(pid);
    assert_eq!(
        test.postgres.status().unwrap().state,
        PostgresState::Stopped
    );
    assert!(!test.postgres.stop().unwrap());
    assert_eq!(sql(&test.up(), "select n from t"), "1");
}

#[test]
fn the_server_is_set_up_as_the_rest_relies_on() {
    let scratch = Scratch::start(None).unwrap();
    let show = |name: &str| sql(scratch.address(), &format!("show {name}"));
    assert_eq!(show("server_encoding"), "UTF8");
    assert_eq!(show("timezone"), "UTC");
    assert_eq!(show("data_checksums"), "on");
    assert_eq!(show("fsync"), "on");
    assert_eq!(show("listen_addresses"), "");
    assert_eq!(
        sql(
            scratch.address(),
            "select datcollate from pg_database where datname = 'postgres'"
        ),
        "C"
    );
    assert_eq!(
        scratch.address().version,
        show("server_version").split(' ').next().unwrap()
    );
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&scratch.address().socket_dir), 0o700);
    assert_eq!(mode(&scratch.address().data_dir), 0o700);
    let (path, pid) = (
        scratch.home().path().to_path_buf(),
        scratch.postgres().status().unwrap().pid.unwrap(),
    );
    drop(scratch);
    assert!(!path.exists());
    wait_until_gone(pid);
}

#[test]
fn homes_stand_side_by_side() {
    let (a, b) = (TestHome::new(), TestHome::new());
    let (at_a, at_b) = (a.up(), b.up());
    assert_ne!(at_a.url, at_b.url);
    sql(&at_a, "create table only_here (n int)");
    assert_eq!(sql(&at_b, "select to_regclass('only_here') is null"), "t");
    a.postgres.stop().unwrap();
    assert_eq!(sql(&at_b, "select 1"), "1");
}

#[test]
fn four_at_once_get_the_same_server() {
    let test = TestHome::new();
    let addresses: Vec<_> = thread::scope(|scope| {
        let callers: Vec<_> = (0..4).map(|_| scope.spawn(|| test.up())).collect();
        callers
            .into_iter()
            .map(|caller| caller.join().unwrap())
            .collect()
    });
    assert!(addresses.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(sql(&addresses[0], "select 1"), "1");
}

#[test]
fn long_and_odd_paths_work() {
    for name in [
        format!("{}/{}/home", "d".repeat(100), "e".repeat(100)),
        "it's \"a\" $HOME, двор".into(),
    ] {
        let test = TestHome::at(&name, 0o711);
        let address = test.up();
        assert!(address.socket_dir.as_os_str().len() < 100);
        assert_eq!(sql(&address, "select 1"), "1", "{name}");
        let socket_dir = address.socket_dir.clone();
        test.postgres.remove().unwrap();
        assert!(!socket_dir.exists());
    }
}

#[test]
fn a_moved_home_finds_its_cluster() {
    let test = TestHome::new();
    sql(&test.up(), "create table t as select 1 as n");
    let moved_path = test.home.path().with_file_name("moved");
    fs::rename(test.home.path(), &moved_path).unwrap();
    let moved = Postgres::new(Home::open(&moved_path).unwrap(), None);
    let address = moved.ensure_running().unwrap();
    assert_eq!(sql(&address, "select n from t"), "1");
    moved.remove().unwrap();
}

#[test]
fn root_below_a_private_folder_keeps_the_cluster_elsewhere() {
    if !is_root() {
        catwing_tests::skip("only root drops to another account").unwrap();
        return;
    }
    let test = TestHome::at("home", 0o700);
    let address = test.up();
    assert!(!address.data_dir.starts_with(test.home.path()));
    assert_eq!(
        test.postgres.status().unwrap().data_dir.as_ref(),
        Some(&address.data_dir)
    );
    sql(&address, "create table t as select 1 as n");
    test.postgres.stop().unwrap();
    assert_eq!(sql(&test.up(), "select n from t"), "1");
    test.postgres.remove().unwrap();
    assert!(!address.data_dir.exists());
    assert_eq!(test.postgres.status().unwrap().state, PostgresState::Absent);
}

#[test]
fn an_ordinary_user_runs_it_too() {
    if !is_root() {
        catwing_tests::skip("the other tests run as an ordinary user already").unwrap();
        return;
    }
    let dir = tempfile::tempdir_in("/tmp").unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    std::os::unix::fs::chown(dir.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    let program = dir.path().join("embedded");
    fs::copy(example().unwrap(), &program).unwrap();
    let home = dir.path().join("home");
    let run = |verb: &str| {
        let mut command = Command::new(&program);
        command
            .arg(verb)
            .arg(&home)
            .uid(NOBODY)
            .gid(NOBODY)
            .current_dir("/")
            .env("HOME", "/nonexistent");
        let output = command.output().unwrap();
        assert!(
            output.status.success(),
            "{verb}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    let url = run("up");
    assert_eq!(run("up"), url);
    let data_dir = home.join("postgres/data");
    assert_eq!(
        std::os::unix::fs::MetadataExt::uid(&fs::metadata(&data_dir).unwrap()),
        NOBODY
    );
    // Root finds the user's cluster and leaves it to the user.
    let as_root = Postgres::new(Home::open(&home).unwrap(), None);
    assert_eq!(as_root.ensure_running().unwrap().url, url.trim());
    assert_eq!(run("down"), "stopped\n");
    as_root.ensure_running().unwrap();
    assert_eq!(run("down"), "stopped\n");
    run("remove");
}

#[test]
fn a_template_makes_clusters_with_its_content() {
    let source = Scratch::start(None).unwrap();
    sql(source.address(), "create table t as select 1 as n");
    let dir = tempfile::tempdir().unwrap();
    let template: PathBuf = dir.path().join("template");
    assert!(
        source.postgres().save_template(&template).is_err(),
        "a running cluster can't be copied"
    );
    source.postgres().stop().unwrap();
    source.postgres().save_template(&template).unwrap();
    source.postgres().save_template(&template).unwrap();
    let (a, b) = (
        Scratch::start_copy_of(&template, None).unwrap(),
        Scratch::start_copy_of(&template, None).unwrap(),
    );
    sql(a.address(), "insert into t values (2)");
    assert_eq!(sql(b.address(), "select count(*) from t"), "1");
}
