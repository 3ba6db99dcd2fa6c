//! Each fact of a small shop, worked out by hand.

use anyhow::Result;
use catwing_domain::ErrorClass;
use catwing_ml_export::ExportError;

use super::place::{Place, RUN_DATE};

const FEATURES: &str = "features.parquet";
const TARGETS: &str = "targets.parquet";
const KEY: [&str; 3] = ["product_external_id", "location_external_id", "date"];

fn after_key(columns: &[&'static str]) -> Vec<&'static str> {
    [&KEY, columns].concat()
}

#[tokio::test]
async fn a_row_is_a_day_with_a_fact_in_the_order_of_bytes() -> Result<()> {
    let place = Place::shop().await?;
    place.export().await?;
    let columns = after_key(&["product_id", "location_id"]);
    assert_eq!(
        place.rows(FEATURES, &columns).await?,
        [
            "P10|L1|2026-02-14|110|1",
            "P10|L2|2026-02-05|110|2",
            "P10|L2|2026-02-06|110|2",
            "P10|L2|2026-02-07|110|2",
            "P10|L2|2026-02-10|110|2",
            "P2|L1|2026-02-03|12|1",
            "P2|L1|2026-02-09|12|1",
            "P2|L1|2026-02-10|12|1",
            "P2|L1|2026-02-11|12|1",
            "P2|L1|2026-02-12|12|1",
            "P2|L1|2026-02-13|12|1",
            "a|L1|2026-02-09|20|1",
        ]
    );
    let manifest = place.manifest(RUN_DATE).await?;
    assert_eq!(manifest.from_date, "2026-02-03");
    assert_eq!(manifest.base_currency, "EUR");
    Ok(())
}

#[tokio::test]
async fn sales_and_returns_stand_apart_in_the_base_currency() -> Result<()> {
    let place = Place::shop().await?;
    place.export().await?;
    let columns = after_key(&[
        "sales_qty",
        "sales_value",
        "returns_qty",
        "returns_value",
        "sales_orders",
    ]);
    let rows = place.rows(FEATURES, &columns).await?;
    let sold: Vec<_> = rows
        .iter()
        .filter(|row| !row.ends_with("|0.000|0.0000|0.000|0.0000|0"))
        .collect();
    assert_eq!(
        sold,
        [
            // 2 + 1 for 30 euros in one document, and 1 for 10 dollars at 0.9 in another.
            "P2|L1|2026-02-09|4.000|39.0000|0.000|0.0000|2",
            // 0.3333 and 0.3334 dollars at 0.8, each rounded: 0.2666 + 0.2667.
            "P2|L1|2026-02-10|3.000|0.5333|0.000|0.0000|1",
            "P2|L1|2026-02-11|0.000|0.0000|-1.000|-10.0000|0",
            // One comes back, and one more was sold after all: no document of the day.
            "P2|L1|2026-02-12|1.000|5.0000|-1.000|-10.0000|0",
            // The price was lowered; updates of documents that do not count do not count.
            "P2|L1|2026-02-13|0.000|0.0000|0.000|-2.0000|0",
            "a|L1|2026-02-09|1.000|3.5000|0.000|0.0000|1",
        ]
    );
    Ok(())
}

#[tokio::test]
async fn stock_is_null_where_none_was_delivered() -> Result<()> {
    let place = Place::shop().await?;
    place.export().await?;
    let columns = after_key(&["on_hand_qty", "reserved_qty", "in_transit_qty"]);
    let rows = place.rows(FEATURES, &columns).await?;
    let (unknown, known): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.ends_with("|||"));
    assert_eq!(
        known,
        [
            "P10|L1|2026-02-14|0.000|0.000|0.000",
            "P2|L1|2026-02-09|5.000||1.000",
            "P2|L1|2026-02-10|7.125|1.000|",
        ]
    );
    assert_eq!(unknown.len(), 9);
    Ok(())
}

#[tokio::test]
async fn what_is_on_order_is_what_is_not_received_and_not_closed() -> Result<()> {
    let place = Place::shop().await?;
    place.export().await?;
    let rows = place.rows(FEATURES, &after_key(&["open_po_qty"])).await?;
    assert_eq!(
        rows,
        [
            "P10|L1|2026-02-14|0.000",
            // 8 are ordered, then 3 in another order.
            "P10|L2|2026-02-05|8.000",
            "P10|L2|2026-02-06|11.000",
            // 5 of the 8 are all that came: the order says that it is received.
            "P10|L2|2026-02-07|3.000",
            "P10|L2|2026-02-10|0.000",
            "P2|L1|2026-02-03|10.000",
            "P2|L1|2026-02-09|6.000",
            "P2|L1|2026-02-10|6.000",
            "P2|L1|2026-02-11|6.000",
            // More than was ordered came.
            "P2|L1|2026-02-12|0.000",
            "P2|L1|2026-02-13|0.000",
            "a|L1|2026-02-09|0.000",
        ]
    );
    Ok(())
}

#[tokio::test]
async fn prices_and_costs_are_those_of_the_day_and_the_place() -> Result<()> {
    let place = Place::shop().await?;
    place
        .execute(
            "insert into inventory_quantities (id, product_id, location_id, snapshot_date, scope, on_hand_qty) \
             values (91, 12, 2, '2026-02-10', 'c', 1); \
             insert into pricing_lists (id, product_id, price_kind_id, price, currency_id, from_date) \
             values (92, 110, 1, 3, 1, '2026-02-05'), (91, 110, 2, 4, 1, '2026-02-07'); \
             insert into price_kinds (id, name, rank, is_active) values (9, 'also promo', 5, true); \
             insert into pricing_lists (id, product_id, price_kind_id, price, currency_id, from_date) \
             values (90, 110, 9, 5, 1, '2026-02-07')",
        )
        .await?;
    place.export().await?;
    let rows = place
        .rows(FEATURES, &after_key(&["price", "unit_cost"]))
        .await?;
    assert_eq!(
        rows,
        [
            // Of two kinds of one rank and one first day, the one with the smaller key.
            "P10|L1|2026-02-14|5.0000|",
            "P10|L2|2026-02-05|3.0000|",
            "P10|L2|2026-02-06|3.0000|",
            "P10|L2|2026-02-07|5.0000|",
            "P10|L2|2026-02-10|5.0000|",
            // Everywhere, before the place has one of its own.
            "P2|L1|2026-02-03|12.0000|",
            // A promotion of the place, on the last day that its source listed it.
            "P2|L1|2026-02-09|7.0000|4.0000",
            // A promotion of everywhere goes before the regular price of the place: 8.5 at 0.8.
            "P2|L1|2026-02-10|6.8000|4.4000",
            "P2|L1|2026-02-11|6.8000|4.4000",
            // Of two regular ones, that with the later first day.
            "P2|L1|2026-02-12|11.0000|4.4000",
            // No cost is known from here on.
            "P2|L1|2026-02-13|11.0000|",
            // The promotion of this place began earlier than that of everywhere.
            "P2|L2|2026-02-10|6.8000|4.4000",
            "a|L1|2026-02-09||",
        ]
    );
    Ok(())
}

#[tokio::test]
async fn products_and_places_are_described() -> Result<()> {
    let place = Place::shop().await?;
    place.export().await?;
    let columns = [
        "product_external_id",
        "product_kind",
        "category_external_id",
        "brand",
        "gender",
        "price_tier",
        "supplier_external_id",
        "birth_date",
        "location_type",
    ];
    let mut rows = place.rows(FEATURES, &columns).await?;
    rows.dedup();
    assert_eq!(
        rows,
        [
            "P10|goods|||||||store",
            "P10|goods|||||||",
            "P2|goods|cat|Brand|Unisex|Mid|sup|2025-12-24|store",
            "a|service|||||||store",
        ]
    );
    Ok(())
}

#[tokio::test]
async fn days_are_those_of_the_iso_calendar() -> Result<()> {
    let place = Place::shop().await?;
    place
        .execute(
            "delete from sales_order_line_updates; delete from inventory_quantities; \
             delete from receiving_order_lines; delete from purchase_order_lines; \
             update sales_orders set order_date = '2027-01-03', currency_id = 1 where id = 1; \
             update sales_orders set order_date = '2026-12-28', currency_id = 1 where id = 2; \
             update sales_orders set order_date = '2024-02-29', currency_id = 1 where id = 3; \
             delete from sales_order_lines where sales_order_id > 3 or product_id <> 12",
        )
        .await?;
    place.export_days(None, "2027-01-10").await?;
    let objects = place.objects("2027-01-10").await?;
    let rows = super::place::read(&objects[FEATURES])?;
    let shown: Vec<_> = rows
        .iter()
        .map(|row| {
            let columns = [
                "date",
                "day_of_week",
                "iso_year",
                "iso_week",
                "month",
                "quarter",
                "day_of_month",
                "is_weekend",
            ];
            columns.map(|name| row[name].as_str()).join("|")
        })
        .collect();
    assert_eq!(
        shown,
        [
            "2024-02-29|4|2024|9|2|1|29|false",
            "2026-12-28|1|2026|53|12|4|28|false",
            // A Sunday of the week that began in the year before.
            "2027-01-03|7|2026|53|1|1|3|true",
        ]
    );
    Ok(())
}

#[tokio::test]
async fn targets_look_ahead_and_never_beyond_the_run_date() -> Result<()> {
    let place = Place::shop().await?;
    place.export().await?;
    let columns = after_key(&["demand_qty", "demand_next_7_qty", "demand_next_28_qty"]);
    assert_eq!(
        place.rows(TARGETS, &columns).await?,
        [
            "P10|L1|2026-02-14|0.000||",
            "P10|L2|2026-02-05|0.000|0.000|",
            "P10|L2|2026-02-06|0.000|0.000|",
            "P10|L2|2026-02-07|0.000|0.000|",
            "P10|L2|2026-02-10|0.000|0.000|",
            // The fourth to the tenth: 4 and 3.
            "P2|L1|2026-02-03|0.000|7.000|",
            // The tenth to the sixteenth: 3 and 1.
            "P2|L1|2026-02-09|4.000|4.000|",
            // The seventh day after is the run date.
            "P2|L1|2026-02-10|3.000|1.000|",
            "P2|L1|2026-02-11|0.000||",
            "P2|L1|2026-02-12|1.000||",
            "P2|L1|2026-02-13|0.000||",
        ]
    );
    // Much later, 28 days are known too: 3 + 1, and 9 on the eighteenth.
    place.export_days(None, "2026-03-20").await?;
    let objects = place.objects("2026-03-20").await?;
    let rows = super::place::read(&objects[TARGETS])?;
    let first_sale = rows
        .iter()
        .find(|row| row["product_external_id"] == "P2" && row["date"] == "2026-02-09");
    assert_eq!(first_sale.unwrap()["demand_next_28_qty"], "13.000");
    Ok(())
}

#[tokio::test]
async fn a_later_first_day_leaves_out_rows_and_changes_none() -> Result<()> {
    let place = Place::shop().await?;
    place.export().await?;
    let columns = after_key(&["sales_qty", "open_po_qty", "price", "unit_cost"]);
    let all = place.rows(FEATURES, &columns).await?;
    place.export_days(Some("2026-02-10"), RUN_DATE).await?;
    let later = place.rows(FEATURES, &columns).await?;
    let expected: Vec<_> = all
        .into_iter()
        .filter(|row| row.split('|').nth(2) >= Some("2026-02-10"))
        .collect();
    assert_eq!(later, expected);
    assert_eq!(later.len(), 6);
    assert_eq!(place.manifest(RUN_DATE).await?.from_date, "2026-02-10");
    Ok(())
}

#[tokio::test]
async fn a_value_without_a_rate_names_currency_and_day() -> Result<()> {
    let place = Place::shop().await?;
    let told = async |sql: &str| -> Result<String> {
        place.execute(sql).await?;
        let error = place.export().await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Data);
        assert!(matches!(error, ExportError::MissingRate { .. }));
        assert_eq!(
            place.objects(RUN_DATE).await?.len(),
            0,
            "something is there"
        );
        Ok(error.to_string())
    };
    let sale = told("update sales_orders set currency_id = 3 where id = 3").await?;
    assert!(
        sale.contains("2026-02-10 in CHF") && sale.contains("from CHF to EUR"),
        "{sale}"
    );
    let price = told(
        "update sales_orders set currency_id = 1 where id = 3; \
         update pricing_lists set currency_id = 3 where id = 3",
    )
    .await?;
    assert!(price.contains("2026-02-12 in CHF"), "{price}");
    let cost = told(
        "update pricing_lists set currency_id = 1 where id = 3; \
         update product_costs set currency_id = 3 where from_date = '2026-02-04'",
    )
    .await?;
    assert!(cost.contains("2026-02-09 in CHF"), "{cost}");
    // A rate of a later day is none.
    let late = told(
        "insert into cw_global.currency_rates (id, from_currency_id, to_currency_id, effective_date, rate) \
         values (9, 3, 1, '2026-02-10', 2)",
    )
    .await?;
    assert!(late.contains("2026-02-09 in CHF"), "{late}");
    place
        .execute("update cw_global.currency_rates set effective_date = '2026-02-09' where id = 9")
        .await?;
    place.export().await?;
    Ok(())
}

