use std::{fs, path::Path};

use catwing_domain::tenant_file::TenantFile;
use tempfile::TempDir;

use super::{Datasets, DateRule, ImportPlan, plan_import};
use crate::IngestError;

const TENANT: &str = r#"
        client = "CW-000310"
        name = "Gifts"
        time_zone = "Europe/London"
        base_currency = "GBP"
        [datasets.sales]
        number = 20
        [datasets.invoices]
        number = 21
        files = ["20*.csv"]
        completeness = "snapshot"
    "#;

fn directory(files: &[&str]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for file in files {
        let path = directory.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file).unwrap();
    }
    directory
}

fn plan(directory: &Path, only: Option<&str>, pattern: &str) -> Result<ImportPlan, IngestError> {
    let tenant = TenantFile::parse(TENANT).unwrap();
    let datasets = Datasets {
        only: only.map(|name| name.parse().unwrap()),
        tenant: &tenant,
    };
    let dates = match pattern.strip_prefix("day ") {
        Some(day) => DateRule::Day(day.parse().unwrap()),
        None => DateRule::FromName(pattern.parse().unwrap()),
    };
    plan_import(directory, &datasets, &dates)
}

fn refusal(files: &[&str], only: Option<&str>, pattern: &str) -> String {
    let directory = directory(files);
    let error = plan(directory.path(), only, pattern).unwrap_err();
    error.to_string()
}

/// `day: dataset page file, ...` of each delivery.
fn shown(plan: &ImportPlan) -> Vec<String> {
    let deliveries = plan.deliveries.iter().map(|delivery| {
        let files = delivery.files.iter().map(|file| {
            let page = file.page.unwrap_or(0);
            format!("{} {page} {}", file.dataset, file.relative.display())
        });
        format!("{}: {}", delivery.day, files.collect::<Vec<_>>().join(", "))
    });
    deliveries.collect()
}

#[test]
fn days_come_in_order_and_revisions_one_after_the_other() {
    let directory = directory(&[
        "2010-12-02/sales.json",
        "2010-12-01/sales.r3.json",
        "2010-12-01/sales.p000002.json",
        "2010-12-01/sales.p000001.json",
        "2010-12-01/invoices.csv",
    ]);
    let plan = plan(directory.path(), None, "%Y-%m-%d/{dataset}").unwrap();
    assert_eq!(
        shown(&plan),
        [
            "2010-12-01: invoices 0 2010-12-01/invoices.csv, \
                 sales 1 2010-12-01/sales.p000001.json, sales 2 2010-12-01/sales.p000002.json",
            "2010-12-01: sales 0 2010-12-01/sales.r3.json",
            "2010-12-02: sales 0 2010-12-02/sales.json",
        ]
    );
}

#[test]
fn a_dataset_is_found_by_its_name_its_pattern_or_the_callers_word() {
    let files = directory(&["2010-12-01.csv", "2010-12-02.csv"]);
    let plan_of = |only, pattern| shown(&plan(files.path(), only, pattern).unwrap());
    assert_eq!(
        plan_of(None, "%Y-%m-%d"),
        [
            "2010-12-01: invoices 0 2010-12-01.csv",
            "2010-12-02: invoices 0 2010-12-02.csv"
        ]
    );
    assert_eq!(
        plan_of(Some("sales"), "%Y-%m-%d")[0],
        "2010-12-01: sales 0 2010-12-01.csv"
    );
    let one = directory(&["sales.json"]);
    let file = one.path().join("sales.json");
    let planned = plan(&file, None, "day 2010-12-05").unwrap();
    assert_eq!(shown(&planned), ["2010-12-05: sales 0 sales.json"]);
}

#[test]
fn what_is_no_file_of_the_directory_is_ignored_aloud() {
    let outside = directory(&["secret.csv"]);
    let directory = directory(&["2010-12-01.csv", ".hidden.csv", "_manifest/0000000001.json"]);
    let link = |target: &Path, name: &str| {
        std::os::unix::fs::symlink(target, directory.path().join(name)).unwrap();
    };
    link(&outside.path().join("secret.csv"), "2010-12-02.csv");
    link(Path::new("nowhere"), "2010-12-03.csv");
    link(directory.path(), "loop");
    link(&directory.path().join("2010-12-01.csv"), "2010-12-04.csv");
    let plan = plan(directory.path(), None, "%Y-%m-%d").unwrap();
    let files: Vec<_> = plan.files().map(|file| &file.relative).collect();
    assert_eq!(
        files,
        [Path::new("2010-12-01.csv"), Path::new("2010-12-04.csv")]
    );
    let ignored: Vec<_> = plan
        .ignored
        .iter()
        .map(|ignored| format!("{} {}", ignored.path.display(), ignored.why))
        .collect();
    assert_eq!(
        ignored,
        [
            ".hidden.csv hidden",
            "2010-12-02.csv a link that leads out of the directory",
            "2010-12-03.csv a link that leads nowhere",
            "_manifest an archive's own manifest; the import writes a new one",
            "loop a link to a directory",
        ]
    );
}

