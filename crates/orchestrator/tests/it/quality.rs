//! The quality gate as schedulers and people meet it: what it refuses halts the day with exit code 3 and
//! loads nothing, until a person decides; and the health monitor, which halts nothing.

use std::os::unix::process::ExitStatusExt;

use anyhow::{Context, Result};
use catwing_domain::{
    SystemClock,
    manifest::{Completeness, SourceFacts},
};
use catwing_embedded::S3Server;
use catwing_raw_store::{Author, Incoming, Landing, Payload, Store, StoreSettings};
use serde_json::{Value, json};

use crate::{
    command::{CLIENT, Home, Said, text},
    faults::fault,
    points::{GATE, points},
    skips::skip,
};

const SIGABRT: i32 = 6;
const FIRST: &str = "2026-01-05";
const SECOND: &str = "2026-01-06";
/// A shop whose products come whole each day.
const TENANT: &str = r#"
client = "CW-000500"
name = "Shop"
time_zone = "Europe/Berlin"
base_currency = "EUR"
[sources.erp]
kind = "files"
folder = "drop/{date}"
[datasets.sales_orders]
number = 1
source = "erp"
[datasets.products]
number = 2
source = "erp"
completeness = "snapshot"
"#;

fn products(count: usize) -> String {
    let product = |number| json!({ "external_id": format!("P{number}"), "name": format!("Product {number}") });
    json!((0..count).map(product).collect::<Vec<_>>()).to_string()
}

/// Documents of a day, of which the first ones are refused.
fn documents(day: &str, count: usize, refused: usize) -> String {
    let document = |number: usize| {
        let date = if number < refused { "never" } else { day };
        json!({
            "external_id": format!("{day}-{number}"), "order_date": date, "location_external_id": "L1",
            "lines": [{ "line_no": 1, "product_external_id": "P1", "qty": 2, "unit_price": "2.50" }],
        })
    };
    json!((0..count).map(document).collect::<Vec<_>>()).to_string()
}

fn home(toml: &str) -> Home {
    let home = Home::new();
    let file = home.file("tenant.toml", toml);
    let said = home.run(&["tenant", "add", text(&file)]);
    assert_eq!(said.code, 0, "{said:?}");
    home
}

/// A shop in which a day went well, and the files of the next day lie, products and documents.
fn second_day(products_of_it: usize, documents_of_it: (usize, usize)) -> Home {
    let home = home(TENANT);
    home.file(&format!("drop/{FIRST}/products.json"), &products(60));
    let of_first = documents(FIRST, 40, 0);
    home.file(&format!("drop/{FIRST}/sales_orders.json"), &of_first);
    let first = run(&home, FIRST);
    assert_eq!(first.code, 0, "{first:?}");
    let lying = products(products_of_it);
    home.file(&format!("drop/{SECOND}/products.json"), &lying);
    let (count, refused) = documents_of_it;
    let of_second = documents(SECOND, count, refused);
    home.file(&format!("drop/{SECOND}/sales_orders.json"), &of_second);
    home
}

fn run(home: &Home, day: &str) -> Said {
    home.run(&["run", "--client", CLIENT, "--date", day, "--json"])
}

fn loaded(home: &Home) -> Value {
    home.json(&["status"])["tenants"][0]["applied"].clone()
}

fn digest(home: &Home) -> Value {
    home.json(&["digest", "--client", CLIENT])["digest"].clone()
}

fn state_of<'r>(report: &'r Value, step: &str) -> Option<&'r str> {
    let steps = report["steps"].as_array()?;
    let found = steps.iter().find(|one| one["name"] == step)?;
    found["state"].as_str()
}

fn decide(home: &Home, verb: &str, entry: &str) -> Value {
    home.json(&[
        "quality",
        verb,
        "--client",
        CLIENT,
        "--entry",
        entry,
        "--by",
        "anna",
        "--reason",
        "stock-taking",
    ])
}

