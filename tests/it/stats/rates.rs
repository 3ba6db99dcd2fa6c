//! Values in other currencies: which rate is in force, and what a late one changes.

use anyhow::Result;
use catwing_domain::ErrorClass;
use catwing_stats::StatsError;

use super::shop::{EUR, GBP, Purchase, Sale, Shop, USD};

fn in_dollars(id: i64, day: &str, value: &str) -> Sale {
    let mut sale = Sale::of(id, 1, day).line(1, "1", value);
    sale.currency = USD;
    sale
}

async fn values(shop: &Shop) -> Result<Vec<String>> {
    let rows = shop.rows("daily_sales_values").await?;
    let value = |row: &String| row.split(' ').nth(4).unwrap_or_default().to_owned();
    let own = rows.iter().filter(|row| row.starts_with("1 "));
    Ok(own.map(value).collect())
}

#[tokio::test]
async fn a_late_rate_counts_until_the_next_one() -> Result<()> {
    let shop = Shop::open().await?;
    shop.rate(USD, "2026-02-01", "0.9").await?;
    shop.rate(USD, "2026-02-04", "0.8").await?;
    for (id, day) in [
        (1, "2026-02-02"),
        (2, "2026-02-03"),
        (3, "2026-02-04"),
        (4, "2026-02-05"),
    ] {
        shop.sale(&in_dollars(id, day, "100")).await?;
    }
    shop.refresh().await?;
    assert_eq!(values(&shop).await?, ["90", "90", "80", "80"]);
    let nothing = shop.refresh().await?;
    assert!(nothing.tables.is_empty() && nothing.changed_rates == 0);

    // The rate of the 3rd comes late: it counts on the 3rd, and no longer.
    shop.rate(USD, "2026-02-03", "0.85").await?;
    let report = shop.refresh().await?;
    assert_eq!(report.changed_rates, 1);
    assert_eq!(report.days[&catwing_stats::Subject::Sales], 1);
    assert_eq!(report.tables["daily_sales_values"].updated, 2);
    assert_eq!(values(&shop).await?, ["90", "85", "80", "80"]);
    assert_eq!(
        shop.rows("monthly_sales_values").await?,
        [
            "all 2026-02-01 2026-02-28 4 335 1",
            "1 2026-02-01 2026-02-28 4 335 1",
        ]
    );

    // A corrected one counts from its day to the end, and one that goes leaves the one before.
    shop.rate(USD, "2026-02-04", "0.7").await?;
    shop.refresh().await?;
    assert_eq!(values(&shop).await?, ["90", "85", "70", "70"]);
    shop.sql("delete from cw_global.currency_rates where effective_date = '2026-02-03'")
        .await?;
    shop.refresh().await?;
    assert_eq!(values(&shop).await?, ["90", "90", "70", "70"]);
    shop.is_as_rebuilt().await
}

#[tokio::test]
async fn every_row_is_rounded_for_itself() -> Result<()> {
    let shop = Shop::open().await?;
    shop.rate(USD, "2026-02-01", "0.33333").await?;
    // 0.0001 * 0.33333 is less than half of the last place; 0.0002 * 0.33333 is more.
    let sale = in_dollars(1, "2026-02-02", "0.0001")
        .line(1, "1", "0.0001")
        .line(2, "1", "0.0002")
        .update(1, "2026-02-02", "0", "0.0002");
    shop.sale(&sale).await?;
    shop.refresh().await?;
    assert_eq!(values(&shop).await?, ["0.0002"]);
    shop.is_as_rebuilt().await
}

