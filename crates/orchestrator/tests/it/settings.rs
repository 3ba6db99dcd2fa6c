//! `catwing settings`: shown before it is saved, saved through raw, and whole wherever it was killed.

use catwing_domain::failpoint;
use serde_json::Value;

use crate::command::{CLIENT, Home, Said};

const DAY: &str = "2026-01-05";
const USER: &str = "ana@shop.example";

fn set<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let begin = ["settings", "set", "--client", CLIENT, "--user", USER];
    [&begin, more].concat()
}

fn rows(home: &Home, what: &str) -> Vec<Value> {
    let said = home.json(&[
        "settings",
        what,
        "--client",
        CLIENT,
        "product_settings",
        "product=P1",
    ]);
    said["rows"].as_array().expect("rows").clone()
}

fn entries(home: &Home) -> Value {
    home.json(&["status"])["tenants"][0]["entries"].clone()
}

#[test]
fn what_a_change_will_do_is_shown_before_it_is_saved() {
    let home = Home::after_a_sale(DAY);
    let before = entries(&home);
    let change = [
        "product_settings",
        "product=P1",
        "package_qty=6",
        "enabled_for_processing=false",
    ];

    let shown = home.run(&set(&[&["--dry-run"], &change[..]].concat()));
    assert_eq!(shown.code, 0, "{shown:?}");
    assert!(
        shown.out.contains("GATE, the next run makes steps 5-12"),
        "{shown:?}"
    );
    assert!(
        shown.out.contains("package_qty") && shown.out.contains("LOCAL"),
        "{shown:?}"
    );
    let unasked = home.run(&set(&change));
    assert_eq!(unasked.code, 2, "{unasked:?}");
    assert!(unasked.err.contains("repeat with --yes"), "{unasked:?}");
    assert_eq!(entries(&home), before, "nothing was written");

    let saved = home.json(&set(&[&["--yes"], &change[..]].concat()));
    assert_eq!(saved["saved"]["applied"], true);
    assert_eq!(saved["plan"]["severity"], "GATE");
    let in_force = rows(&home, "show");
    assert_eq!(in_force.len(), 1);
    assert_eq!(in_force[0]["fields"]["package_qty"], 6);
    assert_eq!(in_force[0]["user"], USER);
    home.json(&set(&[
        "--yes",
        "product_settings",
        "product=P1",
        "package_qty=",
    ]));
    assert_eq!(rows(&home, "show")[0]["fields"]["package_qty"], Value::Null);
    assert_eq!(rows(&home, "history").len(), 2);
    let verified = home.run(&["raw", "verify", "--deep", "--client", CLIENT]);
    assert_eq!(verified.code, 0, "{verified:?}");

    for (wrong, expected) in [
        (
            &["product_settings", "product=P9", "package_qty=6"][..],
            "there is no product",
        ),
        (
            &["product_settings", "product=P1", "package_qty=six"],
            "is not a whole number",
        ),
        (
            &["prices", "product=P1"],
            "there are no settings \"prices\"",
        ),
    ] {
        let said = home.run(&set(&[&["--yes"], wrong].concat()));
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.err.contains(expected), "{said:?}");
    }
    let shared = home.run(&["settings", "show", "--client", "CW-GLOBAL"]);
    assert_eq!(shared.code, 2, "{shared:?}");
    let fields = home.json(&["settings", "fields"]);
    assert!(fields.as_array().expect("fields").len() > 15);
}

/// Killed anywhere, the same command with the same id makes the write whole, and once.
#[test]
fn a_write_that_was_killed_is_made_once_by_the_same_command() {
    let home = Home::after_a_sale(DAY);
    let points = failpoint::ALL.iter().filter(|point| {
        (point.starts_with("raw.") || point.starts_with("load.")) && !point.ends_with("before_put")
    });
    let mut killed = 0;
    for (n, point) in points.enumerate() {
        let (id, quantity) = (format!("write-{n}"), format!("min_inv_qty={n}"));
        let arguments = set(&[
            "--yes",
            "--event-id",
            &id,
            "product_settings",
            "product=P1",
            &quantity,
        ]);
        let aborted = home
            .command(&arguments)
            .env("CATWING_FAILPOINT", point)
            .output();
        let aborted = aborted.expect("catwing starts");
        killed += usize::from(aborted.status.code().is_none());
        let again = Said::of(home.command(&arguments).output().expect("catwing starts"));
        assert_eq!(again.code, 0, "{point}: {again:?}");
        let in_force = rows(&home, "show");
        assert_eq!(in_force[0]["event_id"], id.as_str(), "{point}");
        assert_eq!(in_force[0]["fields"]["min_inv_qty"], n, "{point}");
        assert_eq!(rows(&home, "history").len(), n + 1, "{point}");
    }
    assert!(killed >= 8, "{killed} points were passed");
}