#[test]
fn a_snapshot_that_shrinks_halts_its_day_until_a_person_overrides() {
    let home = second_day(20, (40, 0));
    let halted = run(&home, SECOND);
    assert_eq!(halted.code, 3, "{halted:?}");
    let report = halted.json();
    assert_eq!(report["state"], "halted");
    assert_eq!(state_of(&report, "quality_gate"), Some("halted"));
    assert_eq!(state_of(&report, "transform_load"), None);
    for told in [
        "products.shrinkage",
        "has 20 records; that of 2026-01-05 had 60",
        "catwing quality show --client CW-000500 --date 2026-01-06",
        "catwing quality override --client CW-000500 --entry 2 --by WHO --reason WHY",
    ] {
        assert!(halted.err.contains(told), "{told} in {}", halted.err);
    }
    assert_eq!(loaded(&home), 1, "nothing of the day is loaded");
    let status = home.run(&["status"]);
    assert!(
        status.out.contains("the quality gate halted 2026-01-06"),
        "{status:?}"
    );

    let shown = home.json(&["quality", "show", "--client", CLIENT, "--date", SECOND]);
    assert_eq!(shown["run"]["decision"], "halted");
    let first = &shown["run"]["checks"][0];
    assert_eq!(first["check"], "products.shrinkage");
    assert_eq!(
        (&first["observed"], &first["expected"], &first["is_passed"]),
        (&json!(20.0), &json!(60.0), &json!(false))
    );
    assert_eq!(shown["refused"][0]["by"], "quality gate");

    // What the gate has refused, it does not judge again, and refuses.
    let again = run(&home, SECOND);
    assert_eq!(again.code, 3, "{again:?}");
    assert_eq!(state_of(&again.json(), "ingest"), Some("skipped"));
    assert!(again.err.contains("(verdict 3)"), "{again:?}");

    let verdict = decide(&home, "override", "2");
    assert_eq!(
        (&verdict["verdict"], &verdict["accepted"]),
        (&json!(4), &json!(true))
    );
    let passed = run(&home, SECOND);
    assert_eq!(passed.code, 0, "{passed:?}");
    assert_eq!(state_of(&passed.json(), "transform_load"), Some("done"));
    assert_eq!(loaded(&home), 2);
    let live = digest(&home);
    let rebuilt = home.run(&["recovery", "rebuild", "--client", CLIENT, "--yes"]);
    assert_eq!(rebuilt.code, 0, "{rebuilt:?}");
    assert_eq!(digest(&home), live, "a rebuild obeys the verdicts");
}

#[test]
fn a_delivery_that_is_mostly_refused_halts_and_is_left_out_for_good() {
    let home = second_day(60, (40, 30));
    let halted = run(&home, SECOND);
    assert_eq!(halted.code, 3, "{halted:?}");
    assert!(
        halted
            .err
            .contains("sales_orders.refused: 30 of 40 records are refused (75.0 %)"),
        "{halted:?}"
    );
    let before = digest(&home);
    let shown = home.run(&["quality", "show", "--client", CLIENT]);
    let place = "at raw-data/CW-000500/2026-01-06/sales_orders.json record 0";
    assert!(
        shown.out.contains(place) && shown.out.contains("never"),
        "{shown:?}"
    );
    decide(&home, "refuse", "2");
    let without = run(&home, SECOND);
    assert_eq!(without.code, 0, "{without:?}");
    assert_eq!((loaded(&home), digest(&home)), (json!(1), before));
}

#[test]
fn a_check_is_as_the_tenants_file_says() {
    let unknown = format!("{TENANT}\n[quality.checks.\"products.shrinks\"]\nthreshold = 0.2\n");
    let home = Home::new();
    let file = home.file("tenant.toml", &unknown);
    let wrong = home.run(&["tenant", "check", text(&file)]);
    assert_ne!(wrong.code, 0, "{wrong:?}");
    let said = format!("{}{}", wrong.out, wrong.err);
    assert!(said.contains("products.shrinks"), "{wrong:?}");

    let home = second_day(20, (40, 0));
    let told = format!("{TENANT}\n[quality.checks.\"products.shrinkage\"]\nthreshold = 0.2\n");
    let file = home.file("tenant.toml", &told);
    assert_eq!(home.run(&["tenant", "add", text(&file)]).code, 0);
    let list = home.json(&["quality", "list", "--client", CLIENT]);
    let listed = list.as_array().expect("checks").iter();
    let shrinkage = listed
        .clone()
        .find(|check| check["name"] == "products.shrinkage")
        .expect("the check");
    assert_eq!(shrinkage["threshold"], 0.2);
    let passed = run(&home, SECOND);
    assert_eq!(passed.code, 0, "{passed:?}");
}

