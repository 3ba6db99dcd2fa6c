//! The files as others read them: pyarrow and DuckDB see the types, the rows and the sums that the
//! database has.

use std::{collections::BTreeMap, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use catwing_tests::skip;
use serde::Deserialize;

use super::place::{Place, RUN_DATE};

/// Names a Python that has pyarrow and duckdb; `python3` where it is not set.
const PYTHON: &str = "CATWING_PYTHON";

#[derive(Deserialize)]
struct Seen {
    pyarrow: SeenByArrow,
    duckdb: SeenByDuckDb,
}

#[derive(Deserialize)]
struct SeenByArrow {
    rows: u64,
    types: BTreeMap<String, String>,
    nullable: Vec<String>,
    nulls: BTreeMap<String, u64>,
    sums: BTreeMap<String, String>,
    first_date: String,
    last_date: String,
    meaning: String,
    row_groups: u64,
    compression: String,
    client: String,
}

#[derive(Deserialize)]
struct SeenByDuckDb {
    rows: u64,
    types: BTreeMap<String, String>,
    sums: BTreeMap<String, String>,
    is_sorted: bool,
    joined: u64,
}

/// A Python with both readers, or why there is none.
fn python() -> Result<String, String> {
    let python = std::env::var(PYTHON)
        .ok()
        .filter(|python| !python.is_empty());
    let python = python.unwrap_or_else(|| "python3".to_owned());
    let tried = Command::new(&python)
        .args(["-c", "import pyarrow, duckdb"])
        .output();
    match tried {
        Ok(output) if output.status.success() => Ok(python),
        Ok(_) => Err(format!(
            "{python} has no pyarrow and duckdb: {PYTHON} may name one that has"
        )),
        Err(error) => Err(format!("{python} can't be run ({error}): set {PYTHON}")),
    }
}

fn read_with(python: &str, folder: &Path) -> Result<BTreeMap<String, Seen>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("it/export/read_back.py");
    let output = Command::new(python).arg(script).arg(folder).output()?;
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{told}");
    Ok(serde_json::from_slice(&output.stdout)?)
}

async fn save(place: &Place, run_date: &str, folder: &Path) -> Result<()> {
    for (name, bytes) in place.objects(run_date).await? {
        std::fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}

#[tokio::test]
async fn pyarrow_and_duckdb_read_what_the_database_has() -> Result<()> {
    let python = match python() {
        Ok(python) => python,
        Err(why) => return skip(&why),
    };
    let place = Place::shop().await?;
    place.export().await?;
    let folder = tempfile::tempdir()?;
    save(&place, RUN_DATE, folder.path()).await?;
    let seen = read_with(&python, folder.path())?;
    let features = &seen["features"];
    let (arrow, duckdb) = (&features.pyarrow, &features.duckdb);

    assert_eq!((arrow.rows, duckdb.rows), (12, 12));
    for (column, of_arrow, of_duckdb) in [
        ("product_external_id", "string", "VARCHAR"),
        ("product_id", "int64", "BIGINT"),
        ("date", "date32[day]", "DATE"),
        ("birth_date", "date32[day]", "DATE"),
        ("sales_qty", "decimal128(15, 3)", "DECIMAL(15,3)"),
        ("sales_value", "decimal128(19, 4)", "DECIMAL(19,4)"),
        ("sales_orders", "int64", "BIGINT"),
        ("open_po_qty", "decimal128(15, 3)", "DECIMAL(15,3)"),
        ("price", "decimal128(19, 4)", "DECIMAL(19,4)"),
        ("iso_week", "int32", "INTEGER"),
        ("is_weekend", "bool", "BOOLEAN"),
    ] {
        assert_eq!(arrow.types[column], of_arrow, "{column}");
        assert_eq!(duckdb.types[column], of_duckdb, "{column}");
    }
    assert!(arrow.nullable.contains(&"price".to_owned()));
    assert!(!arrow.nullable.contains(&"sales_qty".to_owned()));
    assert_eq!(arrow.nulls["on_hand_qty"], 9);
    assert_eq!(arrow.nulls["sales_qty"], 0);
    assert_eq!(arrow.first_date, "2026-02-03");
    assert_eq!(arrow.last_date, "2026-02-14");
    assert_eq!(arrow.compression, "ZSTD");
    assert_eq!(arrow.row_groups, 1);
    assert_eq!(arrow.client, "CW-000200");
    assert!(arrow.meaning.starts_with("Ordered from suppliers"));
    assert!(duckdb.is_sorted);
    assert_eq!(duckdb.joined, 12);
    assert_eq!(arrow.sums, duckdb.sums);

    let targets = &seen["targets"];
    assert_eq!((targets.pyarrow.rows, targets.duckdb.rows), (11, 11));
    assert_eq!(
        targets.pyarrow.types["demand_next_28_qty"],
        "decimal128(15, 3)"
    );
    assert_eq!(targets.pyarrow.sums, targets.duckdb.sums);
    assert!(targets.duckdb.is_sorted);
    check_sums(&place, &seen).await
}

/// Sums over all rows, against queries of the database that share nothing with those of the export.
async fn check_sums(place: &Place, seen: &BTreeMap<String, Seen>) -> Result<()> {
    let sum = |file: &str, column: &str| {
        let of_file = seen.get(file).context("a file")?;
        let sum = of_file.duckdb.sums.get(column).context("a sum")?;
        anyhow::Ok(sum.clone())
    };
    let counted = "from sales_orders as o join sales_order_types as t on t.id = o.sales_order_type_id \
        join sales_order_lines as l on l.sales_order_id = o.id \
        where o.sales_order_status_id is distinct from 2 and o.order_date <= '2026-02-17'";
    let sold = place
        .warehouse
        .row(&format!("select sum(qty) {counted} and t.name = 'sale'"))
        .await?;
    let added = place
        .warehouse
        .row("select sum(qty_delta) from sales_order_line_updates where qty_delta > 0")
        .await?;
    let total: rust_decimal::Decimal =
        sold.parse::<rust_decimal::Decimal>()? + added.parse::<rust_decimal::Decimal>()?;
    assert_eq!(sum("features", "sales_qty")?, total.to_string());
    let stock = place
        .warehouse
        .row(
            "select sum(on_hand_qty) from inventory_quantities where snapshot_date <= '2026-02-17'",
        )
        .await?;
    assert_eq!(sum("features", "on_hand_qty")?, stock);
    let services = place
        .warehouse
        .row(&format!(
            "select sum(qty) {counted} and t.name = 'sale' and l.product_id = 20"
        ))
        .await?;
    let goods = total - services.parse::<rust_decimal::Decimal>()?;
    assert_eq!(sum("targets", "demand_qty")?, goods.to_string());
    Ok(())
}
