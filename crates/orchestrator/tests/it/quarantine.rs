//! Refused records and how they come back, by the commands that a person uses.

use std::{io::Write, process::Stdio};

use catwing_domain::failpoint::{LOAD_BEFORE_COMMIT, RAW_AFTER_SEAL};
use serde_json::Value;

use crate::command::{CLIENT, Home, Said, document, text};

const DAY: &str = "2026-01-05";
const NEXT_DAY: &str = "2026-01-06";
const SIGABRT: i32 = 6;

/// A home whose tenant was delivered two documents, one of which sells less than nothing.
fn with_a_refused_record() -> (Home, String) {
    let home = Home::new();
    home.add_tenant();
    let documents = format!("[{},{}]", document("A", DAY, 3), document("B", DAY, -1));
    home.import(DAY, "sales_orders.json", &documents);
    home.json(&["backfill", "--client", CLIENT]);
    let listed = quarantine(&home, "list", &[]);
    let position = listed["records"][0]["position"].to_string();
    (home, position)
}

fn quarantine(home: &Home, what: &str, arguments: &[&str]) -> Value {
    home.json(&[&["quarantine", what, "--client", CLIENT], arguments].concat())
}

/// Corrects a record, from stdin.
fn fix(home: &Home, position: &str, correction: &str, more: &[&str]) -> Said {
    fix_at(home, position, (correction, more), None)
}