#[tokio::test]
async fn no_facts_are_two_files_without_rows() -> Result<()> {
    let place = Place::empty().await?;
    let unregistered = place.export().await.unwrap_err();
    assert!(matches!(unregistered, ExportError::Unregistered { .. }));
    place
        .execute(
            "insert into cw_global.currencies (id, code, name) values (1, 'EUR', 'Euro'); \
             insert into cw_global.client_config (id, client_id, client_name, base_currency_id, config) \
             values (1, 'CW-000200', 'Shop', 1, '{}')",
        )
        .await?;
    let report = place.export().await?;
    assert_eq!(report.from_date, RUN_DATE);
    let manifest = place.manifest(RUN_DATE).await?;
    assert_eq!(manifest.files.len(), 2);
    assert!(manifest.files.iter().all(|file| file.rows == 0));
    assert_eq!(manifest.position.greatest_entry, None);
    Ok(())
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() -> Result<()> {
    let place = Place::shop().await?;
    let window = place
        .export_days(Some("2026-02-18"), RUN_DATE)
        .await
        .unwrap_err();
    assert!(matches!(window, ExportError::Window { .. }));
    // No sum of a day fits its column.
    place
        .execute("update sales_order_lines set qty = 999999999999.999 where id in (11, 12)")
        .await?;
    let value = place.export().await.unwrap_err();
    assert_eq!(value.class(), ErrorClass::Data);
    assert!(
        value
            .to_string()
            .contains("sales_qty of row 7 of features.parquet"),
        "{value}"
    );
    Ok(())
}
