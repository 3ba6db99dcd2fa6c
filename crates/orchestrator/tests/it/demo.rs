//! The demo: what a newcomer runs first.

use crate::command::{Home, Said};

#[test]
fn the_demo_agrees_with_its_retailers_and_survives_a_replay() {
    let home = Home::new();
    let shown = home.json(&["demo", "--days", "6"]);
    assert_eq!(shown["good"], true, "{shown:#}");
    let tenants = shown["tenants"].as_array().expect("tenants");
    assert_eq!(tenants.len(), 2);
    for tenant in tenants {
        assert_eq!(tenant["replay_is_equal"], true);
        let figures = tenant["figures"].as_array().expect("figures");
        assert!(figures.len() > 15, "{tenant:#}");
        for figure in figures {
            assert_eq!(figure["simulated"], figure["database"], "{figure}");
        }
        assert_eq!(tenant["files"], tenant["files_new"]);
        let sales = &tenant["simulated"]["documents"]["sale"];
        assert!(
            sales["documents"].as_u64().expect("documents") > 200,
            "{sales}"
        );
    }

    let again = home.json(&["demo", "--days", "6"]);
    assert_eq!(again["good"], true);
    assert_eq!(again["tenants"][0]["files_new"], 0);
    assert_eq!(again["tenants"][0]["digest"], tenants[0]["digest"]);

    let other = home.run(&["demo", "--days", "6", "--seed", "2"]);
    assert_eq!(other.code, 2, "{other:?}");
    assert!(other.err.contains("--home DIR"), "{other:?}");
    let text = home.run(&["demo", "--days", "6", "--quiet"]);
    assert_eq!((text.code, text.err.as_str()), (0, ""), "{text:?}");
    assert!(text.out.contains("equal in every table"), "{text:?}");
}

#[test]
fn two_demos_of_one_home_take_turns() {
    let home = Home::new();
    let mut both = [(); 2].map(|()| home.command(&["demo", "--days", "2", "--json"]));
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
