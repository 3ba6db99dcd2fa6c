//! A tenant's life: added, delivered to, loaded, looked at, damaged, removed, replayed.

use crate::command::{CLIENT, Home, TENANT, document, text};

const DAY: &str = "2026-01-05";

#[test]
fn a_delivery_is_landed_loaded_and_shown() {
    let home = Home::new();
    let empty = home.json(&["status"]);
    assert_eq!(empty["tenants"].as_array().map(Vec::len), Some(0));
    home.add_tenant();
    let good = document("A", DAY, 3);
    let documents = format!("[{good},{}]", document("B", DAY, -1));
    let said = home.import(DAY, "sales_orders.json", &documents);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(
        said.out.contains("1 file landed, 0 already there"),
        "{said:?}"
    );
    assert!(
        said.out.contains("catwing backfill --client CW-000500"),
        "{said:?}"
    );
    let again = home.import(DAY, "sales_orders.json", &documents);
    assert!(
        again.out.contains("0 files landed, 1 already there"),
        "{again:?}"
    );

    let before = &home.json(&["status"])["tenants"][0];
    assert_eq!(
        (&before["pending"], &before["applied"]),
        (&1.into(), &0.into())
    );
    let dry = home.run(&["backfill", "--client", CLIENT, "--dry-run"]);
    assert!(dry.err.contains(DAY), "{dry:?}");
    let loaded = home.json(&["backfill", "--client", CLIENT]);
    let books = &loaded["report"]["records"]["sales_orders"];
    assert_eq!(
        (&books["read"], &books["won"], &books["quarantined"]),
        (&2.into(), &1.into(), &1.into())
    );
    let after = &home.json(&["status", "--client", CLIENT])["tenants"][0];
    assert_eq!(
        (&after["pending"], &after["quarantined"]),
        (&0.into(), &1.into())
    );
    assert_eq!(after["newest_day"], DAY);
    assert_eq!(after["last_run"]["state"], "done");

    quarantine_shows_the_refused_document(&home);

    let run_id = loaded["run_id"].as_str().expect("a run");
    assert_eq!(
        home.json(&["runs", "list", "--client", CLIENT])[0]["run_id"],
        run_id
    );
    let run = home.json(&["runs", "show", "--client", CLIENT, run_id]);
    assert_eq!(run["steps"][0]["name"], "transform_load");
    assert_eq!(
        home.run(&["runs", "show", "--client", CLIENT, "none"]).code,
        2
    );
    let log = std::fs::read_to_string(home.path().join("log/catwing.log")).expect("a log");
    assert!(log.contains(run_id), "the log does not name the run");
}

fn quarantine_shows_the_refused_document(home: &Home) {
    let listed = home.json(&["quarantine", "list", "--client", CLIENT]);
    assert_eq!(listed["reasons"][0]["records"], 1);
    assert_eq!(listed["records"][0]["record_key"], "B");
    assert_eq!(
        home.json(&[
            "quarantine",
            "list",
            "--client",
            CLIENT,
            "--rule",
            "missing"
        ])["total"],
        0
    );
    let position = listed["records"][0]["position"].to_string();
    let shown = home.run(&["quarantine", "show", "--client", CLIENT, &position]);
    assert!(
        shown.out.contains("lines[0].qty") && shown.out.contains("\"qty\":-1"),
        "{shown:?}"
    );
    assert_eq!(
        home.run(&["quarantine", "show", "--client", CLIENT, "7"])
            .code,
        2
    );
}

