//! What needs no tenant: help, settings, the state of the machine, mistakes on the way in.

use crate::command::{CLIENT, Home, TENANT, text};

#[test]
fn every_command_teaches_itself() {
    let home = Home::new();
    let help = home.run(&["--help"]);
    assert_eq!(help.code, 0);
    assert!(help.out.contains("Exit codes: 0 success"), "{}", help.out);
    for command in [
        &["demo"][..],
        &["db"],
        &["doctor"],
        &["migrate"],
        &["tenant", "add"],
        &["tenant", "preview"],
        &["raw", "import"],
        &["raw", "verify"],
        &["ingest"],
        &["run"],
        &["backfill"],
        &["quarantine", "list"],
        &["quarantine", "show"],
        &["digest"],
        &["digest", "diff"],
        &["status"],
        &["runs", "list"],
        &["runs", "show"],
        &["config", "show"],
    ] {
        let help = home.run(&[command, &["--help"]].concat());
        assert_eq!(help.code, 0, "{command:?}");
        assert!(
            help.out.contains("Usage: catwing"),
            "{command:?}: {}",
            help.out
        );
    }
    assert!(home.run(&["completions", "bash"]).out.contains("_catwing"));
    assert!(
        !home.path().join("postgres").exists(),
        "help started a server"
    );
}

#[test]
fn wrong_calls_are_told_and_end_with_2() {
    let home = Home::new();
    for (arguments, told) in [
        (&["no-such-command"][..], "no-such-command"),
        (&["backfill"], "--client"),
        (&["backfill", "--client", "CW-2"], "CW-2"),
        (
            &["run", "--client", CLIENT, "--date", "2026-02-30"],
            "2026-02-30",
        ),
        (
            &["tenant", "check", "/no/such/file.toml"],
            "/no/such/file.toml",
        ),
        (
            &["--config", "/no/such/settings.toml", "status"],
            "/no/such/settings.toml",
        ),
        (
            &["backfill", "--client", CLIENT],
            "catwing tenant add FILE.toml",
        ),
        (
            &["quarantine", "list", "--client", CLIENT],
            "catwing tenant add FILE.toml",
        ),
    ] {
        let said = home.run(arguments);
        assert_eq!(said.code, 2, "{arguments:?}: {said:?}");
        assert!(said.err.contains(told), "{arguments:?}: {said:?}");
        assert_eq!(said.out, "", "{arguments:?}");
    }
}

#[test]
fn settings_say_where_they_come_from_and_hide_secrets() {
    let home = Home::new();
    let file = home.file("catwing.toml", "bucket = \"from-file\"\n");
    let mut command = home.command(&["config", "show", "--config", text(&file)]);
    command.env("DATABASE_URL", "postgres://me:hunter2@127.0.0.1/db");
    let shown = crate::command::Said::of(command.output().expect("it starts"));
    assert_eq!(shown.code, 0, "{shown:?}");
    assert!(
        shown.out.contains("from-file") && shown.out.contains("CATWING_HOME"),
        "{shown:?}"
    );
    assert!(
        !shown.out.contains("hunter2") && !shown.err.contains("hunter2"),
        "{shown:?}"
    );
}

#[test]
fn a_database_that_does_not_answer_is_told_without_its_password() {
    let home = Home::new();
    let mut command = home.command(&["status"]);
    command.env("DATABASE_URL", "postgres://me:hunter2@127.0.0.1:1/db");
    let said = crate::command::Said::of(command.output().expect("it starts"));
    assert_eq!(said.code, 2, "{said:?}");
    assert!(
        said.err.contains("DATABASE_URL") && !said.err.contains("hunter2"),
        "{said:?}"
    );
}

#[test]
fn files_that_are_delivered_together_are_tried_together() {
    let home = Home::new();
    let datasets = TENANT.find("[datasets").unwrap_or(TENANT.len());
    let joined = r#"
        [datasets.orders]
        number = 1
        format = { type = "csv" }
        [datasets.orders.feeds.sales_orders]
        document = "no"
        [datasets.orders.feeds.sales_orders.fields]
        external_id = "no"
        order_date = "day"
        location_external_id = { value = "S" }
        lines = { dataset = "items", on = "order", fields = { product_external_id = "sku", qty = "n", unit_price = "p" } }
        [datasets.items]
        number = 2
        format = { type = "csv" }
        "#;
    let file = home.file("joined.toml", &format!("{}{joined}", &TENANT[..datasets]));
    let data = home.path().join("data");
    std::fs::create_dir_all(&data).expect("a folder");
    std::fs::write(
        data.join("items.csv"),
        "order,sku,n,p\n7,A,2,1.50\n8,B,1,1\n",
    )
    .expect("a file");
    std::fs::write(data.join("orders.csv"), "no,day\n7,2026-01-05\n").expect("a file");
    let preview = home.json(&["tenant", "preview", text(&file), "--data", text(&data)]);
    let shown: Vec<_> = preview.as_array().into_iter().flatten().collect();
    assert_eq!(shown.len(), 2, "{preview:#}");
    assert_eq!(shown[0]["object"], "orders.csv", "{preview:#}");
    assert_eq!(
        shown[0]["record"]["lines"][0]["product_external_id"], "A",
        "{preview:#}"
    );
    // A line of no order is told where it stands.
    assert_eq!(shown[1]["object"], "items.csv", "{preview:#}");
    let problem = shown[1]["problems"][0].as_str().expect("a problem");
    assert!(problem.contains("no row of orders"), "{preview:#}");
}

#[test]
fn a_tenants_file_is_checked_and_tried_without_any_server() {
    let home = Home::new();
    let good = home.file("good.toml", TENANT);
    assert_eq!(
        home.json(&["tenant", "check", text(&good)])["client"],
        CLIENT
    );

    let wrong = TENANT.replace(
        "time_zone = \"Europe/Berlin\"",
        "time_zone = \"Europe/Nowhere\"",
    );
    let wrong = home.file("wrong.toml", &wrong.replace("\"EUR\"", "\"euros\""));
    let said = home.run(&["tenant", "check", text(&wrong)]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(
        said.err.contains("Europe/Nowhere") && said.err.contains("euros"),
        "{said:?}"
    );

    let documents = format!(
        "[{},{}]",
        crate::command::document("A", "2026-01-05", 1),
        crate::command::document("B", "2026-01-05", -1)
    );
    let data = home.file("sales_orders.json", &documents);
    let preview = home.json(&["tenant", "preview", text(&good), "--data", text(&data)]);
    assert_eq!(preview[0]["record"]["external_id"], "A", "{preview:#}");
    assert!(
        preview[1]["problems"][0]
            .as_str()
            .expect("a problem")
            .contains("negative"),
        "{preview:#}"
    );
    assert!(
        !home.path().join("postgres").exists(),
        "a check started a server"
    );
}