fn fix_at(
    home: &Home,
    position: &str,
    (correction, more): (&str, &[&str]),
    failpoint: Option<&str>,
) -> Said {
    let arguments = [
        "quarantine",
        "fix",
        "--client",
        CLIENT,
        position,
        "--with",
        "-",
    ];
    let by = ["--by", "ana@shop.example", "--json"];
    let mut command = home.command(&[&arguments[..], &by, more].concat());
    if let Some(point) = failpoint {
        command.env("CATWING_FAILPOINT", point);
    }
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("catwing starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(correction.as_bytes()).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("catwing ends");
    if failpoint.is_some() {
        use std::os::unix::process::ExitStatusExt;
        assert_eq!(output.status.signal(), Some(SIGABRT), "{output:?}");
    }
    Said::of(output)
}

fn digest(home: &Home) -> Value {
    home.json(&["digest", "--client", CLIENT])["digest"].take()
}

#[test]
fn a_refused_record_comes_back_by_a_correction_and_a_rebuild_repeats_it() {
    let (home, position) = with_a_refused_record();
    let raw = home.run(&["quarantine", "show", "--client", CLIENT, "--raw", &position]);
    assert_eq!(raw.out.trim_end(), document("B", DAY, -1));

    // Judged before it is sealed: what would be refused again leaves no trace.
    let wrong = fix(&home, &position, &document("B", DAY, -2), &[]);
    assert_eq!(wrong.code, 2, "{wrong:?}");
    assert!(
        wrong.err.contains("lines[0].qty") && wrong.err.contains("nothing is sealed"),
        "{wrong:?}"
    );
    let good = raw.out.replace("\"qty\":-1", "\"qty\":1");
    let tried = fix(&home, &position, &good, &["--dry-run"]);
    assert_eq!((tried.code, &tried.json()["sealed"]), (0, &Value::Null));
    assert_eq!(home.json(&["status"])["tenants"][0]["entries"], 1);

    let fixed = fix(&home, &position, &good, &[]);
    assert_eq!(
        (fixed.code, &fixed.json()["sealed"]),
        (0, &2.into()),
        "{fixed:?}"
    );
    assert_eq!(fixed.json()["loaded"], true);
    assert_eq!(quarantine(&home, "list", &[])["total"], 0);
    assert_eq!(quarantine(&home, "list", &["--all"])["total"], 1);
    let counts = quarantine(&home, "counts", &["--per", "day"]);
    let one = &counts["counts"][0];
    assert_eq!(
        (&one["period"], &one["rule"]),
        (&DAY.into(), &"range".into())
    );
    assert_eq!((&one["records"], &one["corrected"]), (&1.into(), &1.into()));
    let again = fix(&home, &position, &good, &[]);
    assert!(
        again.code == 2 && again.err.contains("ana@shop.example"),
        "{again:?}"
    );

    home.json(&["stats", "refresh", "--client", CLIENT]);
    let before = digest(&home);
    home.json(&["recovery", "rebuild", "--client", CLIENT, "--yes"]);
    assert_eq!(digest(&home), before);
    assert_eq!(quarantine(&home, "list", &[])["total"], 0);
}

#[test]
fn a_correction_never_overwrites_what_is_newer() {
    let (home, position) = with_a_refused_record();
    let newer = format!("[{}]", document("B", NEXT_DAY, 7));
    home.import(NEXT_DAY, "sales_orders.json", &newer);
    home.json(&["backfill", "--client", CLIENT]);
    let before = digest_of_sales(&home);
    let fixed = fix(&home, &position, &document("B", DAY, 1), &[]);
    assert_eq!(fixed.code, 0, "{fixed:?}");
    let books = &fixed.json()["report"]["records"]["sales_orders"];
    assert_eq!(
        (&books["won"], &books["superseded"]),
        (&0.into(), &1.into())
    );
    assert_eq!(digest_of_sales(&home), before);
    // Corrected once more, the later correction counts, and still loses.
    let third = fix(&home, &position, &document("B", DAY, 2), &["--again"]);
    assert_eq!(third.code, 0, "{third:?}");
    assert_eq!(digest_of_sales(&home), before);
}

fn digest_of_sales(home: &Home) -> Value {
    home.json(&["digest", "--client", CLIENT])["tables"]["sales_order_lines"].take()
}

#[test]
fn a_correction_that_is_killed_is_sealed_once_and_replayed() {
    let (home, position) = with_a_refused_record();
    let good = document("B", DAY, 1);
    fix_at(&home, &position, (&good, &[]), Some(RAW_AFTER_SEAL));
    assert_eq!(quarantine(&home, "list", &[])["total"], 1);
    let waiting = quarantine(&home, "replay", &["--dry-run"]);
    assert_eq!(
        (&waiting["corrections"], &waiting["open"]),
        (&1.into(), &1.into())
    );
    // The same command again finds its entry, and is killed in the load.
    fix_at(&home, &position, (&good, &[]), Some(LOAD_BEFORE_COMMIT));
    let replayed = quarantine(&home, "replay", &[]);
    assert_eq!(
        (&replayed["corrections"], &replayed["open"]),
        (&1.into(), &0.into())
    );
    assert_eq!(quarantine(&home, "replay", &[])["corrections"], 0);
    assert_eq!(home.json(&["status"])["tenants"][0]["entries"], 2);
}

#[test]
fn what_can_not_be_corrected_is_said() {
    let (home, position) = with_a_refused_record();
    let said = fix(&home, "7", &document("B", DAY, 1), &[]);
    assert!(
        said.code == 2 && said.err.contains("quarantine list"),
        "{said:?}"
    );
    let said = fix(&home, &position, "", &[]);
    assert!(
        said.code == 2 && said.err.contains("the correction is empty"),
        "{said:?}"
    );
    let two = format!("{}{}", document("B", DAY, 1), document("C", DAY, 1));
    let said = fix(&home, &position, &two, &[]);
    assert!(
        said.code == 2 && said.err.contains("one record, and this is 2"),
        "{said:?}"
    );
    let missing = home.file("correction.json", "");
    std::fs::remove_file(&missing).expect("it is there");
    let arguments = ["quarantine", "fix", "--client", CLIENT, &position, "--with"];
    let said = home.run(&[&arguments[..], &[text(&missing), "--by", "ana"]].concat());
    assert!(
        said.code == 2 && said.err.contains("can't be read"),
        "{said:?}"
    );
    assert_eq!(home.json(&["status"])["tenants"][0]["entries"], 1);
}