#[test]
fn what_the_gate_would_say_is_told_without_a_verdict() {
    let home = second_day(20, (40, 0));
    let ingested = home.run(&["ingest", "--client", CLIENT, "--date", SECOND]);
    assert_eq!(ingested.code, 0, "{ingested:?}");
    let checked = home.run(&[
        "quality", "check", "--client", CLIENT, "--date", SECOND, "--json",
    ]);
    assert_eq!(checked.code, 3, "{checked:?}");
    assert_eq!(checked.json()["decision"], "halted");
    assert_eq!(
        home.json(&["status"])["tenants"][0]["entries"],
        2,
        "no verdict"
    );
    let quiet = home.run(&["quality", "check", "--client", CLIENT, "--date", FIRST]);
    assert_eq!(quiet.code, 0, "{quiet:?}");
    // A person asks for history: it is not judged.
    home.json(&["backfill", "--client", CLIENT]);
    assert_eq!(loaded(&home), 2);
}

#[test]
fn a_decision_comes_to_the_same_early_late_and_twice() {
    let mut digests = std::collections::BTreeSet::new();
    for decisions in [&["override"][..], &["override", "refuse", "override"]] {
        let home = second_day(20, (40, 0));
        assert_eq!(run(&home, SECOND).code, 3);
        for verb in decisions {
            decide(&home, verb, "2");
        }
        assert_eq!(run(&home, SECOND).code, 0);
        digests.insert(digest(&home).to_string());
    }
    // Decided before the gate looks, it is not judged.
    let early = second_day(20, (40, 0));
    let ingested = early.run(&["ingest", "--client", CLIENT, "--date", SECOND]);
    assert_eq!(ingested.code, 0, "{ingested:?}");
    decide(&early, "override", "2");
    let ran = run(&early, SECOND);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.json()["steps"][1]["counts"]["deliveries"], 0);
    digests.insert(digest(&early).to_string());
    assert_eq!(digests.len(), 1, "{digests:?}");
}

#[test]
fn a_gate_that_is_killed_after_its_verdict_is_obeyed_by_the_next_run() {
    let mut kills = 0;
    for point in points(GATE) {
        let home = second_day(20, (40, 0));
        let mut command = home.command(&["run", "--client", CLIENT, "--date", SECOND]);
        let killed = command.env("CATWING_FAILPOINT", point).output();
        let status = killed.expect("catwing starts").status;
        assert_eq!(status.signal(), Some(SIGABRT), "{status}");
        let next = run(&home, SECOND);
        assert_eq!(next.code, 3, "{next:?}");
        assert!(next.err.contains("(verdict 3)"), "{next:?}");
        assert_eq!(loaded(&home), 1);
        decide(&home, "override", "2");
        assert_eq!(run(&home, SECOND).code, 0);
        let live = digest(&home);
        let rebuilt = home.run(&["recovery", "rebuild", "--client", CLIENT, "--yes"]);
        assert_eq!(rebuilt.code, 0, "{rebuilt:?}");
        assert_eq!(digest(&home), live);
        kills += 1;
    }
    fault("F1").kills(kills).digests(kills);
}

#[test]
fn the_health_monitor_tells_of_a_shift_and_halts_nothing() {
    let home = home(TENANT);
    for day in 1..=8 {
        let date = format!("2026-01-{day:02}");
        let count = if day == 8 { 400 } else { 30 };
        home.file(
            &format!("drop/{date}/sales_orders.json"),
            &documents(&date, count, 0),
        );
        let said = run(&home, &date);
        assert_eq!(said.code, 0, "{said:?}");
        let report = said.json();
        let steps = report["steps"].as_array().expect("steps");
        let health = steps
            .iter()
            .find(|step| step["name"] == "health_monitor")
            .expect("the step");
        let shifts = health["counts"]["shifts"].as_array().expect("shifts");
        let told: Vec<_> = shifts.iter().map(|shift| &shift["metric"]).collect();
        match day {
            8 => {
                assert!(told.contains(&&json!("documents")), "{health}");
                assert_eq!(shifts[0]["severity"], "extreme_shift");
                assert!(
                    said.err
                        .contains("extreme shift: documents of sales_orders is 400")
                );
            }
            _ => assert!(told.is_empty(), "{health}"),
        }
    }
}

