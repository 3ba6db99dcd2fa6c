//! The archive determines the export as it determines the database: byte for byte.

use std::{fs, path::Path};

use anyhow::Result;
use catwing_recovery::apply::Grouping;
use serde_json::{Value, json};

use super::place::Place;
use crate::warehouse::Warehouse;

const TENANT: &str = r#"
client = "CW-000200"
name = "Replayed"
time_zone = "Asia/Tokyo"
base_currency = "EUR"
[datasets.products]
number = 1
completeness = "snapshot"
[datasets.suppliers]
number = 2
completeness = "snapshot"
[datasets.locations]
number = 4
completeness = "snapshot"
[datasets.pricing_lists]
number = 5
completeness = "snapshot"
[datasets.sales_orders]
number = 20
[datasets.purchase_orders]
number = 21
[datasets.receiving_orders]
number = 22
[datasets.inventory]
number = 30
completeness = "snapshot"
"#;
const PATTERN: &str = "{dataset}_%Y-%m-%d";
const DAYS: u32 = 4;
const RUN_DATE: &str = "2026-03-04";

/// Files of a few days: costs change, a promotion comes and goes, documents are corrected a day later.
fn write(folder: &Path) -> Result<()> {
    for day in 1..=DAYS {
        let date = format!("2026-03-{day:02}");
        let yesterday = format!("2026-03-{:02}", day - 1);
        let product = |number: u32| {
            json!({ "external_id": format!("P{number}"), "name": "A product", "brand": "Brand",
                "supplier_external_id": "S", "price": "9.99", "currency": "EUR" })
        };
        let offer = |number: u32| {
            json!({ "product_external_id": format!("P{number}"),
                "unit_cost": format!("{}.5", number + day / 2), "currency": "EUR" })
        };
        let price = |number: u32| {
            json!({ "product_external_id": format!("P{number}"), "price_kind": "regular", "rank": 1,
                "price": format!("{number}0.25"), "currency": "EUR", "from_date": "2026-01-01" })
        };
        let promotion = json!({ "product_external_id": "P2", "price_kind": "promo", "rank": 2, "price": "1.5",
            "currency": "EUR", "from_date": "2026-03-01" });
        let mut prices: Vec<Value> = (1..4).map(price).collect();
        prices.extend((day == 2 || day == 3).then_some(promotion));
        let sale = |number: u32, date: &str, qty: u32| {
            json!({ "external_id": format!("{date}-{number}"), "order_date": date, "location_external_id": "L1",
                "currency": "EUR", "lines": [{ "line_no": 1, "product_external_id": format!("P{number}"),
                "qty": qty, "unit_price": "3.3333" }] })
        };
        let mut sales: Vec<Value> = (1..4).map(|number| sale(number, &date, number)).collect();
        if day > 1 {
            sales.push(sale(2, &yesterday, day));
        }
        let purchase = json!([{ "external_id": format!("PO{day}"), "supplier_external_id": "S",
            "location_external_id": "L1", "order_date": date, "currency": "EUR",
            "lines": [{ "line_no": 1, "product_external_id": "P3", "qty": 10, "unit_cost": "2" }] }]);
        let receipt = json!([{ "external_id": format!("R{day}"), "location_external_id": "L1",
            "purchase_order_external_id": format!("PO{}", day.saturating_sub(1).max(1)), "received_date": date,
            "lines": [{ "line_no": 1, "product_external_id": "P3", "qty_received": 4 }] }]);
        let stock = |number: u32| {
            json!({ "product_external_id": format!("P{number}"), "location_external_id": "L1",
                "snapshot_date": date, "on_hand_qty": number * day })
        };
        let files = [
            ("products", json!((1..4).map(product).collect::<Vec<_>>())),
            (
                "suppliers",
                json!([{ "external_id": "S", "name": "Supplier", "currency": "EUR",
                "products": (1..4).map(offer).collect::<Vec<_>>() }]),
            ),
            (
                "locations",
                json!([{ "external_id": "L1", "name": "One", "type": "store" }]),
            ),
            ("pricing_lists", json!(prices)),
            ("sales_orders", json!(sales)),
            ("purchase_orders", purchase),
            ("receiving_orders", receipt),
            ("inventory", json!((1..4).map(stock).collect::<Vec<_>>())),
        ];
        for (dataset, records) in files {
            fs::write(
                folder.join(format!("{dataset}_{date}.json")),
                records.to_string(),
            )?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_replayed_archive_gives_the_same_bytes() -> Result<()> {
    let folder = tempfile::tempdir()?;
    write(folder.path())?;
    let place = Place {
        warehouse: Warehouse::create(TENANT).await?,
    };
    let warehouse = &place.warehouse;
    warehouse.import(folder.path(), PATTERN).await?;
    let pending = warehouse.pending().await?;
    warehouse.apply(&pending, Grouping::ONE_BY_ONE).await?;
    let refused = warehouse
        .rows("select rule, field, message from quarantine")
        .await?;
    assert!(refused.is_empty(), "{refused:?}");
    place.export_days(None, RUN_DATE).await?;
    let first = place.objects(RUN_DATE).await?;
    let rows = super::place::read(&first["features.parquet"])?;
    let of_p2: Vec<_> = rows
        .iter()
        .filter(|row| row["product_external_id"] == "P2")
        .map(|row| {
            let columns = ["date", "sales_qty", "on_hand_qty", "price", "unit_cost"];
            columns.map(|name| row[name].as_str()).join("|")
        })
        .collect();
    assert_eq!(
        of_p2,
        [
            // The promotion has its first day from the files of the second and the third.
            "2026-03-01|2.000|2.000|1.5000|2.5000",
            "2026-03-02|3.000|4.000|1.5000|3.5000",
            "2026-03-03|4.000|6.000|1.5000|3.5000",
            // Its source lists it no longer.
            "2026-03-04|2.000|8.000|20.2500|4.5000",
        ]
    );

    warehouse.clear().await?;
    let newest_first: Vec<_> = pending.into_iter().rev().collect();
    warehouse.apply(&newest_first, Grouping::TOGETHER).await?;
    place.export_days(None, RUN_DATE).await?;
    assert_eq!(place.objects(RUN_DATE).await?, first);
    Ok(())
}
