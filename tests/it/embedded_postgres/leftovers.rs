//! What a killed server leaves, and what time and other hands make of it.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Instant;

use catwing_embedded::{PostgresAddress, PostgresState};

use super::{GONE_WITHIN, TestHome, is_root, sql, wait_until_gone};

#[test]
fn data_survives_a_kill_of_everything() {
    let test = TestHome::new();
    let address = test.up();
    sql(&address, "create table t (n int)");
    for round in 1..=3 {
        sql(
            &address,
            "insert into t select * from generate_series(1, 10000)",
        );
        let pid = test.pid();
        let all = [vec![pid], children(pid)].concat();
        kill(&all);
        assert!(address.data_dir.join("postmaster.pid").exists());
        assert!(address.socket_dir.join(".s.PGSQL.5432").exists());
        assert_eq!(
            sql(&test.up(), "select count(*) from t"),
            (10_000 * round).to_string()
        );
    }
}

#[test]
fn orphans_of_a_killed_server_do_not_get_in_the_way() {
    let test = TestHome::new();
    let address = test.up();
    sql(&address, "create table t as select 1 as n");
    let psql = address.psql().unwrap();
    // A statement that does not look around for a dead parent.
    let busy = "do $$ begin for i in 1..2000000000 loop end loop; end $$";
    let mut session = Command::new(psql.program)
        .args(psql.args)
        .args(["-Xqc", busy])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while sql(
        &address,
        "select count(*) from pg_stat_activity where query like 'do %' and state = 'active'",
    ) != "1"
    {
        assert!(begun.elapsed() < GONE_WITHIN);
    }
    kill(&[test.pid()]);
    assert_eq!(sql(&test.up(), "select n from t"), "1");
    session.wait().unwrap();
}

#[test]
fn a_server_that_lost_its_socket_gets_a_new_one() {
    let test = TestHome::new();
    let address = test.up();
    fs::remove_file(address.socket_dir.join(".s.PGSQL.5432")).unwrap();
    assert_eq!(sql(&test.up(), "select 1"), "1");
}

#[test]
fn a_killed_initdb_leaves_nothing_that_counts() {
    let test = TestHome::new();
    let leftover = test.home.postgres().join("data.new-killed");
    fs::create_dir_all(&leftover).unwrap();
    fs::set_permissions(test.home.postgres(), fs::Permissions::from_mode(0o711)).unwrap();
    fs::write(leftover.join("PG_VERSION"), "15\n").unwrap();
    assert_eq!(test.postgres.status().unwrap().state, PostgresState::Absent);
    assert_eq!(sql(&test.up(), "select 1"), "1");
    assert!(!leftover.exists());
}

#[test]
fn a_stale_pid_of_a_foreign_process_is_nobody_of_ours() {
    let test = TestHome::new();
    let address = test.up();
    sql(&address, "create table t as select 1 as n");
    test.postgres.stop().unwrap();
    // As the same account as the server, which PostgreSQL's own check takes for
    // another server.
    let owner = fs::metadata(&address.data_dir).unwrap().uid();
    let mut command = Command::new("sleep");
    if is_root() {
        command.uid(owner);
    }
    let mut foreigner = command.arg("300").current_dir("/").spawn().unwrap();
    leave_behind(&address, &lock_file_of(foreigner.id(), &address));
    assert_eq!(
        test.postgres.status().unwrap().state,
        PostgresState::Stopped
    );
    assert!(
        !test.postgres.stop().unwrap(),
        "it claims to have stopped a foreign process"
    );
    assert!(
        foreigner.try_wait().unwrap().is_none(),
        "a foreign process was stopped"
    );
    assert_eq!(sql(&test.up(), "select n from t"), "1");
    assert!(foreigner.try_wait().unwrap().is_none());
    foreigner.kill().unwrap();
    foreigner.wait().unwrap();
}

/// After a crash the number of this home's server may be that of another home's,
/// which a process's name and account can't tell from it.
#[test]
fn a_stale_pid_of_another_homes_server_is_left_to_that_home() {
    let (test, other) = (TestHome::new(), TestHome::new());
    let (address, at_other) = (test.up(), other.up());
    sql(&address, "create table t as select 1 as n");
    test.postgres.stop().unwrap();
    leave_behind(&address, &lock_file_of(other.pid(), &address));
    let pid = other.pid();
    assert!(!test.postgres.stop().unwrap());
    assert_eq!(sql(&test.up(), "select n from t"), "1");
    test.postgres.remove().unwrap();
    assert_eq!(other.pid(), pid);
    assert_eq!(sql(&at_other, "select 1"), "1");
}

/// A crash of the machine may leave files without their content.
#[test]
fn lock_files_without_sense_do_not_get_in_the_way() {
    let test = TestHome::new();
    let address = test.up();
    sql(&address, "create table t as select 1 as n");
    for content in ["", "\0\0\0\0", "-1\n", "999999999999\n"] {
        test.postgres.stop().unwrap();
        leave_behind(&address, content);
        // Not even a socket.
        fs::write(address.socket_dir.join(".s.PGSQL.5432"), "").unwrap();
        assert_eq!(sql(&test.up(), "select n from t"), "1", "{content:?}");
    }
}

#[test]
fn a_data_directory_of_somebody_else_is_refused_and_left_alone() {
    if !is_root() {
        catwing_tests::skip("only root can give files away").unwrap();
        return;
    }
    let test = TestHome::new();
    let address = test.up();
    sql(&address, "create table t as select 1 as n");
    test.postgres.stop().unwrap();
    let owner = fs::metadata(&address.data_dir).unwrap().uid();
    chown(&address.data_dir, Some(0), None).unwrap();
    let refusal = test.postgres.ensure_running().unwrap_err().to_string();
    assert!(
        refusal.contains(address.data_dir.to_str().unwrap()),
        "{refusal}"
    );
    chown(&address.data_dir, Some(owner), None).unwrap();
    assert_eq!(sql(&test.up(), "select n from t"), "1");
}

/// What a server of this number would have written into its lock files.
fn lock_file_of(pid: u32, address: &PostgresAddress) -> String {
    format!(
        "{pid}\n{}\n1\n5432\n{}\n\n\nready\n",
        address.data_dir.display(),
        address.socket_dir.display()
    )
}

/// Puts lock files of this content where a killed server leaves its own.
fn leave_behind(address: &PostgresAddress, content: &str) {
    let owner = fs::metadata(&address.data_dir).unwrap().uid();
    for path in [
        address.data_dir.join("postmaster.pid"),
        address.socket_dir.join(".s.PGSQL.5432.lock"),
    ] {
        fs::write(&path, content).unwrap();
        if is_root() {
            chown(&path, Some(owner), None).unwrap();
        }
    }
}

/// Kills processes at once. One that has just ended by itself, as a session's does, is as dead.
fn kill(pids: &[u32]) {
    let numbers = pids.iter().map(u32::to_string);
    let killed = Command::new("/bin/kill")
        .arg("-KILL")
        .args(numbers)
        .output();
    killed.unwrap();
    pids.iter().for_each(|pid| wait_until_gone(*pid));
}

fn children(pid: u32) -> Vec<u32> {
    let list = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    list.split_whitespace()
        .map(|pid| pid.parse().unwrap())
        .collect()
}