/// A remap is told first, sealed when that is agreed to, and due until the tenant is rebuilt.
#[test]
fn an_entity_of_old_deliveries_is_read_by_another_file_after_a_rebuild() {
    let home = Home::after_a_sale(DAY);
    let other = format!("{TENANT}{FROM_ANOTHER_SHOP}");
    let other = home.file("other.toml", &other);
    let remap = [
        "tenant",
        "remap",
        text(&other),
        "--entity",
        "sales_orders",
        "--from",
        "1",
    ];
    let asked = home.run(&remap);
    assert_eq!(asked.code, 2, "{asked:?}");
    let told = "sales_orders of 1 delivery from entry 1 on are read by";
    assert!(
        asked.err.contains(told) && asked.err.contains("repeat with --yes"),
        "{asked:?}"
    );
    let nothing = [
        "tenant",
        "remap",
        text(&other),
        "--entity",
        "sales_orders",
        "--from",
        "9",
        "--yes",
    ];
    assert!(
        home.run(&nothing)
            .err
            .contains("no delivery from entry 9 on is read otherwise")
    );
    let unknown = [
        "tenant",
        "remap",
        text(&other),
        "--entity",
        "sales",
        "--from",
        "1",
        "--yes",
    ];
    assert!(home.run(&unknown).err.contains("there is no such entity"));
    let before = &home.json(&["status", "--client", CLIENT])["tenants"][0];
    assert_eq!(before["rebuild_due"], serde_json::json!([]));

    let done = home.run(&[&remap[..], &["--yes"]].concat());
    assert_eq!(done.code, 0, "{done:?}");
    assert!(
        done.out
            .contains("now: catwing recovery rebuild --client CW-000500"),
        "{done:?}"
    );
    let due = serde_json::json!([{ "why": "remapped", "remap": 2, "entity": "sales_orders" }]);
    let status = || home.json(&["status", "--client", CLIENT])["tenants"][0].clone();
    assert_eq!(status()["rebuild_due"], due);
    let said = home.run(&["status"]);
    assert!(
        said.out
            .contains("rebuild due: entry 2 has sales_orders read by another mapping"),
        "{said:?}"
    );
    // Loading goes on meanwhile, and says so each time.
    home.import(
        "2026-01-06",
        "sales_orders.json",
        &format!("[{}]", document("B", DAY, 1)),
    );
    let loaded = home.run(&["backfill", "--client", CLIENT]);
    assert!(loaded.err.contains("rebuild due: entry 2"), "{loaded:?}");

    let rebuilt = home.run(&["recovery", "rebuild", "--client", CLIENT, "--yes"]);
    assert_eq!(rebuilt.code, 0, "{rebuilt:?}");
    assert_eq!(status()["rebuild_due"], serde_json::json!([]));
    let psql = "select string_agg(external_id, ' ' order by 1) from cw_500.locations";
    let said = home.run(&["db", "psql", "--", "-Atc", psql]);
    assert_eq!(said.out.trim(), "L1 another", "{said:?}");
}

const FROM_ANOTHER_SHOP: &str = r#"
[datasets.sales_orders.feeds.sales_orders.fields]
external_id = "external_id"
order_date = "order_date"
location_external_id = { value = "another" }
lines = { each = "lines", fields = { line_no = "line_no", product_external_id = "product_external_id", qty = "qty", unit_price = "unit_price" } }
"#;

