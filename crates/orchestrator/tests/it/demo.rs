//! The demo: what a newcomer runs first.

use crate::command::{Home, Said};

/// A history that has everything, and is quick: a second delivery of each kind, a missing inventory.
const SMALL: [&str; 8] = [
    "--days",
    "9",
    "--products",
    "40",
    "--locations",
    "4",
    "--orders",
    "25",
];

fn demo<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["demo"], &SMALL[..], more].concat()
}

#[test]
fn the_demo_agrees_with_its_retailers_and_survives_a_replay() {
    let home = Home::new();
    let shown = home.json(&demo(&[]));
    assert_eq!(shown["good"], true, "{shown:#}");
    assert_eq!(shown["shared"]["replay_is_equal"], true);
    let tenants = shown["tenants"].as_array().expect("tenants");
    assert_eq!(tenants.len(), 2);
    for tenant in tenants {
        assert_eq!(tenant["replay_is_equal"], true);
        let subjects = tenant["compared"].as_array().expect("subjects");
        assert_eq!(subjects.len(), 9, "{tenant:#}");
        let mut figures = 0;
        for subject in subjects {
            for figure in subject["figures"].as_array().expect("figures") {
                assert_eq!(figure["simulated"], figure["database"], "{figure}");
                figures += 1;
            }
        }
        assert!(figures > 100, "{figures} figures");
        let landed = &tenant["landed"];
        assert_eq!(landed["objects"], landed["objects_new"]);
        let steps = tenant["last_day"].as_array().expect("steps");
        let states: Vec<_> = steps.iter().map(|step| &step["state"]).collect();
        assert_eq!(states, ["done"; 6], "{steps:#?}");
        let features = steps[5]["counts"]["files"][0]["key"]
            .as_str()
            .expect("a key");
        assert!(
            home.path()
                .join("s3/catwing-masters")
                .join(features)
                .is_file()
        );
        let headlines = tenant["headlines"].as_array().expect("headlines");
        assert_eq!(headlines.len(), 5, "{headlines:#?}");
    }

    let again = home.json(&demo(&[]));
    assert_eq!(again["good"], true);
    assert_eq!(again["tenants"][0]["landed"]["objects_new"], 0);
    assert_eq!(again["tenants"][0]["digest"], tenants[0]["digest"]);

    let other = home.run(&demo(&["--seed", "2"]));
    assert_eq!(other.code, 2, "{other:?}");
    assert!(other.err.contains("--home DIR"), "{other:?}");
    let text = home.run(&demo(&["--quiet"]));
    assert_eq!((text.code, text.err.as_str()), (0, ""), "{text:?}");
    assert!(text.out.contains("equal in every table"), "{text:?}");
}

#[test]
fn two_demos_of_one_home_take_turns() {
    let home = Home::new();
    let mut both = [(); 2].map(|()| {
        home.command(&[
            "demo",
            "--days",
            "2",
            "--products",
            "20",
            "--locations",
            "3",
            "--orders",
            "10",
            "--json",
        ])
    });
    let spawned = both.each_mut().map(|command| {
        use std::process::Stdio;
        let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        piped.spawn().expect("it starts")
    });
    for child in spawned {
        let said = Said::of(child.wait_with_output().expect("it ends"));
        assert_eq!(said.code, 0, "{said:?}");
        assert_eq!(said.json()["good"], true);
    }
}