#[tokio::test]
async fn a_missing_rate_is_named_and_changes_nothing() -> Result<()> {
    let shop = Shop::open().await?;
    shop.sale(&Sale::of(1, 1, "2026-02-01").line(1, "1", "1"))
        .await?;
    shop.refresh().await?;
    let before = shop.rows("quarterly_sales_values").await?;

    shop.rate(USD, "2026-02-03", "0.9").await?;
    shop.sale(&in_dollars(2, "2026-02-02", "100")).await?;
    let mut other = Sale::of(3, 1, "2026-02-05").line(1, "1", "1");
    other.currency = GBP;
    shop.sale(&other).await?;
    let error = shop
        .refresh()
        .await
        .expect_err("no rate on or before the 2nd");
    let StatsError::MissingRate {
        day,
        currency,
        base,
        others,
        ..
    } = &error
    else {
        panic!("{error:?}");
    };
    assert_eq!([day, currency, base], ["2026-02-02", "USD", "EUR"]);
    assert_eq!((*others, error.class()), (1, ErrorClass::Data));
    assert!(
        error.to_string().contains("deliver one in currency_rates"),
        "{error}"
    );
    assert_eq!(values(&shop).await?, ["1"]);
    assert_eq!(shop.rows("quarterly_sales_values").await?, before);

    // What was touched is still noted.
    shop.rate(USD, "2026-02-02", "0.5").await?;
    shop.rate(GBP, "2025-12-31", "1.2").await?;
    shop.refresh().await?;
    assert_eq!(values(&shop).await?, ["1", "50", "1.2"]);
    shop.is_as_rebuilt().await
}

#[tokio::test]
async fn stocks_are_valued_with_the_rate_of_their_day() -> Result<()> {
    let shop = Shop::open().await?;
    shop.rate(USD, "2026-02-01", "0.5").await?;
    shop.costs(
        1,
        &[
            ("2026-02-01", Some("3"), USD),
            ("2026-02-04", Some("2"), EUR),
        ],
    )
    .await?;
    for day in ["2026-02-02", "2026-02-03", "2026-02-04"] {
        shop.stock(1, day, &[(1, "10")]).await?;
    }
    let mut order = Purchase::of(1, 1, "2026-02-02").line(1, "4", "2.5");
    order.currency = USD;
    shop.purchase(&order).await?;
    shop.purchases_delivered(&["2026-02-02", "2026-02-03", "2026-02-04"])
        .await?;
    shop.refresh().await?;
    shop.rate(USD, "2026-02-03", "0.6").await?;
    shop.refresh().await?;
    assert_eq!(
        shop.rows("daily_inventory_values").await?,
        [
            "all 2026-02-02 2026-02-02 10 15 1",
            "1 2026-02-02 2026-02-02 10 15 1",
            "all 2026-02-03 2026-02-03 10 18 1",
            "1 2026-02-03 2026-02-03 10 18 1",
            "all 2026-02-04 2026-02-04 10 20 1",
            "1 2026-02-04 2026-02-04 10 20 1",
        ]
    );
    assert_eq!(
        shop.rows("daily_pending_po_values").await?,
        [
            "all 2026-02-02 2026-02-02 4 5 1",
            "1 2026-02-02 2026-02-02 4 5 1",
            "all 2026-02-03 2026-02-03 4 6 1",
            "1 2026-02-03 2026-02-03 4 6 1",
            "all 2026-02-04 2026-02-04 4 6 1",
            "1 2026-02-04 2026-02-04 4 6 1",
        ]
    );
    shop.is_as_rebuilt().await
}

/// Another base currency is another statistic of everything.
#[tokio::test]
async fn a_new_base_currency_computes_everything() -> Result<()> {
    let shop = Shop::open().await?;
    shop.rate(USD, "2026-02-01", "0.5").await?;
    shop.sale(&in_dollars(1, "2026-02-02", "100")).await?;
    shop.refresh().await?;
    assert_eq!(values(&shop).await?, ["50"]);
    shop.sql("update cw_global.client_config set base_currency_id = 2 where id = 200")
        .await?;
    assert!(shop.refresh().await?.is_whole);
    assert_eq!(values(&shop).await?, ["100"]);
    shop.is_as_rebuilt().await
}