#[test]
fn a_day_is_run_by_steps_and_says_so_in_one_object() {
    let home = Home::new();
    home.add_tenant();
    home.file(
        &format!("drop/{DAY}/sales_orders.json"),
        &format!("[{}]", document("A", DAY, 1)),
    );
    let ran = home.json(&["run", "--client", CLIENT, "--date", DAY]);
    assert_eq!(
        (&ran["state"], &ran["date"], &ran["client"]),
        (&"done".into(), &DAY.into(), &CLIENT.into())
    );
    let steps = ran["steps"].as_array().expect("steps");
    let names: Vec<_> = steps
        .iter()
        .map(|step| step["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(
        names,
        [
            "ingest",
            "quality_gate",
            "transform_load",
            "health_monitor",
            "aggregation",
            "ml_features"
        ]
    );
    assert!(
        steps
            .iter()
            .all(|step| step["seconds"].is_number() && step["counts"].is_object())
    );
    assert_eq!(steps[0]["counts"]["landed"], 1);

    home.file("drop/2026-01-06/sales_orders.json", "[]");
    let ingested = home.json(&[
        "run",
        "--client",
        CLIENT,
        "--date",
        "2026-01-06",
        "--to",
        "ingest",
    ]);
    assert_eq!(ingested["steps"].as_array().map(Vec::len), Some(1));
    assert_eq!(home.json(&["status"])["tenants"][0]["pending"], 1);
    let wrong = home.run(&["run", "--client", CLIENT, "--date", DAY, "--from", "nap"]);
    assert!(
        wrong.code == 2
            && wrong
                .err
                .contains("1 ingest, 2 quality_gate, 3 transform_load"),
        "{wrong:?}"
    );
    let quiet_day = home.run(&["run", "--client", CLIENT, "--date", "2026-01-07"]);
    assert_eq!(
        quiet_day.code, 0,
        "a day without a folder is a day without data: {quiet_day:?}"
    );
}

#[test]
fn a_failed_run_says_so_in_its_object_and_is_resumed_behind_what_it_finished() {
    let home = Home::new();
    home.add_tenant();
    home.file(
        &format!("drop/{DAY}/sales_orders.json"),
        &format!("[{}]", document("A", DAY, 1)),
    );
    let ingested = home.run(&["ingest", "--client", CLIENT, "--date", DAY]);
    assert_eq!(ingested.code, 0, "{ingested:?}");
    let object = home.path().join(format!(
        "s3/catwing-masters/raw-data/{CLIENT}/{DAY}/sales_orders.json"
    ));
    let bytes = std::fs::read(&object).expect("bodies are plain files");
    std::fs::remove_file(&object).expect("it is removed");
    // With the source's file at hand, step 1 would put the lost object back.
    let drop = object_source(&home);
    std::fs::remove_file(&drop).expect("it is removed");

    let failed = home.run(&["run", "--client", CLIENT, "--date", DAY, "--json"]);
    assert_eq!(failed.code, 5, "{failed:?}");
    let told = failed.json();
    assert_eq!(told["state"], "failed");
    assert_eq!(told["steps"][1]["state"], "failed");
    assert!(failed.err.contains("sales_orders.json"), "{failed:?}");
    let verified = home.run(&["raw", "verify", "--client", CLIENT]);
    assert!(
        verified.code == 5 && verified.out.contains("Lost"),
        "{verified:?}"
    );

    std::fs::write(&object, bytes).expect("it is put back");
    let resumed = home.json(&["run", "--client", CLIENT, "--date", DAY]);
    assert_eq!(resumed["steps"][0]["state"], "skipped", "{resumed:#}");
    assert_eq!(resumed["steps"][1]["state"], "done");
    assert_eq!(home.run(&["raw", "verify", "--deep"]).code, 0);
}

fn object_source(home: &Home) -> std::path::PathBuf {
    let beside = home.path();
    beside
        .with_file_name("drop")
        .join(DAY)
        .join("sales_orders.json")
}

#[test]
fn one_flipped_byte_is_found_and_named() {
    let home = Home::new();
    home.add_tenant();
    home.import(
        DAY,
        "sales_orders.json",
        &format!("[{}]", document("A", DAY, 1)),
    );
    let object = home.path().join(format!(
        "s3/catwing-masters/raw-data/{CLIENT}/{DAY}/sales_orders.json"
    ));
    let mut bytes = std::fs::read(&object).expect("bodies are plain files");
    bytes[5] ^= 1;
    std::fs::write(&object, bytes).expect("it is damaged");
    let verified = home.run(&["raw", "verify", "--deep", "--client", CLIENT]);
    assert_eq!(verified.code, 5, "{verified:?}");
    assert!(
        verified.out.contains("Corrupt") && verified.out.contains("sales_orders.json"),
        "{verified:?}"
    );
    let loaded = home.run(&["backfill", "--client", CLIENT]);
    assert_eq!(loaded.code, 5, "{loaded:?}");
    assert_eq!(
        home.json(&["status"])["tenants"][0]["applied"],
        0,
        "nothing of it is loaded"
    );
}

#[test]
fn what_was_removed_comes_back_from_the_archive_bit_for_bit() {
    let home = Home::new();
    home.add_tenant();
    home.import(
        DAY,
        "sales_orders.json",
        &format!("[{}]", document("A", DAY, 1)),
    );
    home.import(
        "2026-01-06",
        "sales_orders.json",
        &format!("[{}]", document("A", DAY, 2)),
    );
    home.json(&[
        "backfill",
        "--client",
        CLIENT,
        "--order",
        "oldest",
        "--per-transaction",
        "1",
    ]);
    let digest = |name: &str| {
        let said = home.run(&["digest", "--client", CLIENT, "--days", "--json"]);
        home.file(name, &said.out)
    };
    let before = digest("before.json");

    let asked = home.run(&["tenant", "remove", CLIENT]);
    assert!(asked.code == 2 && asked.err.contains("--yes"), "{asked:?}");
    let removed = home.run(&["tenant", "remove", CLIENT, "--yes"]);
    assert!(
        removed.out.contains("cw_500_stats")
            && removed.out.contains("the archive keeps")
            && removed.out.contains("catwing backfill --client"),
        "{removed:?}"
    );
    assert_eq!(home.run(&["digest", "--client", CLIENT]).code, 2);
    home.add_tenant();
    home.json(&["backfill", "--client", CLIENT, "--order", "newest"]);
    let after = digest("after.json");
    let equal = home.run(&["digest", "diff", text(&before), text(&after)]);
    assert_eq!((equal.code, equal.out.trim()), (0, "equal"), "{equal:?}");

    home.import(
        "2026-01-07",
        "sales_orders.json",
        &format!("[{}]", document("B", DAY, 2)),
    );
    home.json(&["backfill", "--client", CLIENT]);
    let more = digest("more.json");
    let different = home.run(&["digest", "diff", text(&before), text(&more)]);
    assert_eq!(different.code, 1, "{different:?}");
    assert!(different.out.contains("sales_orders"), "{different:?}");
    let live = home.run(&["digest", "diff", text(&more), "live", "--client", CLIENT]);
    assert_eq!((live.code, live.out.trim()), (0, "equal"), "{live:?}");
    let url = "postgres://me:hunter2@127.0.0.1/x";
    let refused = home.run(&["digest", "diff", text(&more), url, "--client", CLIENT]);
    assert!(
        refused.code == 2 && refused.err.contains("env:NAME"),
        "{refused:?}"
    );
    assert!(!refused.err.contains("hunter2"), "{refused:?}");
}

#[test]
fn files_that_no_mapping_names_are_landed_and_told() {
    let home = Home::new();
    home.add_tenant();
    home.file(
        "in/sales_orders.json",
        &format!("[{}]", document("A", DAY, 1)),
    );
    let notes = home.file("in/Field-Notes.txt", "call the supplier");
    let folder = notes.parent().expect("a folder");
    let said = home.run(&[
        "raw",
        "import",
        text(folder),
        "--client",
        CLIENT,
        "--date",
        DAY,
    ]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(
        said.err.contains("Field-Notes.txt: landed, and not loaded"),
        "{said:?}"
    );
    let loaded = home.json(&["backfill", "--client", CLIENT]);
    let unmapped = loaded["report"]["unmapped"][0].as_str().expect("a key");
    assert!(unmapped.ends_with("/field_notes.txt"), "{unmapped}");
    let cat = home.run(&["raw", "cat", "--client", CLIENT, unmapped]);
    assert_eq!((cat.code, cat.out.as_str()), (0, "call the supplier"));
    let listed = home.json(&["raw", "ls", "--client", CLIENT]);
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    // As `catwing raw ls | head -0` does: nobody reads.
    let mut unread = home.command(&["raw", "ls", "--client", CLIENT]);
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let ended = unread.stdout(writer).output().expect("it starts");
    assert_eq!(
        (ended.status.code(), ended.stderr.as_slice()),
        (Some(0), &b""[..])
    );
}
