//! Drift in the database: each field is told once, with the first object that showed it.

use std::fs;

use anyhow::Result;
use catwing_recovery::apply::{ApplyReport, Grouping};

use crate::warehouse::Warehouse;

/// Products by a mapping of their own; `@` stands for more of the file.
const FILE: &str = r#"
client = "CW-000471"
name = "Drifting shop"
time_zone = "Europe/Sofia"
base_currency = "EUR"
@
[datasets.products]
number = 1
format = { type = "ndjson" }
[datasets.products.feeds.products.fields]
external_id = "code"
name = "title"
price = "price"
"#;

const JOURNAL: &str = "select kind, field, entry_number, business_day, object_key, ordinal, records, \
     mapping_sha256 = (select mapping_sha256 from load_ledger as l where l.entry_number = d.entry_number) as of_its_file \
     from schema_drift as d order by entry_number, kind, field";

/// Lands the products of a day, applies them, and returns what the journal did not have.
async fn deliver(
    warehouse: &Warehouse,
    day: &str,
    products: &str,
) -> Result<(ApplyReport, Vec<String>)> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("products.json"), products)?;
    warehouse.import_day(folder.path(), day).await?;
    let pending = warehouse.pending().await?;
    let report = warehouse.apply(&pending, Grouping::default()).await?;
    let new = report.new_drift.iter();
    let new = new.map(|drift| {
        let short = drift.object.rsplit('/').next().unwrap_or_default();
        format!(
            "{} {} {} {short} {} {}",
            drift.entity, drift.kind, drift.field, drift.ordinal, drift.records
        )
    });
    let new = new.collect();
    Ok((report, new))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drifted_field_is_told_once_for_each_mapping() -> Result<()> {
    let mut warehouse = Warehouse::create(&FILE.replace('@', "")).await?;
    let good = r#"{"code": "A", "title": "a", "price": 1}"#;
    let (_, new) = deliver(&warehouse, "2026-02-20", good).await?;
    assert_eq!(new, [""; 0]);

    let heavy = r#"{"code": "B", "title": "b", "price": 1, "weight": 2}"#;
    let (report, new) = deliver(
        &warehouse,
        "2026-02-21",
        &format!("{good}\n{heavy}\n{heavy}"),
    )
    .await?;
    assert_eq!(new, ["products unknown weight products.json 1 2"]);
    assert_eq!(report.unknown_fields["weight"], 1);

    // The field is known by now; another one is missed.
    let cheap = r#"{"code": "C", "title": "c", "weight": 2}"#;
    let (report, new) = deliver(&warehouse, "2026-02-22", cheap).await?;
    assert_eq!(new, ["products missing price products.json 0 1"]);
    assert_eq!(report.unknown_fields["weight"], 1, "each delivery counts");
    let (_, new) = deliver(&warehouse, "2026-02-23", cheap).await?;
    assert_eq!(new, [""; 0]);
    let key = |day: &str| format!("raw-data/CW-000471/{day}/products.json");
    let first = [
        format!("unknown|weight|2|2026-02-21|{}|1|2|true", key("2026-02-21")),
        format!("missing|price|3|2026-02-22|{}|0|1|true", key("2026-02-22")),
    ];
    assert_eq!(warehouse.rows(JOURNAL).await?, first);

    // Another file is told of anew, and refuses what its contract says.
    let strict = FILE.replace('@', "[contracts]\nproducts = \"quarantine\"");
    let tenant = warehouse.tenant();
    warehouse.archive.mapping = warehouse.archive.store.put_config(tenant, strict).await?;
    let (report, new) = deliver(&warehouse, "2026-02-24", &format!("{good}\n{heavy}")).await?;
    assert_eq!(new, ["products unknown weight products.json 1 1"]);
    assert_eq!(
        report.refused,
        [("products contract weight".to_owned(), 1)].into()
    );
    let refused = warehouse
        .rows("select rule, field, value, message from quarantine")
        .await?;
    let message = "is a field that the mapping does not use, and contracts.products = \"quarantine\" refuses such: \
         map it, or set that to \"evolve\"";
    assert_eq!(refused, [format!("contract|weight|2|{message}")]);
    let journal = warehouse.rows(JOURNAL).await?;
    assert_eq!(journal.get(..2), Some(first.as_slice()));
    assert_eq!(journal.len(), 3);
    warehouse.check_books().await
}