/// Seals a delivery of documents of which the source announced more, as a fetch never would.
async fn land_short(home: &Home) -> Result<()> {
    let server = S3Server::start(&home.path().join("s3")).await?;
    let settings = StoreSettings::at(
        server.endpoint(),
        server.access_key(),
        server.secret_key().clone(),
    );
    let store = Store::connect(settings).await?;
    let client = CLIENT.parse()?;
    let mapping = store.put_config(client, TENANT.to_owned()).await?;
    let incoming = Incoming {
        dataset: "sales_orders".parse()?,
        page: None,
        extension: "json".to_owned(),
        payload: Payload::from_bytes(documents(SECOND, 40, 0)),
        completeness: Completeness::Delta,
        source: SourceFacts {
            name: "erp".to_owned(),
            announced_total: Some(41),
            ..SourceFacts::default()
        },
        record_count: Some(40),
    };
    let author = Author {
        run_id: "short",
        clock: &SystemClock,
    };
    let day = SECOND.parse()?;
    let mut landing = Landing::new(&store, client, [day]);
    landing.land(day, mapping, author, &[incoming]).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_lacks_a_record_of_its_sources_total_halts() -> Result<()> {
    let home = home(TENANT);
    land_short(&home).await?;
    let halted = run(&home, SECOND);
    assert_eq!(halted.code, 3, "{halted:?}");
    let told = "the source announced 41 records of sales_orders, and 40 came";
    assert!(halted.err.contains(told), "{halted:?}");
    assert_eq!(loaded(&home), 0);
    Ok(())
}

#[test]
fn a_real_retailers_days_pass_and_days_without_a_file_are_no_alarm() -> Result<()> {
    let folder = std::env::var_os("CATWING_DATASETS").map(std::path::PathBuf::from);
    let folder = folder.map(|folder| folder.join("online-retail"));
    let Some(folder) = folder.filter(|folder| folder.is_dir()) else {
        return skip("CATWING_DATASETS names no folder that has online-retail in it");
    };
    let home = home(include_str!(
        "../../../../tests/mappings/online-retail.toml"
    ));
    let client = "CW-000310";
    home.json(&[
        "raw",
        "import",
        text(&folder),
        "--client",
        client,
        "--date-from-name",
        "%Y-%m-%d",
    ]);
    // December until the shop closes, and January with the 74,215 pieces that were sold and returned on one
    // day.
    let days = (1..=24).map(|day| format!("2010-12-{day:02}"));
    let days = days.chain((4..=18).map(|day| format!("2011-01-{day:02}")));
    let (mut judged, mut quiet) = (0, 0);
    for day in days {
        let steps = ["--from", "quality_gate", "--to", "health_monitor"];
        let run = ["run", "--client", client, "--date", &day];
        let ran = home.json(&[&run[..], &steps].concat());
        let gate = &ran["steps"][0]["counts"];
        match gate["deliveries"].as_u64().context("deliveries")? {
            0 => quiet += 1,
            _ => judged += 1,
        }
        let is_sold_and_returned = day == "2011-01-18";
        if is_sold_and_returned {
            let show = ["quality", "show", "--client", client, "--date", &day];
            let shown = home.json(&show);
            let checks = shown["run"]["checks"].as_array().context("checks")?;
            let absurd = checks
                .iter()
                .find(|check| check["check"] == "sales_orders.absurd_quantity");
            assert_eq!(absurd.context("the check")?["observed"], 0.0);
        }
        assert_eq!(gate["failed"], 0, "{day}: {gate}");
    }
    assert_eq!((judged, quiet), (33, 6));
    Ok(())
}