#[test]
fn every_file_that_is_not_clear_is_named_and_nothing_is_planned() {
    let message = refusal(
        &[
            "2010-12-01.csv",
            "readme.txt",
            "2010-02-30.csv",
            "2010-12-03.",
        ],
        None,
        "%Y-%m-%d",
    );
    assert!(message.contains("3 of the files"), "{message}");
    assert!(
        message.contains("readme.txt: its name does not fit the pattern"),
        "{message}"
    );
    assert!(
        message.contains("2010-02-30.csv: the date in its name"),
        "{message}"
    );
    assert!(
        message.contains("2010-12-03.: its name has no extension"),
        "{message}"
    );

    let message = refusal(&["2010-12-01.csv"], Some("returns"), "%Y-%m-%d");
    assert!(message.contains("no dataset returns"), "{message}");
    assert!(message.contains("there are invoices, sales"), "{message}");
    let message = refusal(&["1.csv"], None, "day 2010-12-01");
    assert!(message.contains("no dataset can be made"), "{message}");
    let message = refusal(&["Sales_20101201.csv"], None, "{dataset}_%Y%m%d");
    assert!(message.contains("\"Sales\" is not valid"), "{message}");
}

#[test]
fn files_that_no_mapping_names_are_landed_under_their_own_names() {
    let files = directory(&[
        "sales.json",
        "Order-Details.csv",
        "SOURCE.md",
        "ui_events.json",
    ]);
    let plan_of = plan(files.path(), None, "day 2010-12-01").unwrap();
    let shown: Vec<_> = plan_of
        .files()
        .map(|file| (file.dataset.as_str(), file.is_mapped))
        .collect();
    assert_eq!(
        shown,
        [
            ("order_details", false),
            ("sales", true),
            ("source", false),
            ("ui_events", true),
        ]
    );

    let files = directory(&["returns_20101201.csv"]);
    let plan_of = plan(files.path(), None, "{dataset}_%Y%m%d").unwrap();
    assert!(plan_of.files().all(|file| !file.is_mapped));
}

#[test]
fn remarks_beside_the_data_are_left_alone_where_names_hold_the_day() {
    let files = directory(&["2010-12-01.csv", "SOURCE.md", "LICENSE"]);
    let plan = plan(files.path(), None, "%Y-%m-%d").unwrap();
    assert_eq!(shown(&plan), ["2010-12-01: invoices 0 2010-12-01.csv"]);
    let ignored: Vec<_> = plan.ignored.iter().map(|one| one.path.as_path()).collect();
    assert_eq!(ignored, [Path::new("LICENSE"), Path::new("SOURCE.md")]);
}

#[test]
fn two_files_for_one_place_and_missing_pages_are_refused() {
    let message = refusal(&["a/sales.csv", "b/sales.csv"], None, "day 2010-12-01");
    assert!(
        message.contains("b/sales.csv: a/sales.csv is sales of 2010-12-01"),
        "{message}"
    );
    let message = refusal(&["sales.csv", "sales.p000001.csv"], None, "day 2010-12-01");
    assert!(
        message.contains("sales.p000001.csv: sales.csv is sales"),
        "{message}"
    );
    let message = refusal(
        &["sales.p000001.csv", "sales.p000003.csv"],
        None,
        "day 2010-12-01",
    );
    assert!(
        message.contains("sales.p000003.csv: page 2 of sales is missing"),
        "{message}"
    );
    let message = refusal(&["sales.p004096.csv"], None, "day 2010-12-01");
    assert!(message.contains("1 to 4095"), "{message}");
}

#[test]
fn an_empty_or_missing_directory_is_said() {
    assert!(refusal(&[".x"], None, "day 2010-12-01").contains("1 ignored"));
    let error = plan(Path::new("/no/such"), None, "day 2010-12-01").unwrap_err();
    assert!(error.to_string().contains("/no/such"), "{error}");
}
