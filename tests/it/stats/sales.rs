//! Sales: which documents and days count.

use anyhow::Result;

use super::shop::{Sale, Shop, USD};

/// 2025-12-29 to 2026-01-04 is the first ISO week of 2026, though two years, months and quarters have
/// a part of it.
#[tokio::test]
async fn a_week_at_new_year_belongs_to_two_quarters() -> Result<()> {
    let shop = Shop::open().await?;
    for (id, day, qty, value) in [
        (1, "2025-12-28", "1", "10"),
        (2, "2025-12-29", "2", "20"),
        (3, "2026-01-04", "3", "30.5"),
        (4, "2026-01-05", "4", "40"),
    ] {
        shop.sale(&Sale::of(id, 1, day).line(1, qty, value)).await?;
    }
    shop.refresh().await?;
    let both = |row: &str| [format!("all {row}"), format!("1 {row}")];
    let expected = |rows: &[&str]| rows.iter().flat_map(|row| both(row)).collect::<Vec<_>>();
    assert_eq!(
        shop.rows("daily_sales_values").await?,
        expected(&[
            "2025-12-28 2025-12-28 1 10 1",
            "2025-12-29 2025-12-29 2 20 1",
            "2026-01-04 2026-01-04 3 30.5 1",
            "2026-01-05 2026-01-05 4 40 1",
        ])
    );
    assert_eq!(
        shop.rows("weekly_sales_values").await?,
        expected(&[
            "2025-12-22 2025-12-28 1 10 1",
            "2025-12-29 2026-01-04 5 50.5 1",
            "2026-01-05 2026-01-11 4 40 1",
        ])
    );
    assert_eq!(
        shop.rows("monthly_sales_values").await?,
        expected(&[
            "2025-12-01 2025-12-31 3 30 1",
            "2026-01-01 2026-01-31 7 70.5 1",
        ])
    );
    assert_eq!(
        shop.rows("quarterly_sales_values").await?,
        expected(&[
            "2025-10-01 2025-12-31 3 30 1",
            "2026-01-01 2026-03-31 7 70.5 1",
        ])
    );
    shop.is_as_rebuilt().await
}

#[tokio::test]
async fn an_order_that_moves_leaves_its_day_and_place() -> Result<()> {
    let shop = Shop::open().await?;
    shop.sale(&Sale::of(1, 1, "2026-02-27").line(1, "1", "10"))
        .await?;
    shop.sale(
        &Sale::of(2, 2, "2026-02-27")
            .line(1, "2", "20")
            .line(2, "1", "5"),
    )
    .await?;
    shop.refresh().await?;
    assert_eq!(
        shop.rows("daily_sales_values").await?,
        [
            "all 2026-02-27 2026-02-27 4 35 2",
            "1 2026-02-27 2026-02-27 1 10 1",
            "2 2026-02-27 2026-02-27 3 25 2",
        ]
    );

    // From a Friday of February at one place to the Sunday of the same week, in March, at another.
    shop.sale(&Sale::of(1, 3, "2026-03-01").line(1, "1", "10"))
        .await?;
    let report = shop.refresh().await?;
    assert!(!report.is_whole);
    assert_eq!(
        shop.rows("daily_sales_values").await?,
        [
            "all 2026-02-27 2026-02-27 3 25 2",
            "2 2026-02-27 2026-02-27 3 25 2",
            "all 2026-03-01 2026-03-01 1 10 1",
            "3 2026-03-01 2026-03-01 1 10 1",
        ]
    );
    assert_eq!(
        shop.rows("weekly_sales_values").await?,
        [
            "all 2026-02-23 2026-03-01 4 35 2",
            "2 2026-02-23 2026-03-01 3 25 2",
            "3 2026-02-23 2026-03-01 1 10 1",
        ]
    );
    assert_eq!(
        shop.rows("monthly_sales_values").await?,
        [
            "all 2026-02-01 2026-02-28 3 25 2",
            "2 2026-02-01 2026-02-28 3 25 2",
            "all 2026-03-01 2026-03-31 1 10 1",
            "3 2026-03-01 2026-03-31 1 10 1",
        ]
    );
    shop.is_as_rebuilt().await
}

/// The global row counts each product once, however many places sold it, and periods count each
/// product once, on however many days it was sold.
#[tokio::test]
async fn products_are_counted_once_in_a_period_and_over_all_places() -> Result<()> {
    let shop = Shop::open().await?;
    shop.sale(
        &Sale::of(1, 1, "2026-02-23")
            .line(1, "1", "1")
            .line(1, "1", "1")
            .line(2, "1", "1"),
    )
    .await?;
    shop.sale(
        &Sale::of(2, 2, "2026-02-24")
            .line(1, "1", "1")
            .line(3, "1", "1"),
    )
    .await?;
    shop.refresh().await?;
    assert_eq!(
        shop.rows("weekly_sales_values").await?,
        [
            "all 2026-02-23 2026-03-01 5 5 3",
            "1 2026-02-23 2026-03-01 3 3 2",
            "2 2026-02-23 2026-03-01 2 2 2",
        ]
    );
    shop.is_as_rebuilt().await
}

#[tokio::test]
async fn returns_count_with_their_sign_and_adjustments_do_not() -> Result<()> {
    let shop = Shop::open().await?;
    // 10 sold on Monday; 2 of them come back on Wednesday, which an update of the line says.
    shop.sale(&Sale::of(1, 1, "2026-02-23").line(1, "10", "100").update(
        1,
        "2026-02-25",
        "-2",
        "-20",
    ))
    .await?;
    // Another one comes back as a document of its own.
    let mut back = Sale::of(2, 1, "2026-02-24").line(2, "-1", "-7.5");
    back.kind = "return";
    shop.sale(&back).await?;
    // A write-off that is booked as a sale.
    let mut written_off =
        Sale::of(3, 1, "2026-02-24")
            .line(3, "-50", "-500")
            .update(1, "2026-02-25", "-1", "-10");
    written_off.kind = "adjustment";
    shop.sale(&written_off).await?;
    for (id, status) in [(4, "cancelled"), (5, "CANCELLED")] {
        let mut cancelled =
            Sale::of(id, 1, "2026-02-24")
                .line(4, "1", "1")
                .update(1, "2026-02-25", "1", "1");
        cancelled.status = Some(status);
        shop.sale(&cancelled).await?;
    }
    shop.refresh().await?;
    assert_eq!(
        shop.rows("daily_sales_values").await?,
        [
            "all 2026-02-23 2026-02-23 10 100 1",
            "1 2026-02-23 2026-02-23 10 100 1",
            "all 2026-02-24 2026-02-24 -1 -7.5 1",
            "1 2026-02-24 2026-02-24 -1 -7.5 1",
            "all 2026-02-25 2026-02-25 -2 -20 1",
            "1 2026-02-25 2026-02-25 -2 -20 1",
        ]
    );
    assert_eq!(
        shop.rows("weekly_sales_values").await?,
        [
            "all 2026-02-23 2026-03-01 7 72.5 2",
            "1 2026-02-23 2026-03-01 7 72.5 2",
        ]
    );

    // Cancelled later, the sale and what came back of it are gone from both of their days.
    let mut cancelled =
        Sale::of(1, 1, "2026-02-23")
            .line(1, "10", "100")
            .update(1, "2026-02-25", "-2", "-20");
    cancelled.status = Some("Cancelled");
    shop.sale(&cancelled).await?;
    let report = shop.refresh().await?;
    assert_eq!(
        shop.rows("daily_sales_values").await?,
        [
            "all 2026-02-24 2026-02-24 -1 -7.5 1",
            "1 2026-02-24 2026-02-24 -1 -7.5 1",
        ]
    );
    assert_eq!(report.tables["daily_sales_values"].deleted, 4);
    assert_eq!(report.tables["quarterly_sales_values"].updated, 2);
    shop.is_as_rebuilt().await
}

/// Documents with odd numbers are noted as documents, not as days: what they were is taken away, what they are
/// is added, and a product is gone with the last of its facts.
#[tokio::test]
async fn documents_that_change_are_counted_by_what_differs() -> Result<()> {
    let shop = Shop::open().await?;
    shop.rate(USD, "2026-02-01", "0.5").await?;
    for id in [1, 3, 5] {
        let sale = Sale::of(id, 1, "2026-02-23")
            .line(1, "1", "10")
            .line(1, "1", "10");
        shop.sale(&sale).await?;
    }
    let mut alone = Sale::of(7, 2, "2026-02-20").line(2, "4", "8");
    alone.currency = USD;
    shop.sale(&alone).await?;
    shop.refresh().await?;

    // Changed twice before the next refresh: what it was then counts, once.
    shop.sale(
        &Sale::of(1, 1, "2026-02-23")
            .line(1, "5", "50")
            .line(3, "1", "1"),
    )
    .await?;
    shop.sale(&Sale::of(1, 1, "2026-02-23").line(3, "2", "3"))
        .await?;
    // The only sale of its day, and the only one in its currency, goes to another day.
    shop.sale(&Sale::of(7, 2, "2026-02-23").line(2, "4", "8"))
        .await?;
    let report = shop.refresh().await?;
    assert!(!report.is_whole);
    assert_eq!(
        shop.rows("daily_sales_values").await?,
        [
            "all 2026-02-23 2026-02-23 10 51 3",
            "1 2026-02-23 2026-02-23 6 43 2",
            "2 2026-02-23 2026-02-23 4 8 1",
        ]
    );

    // Product 1 stays with one document that has it, and goes with the last.
    let cancelled = |id| {
        let mut sale = Sale::of(id, 1, "2026-02-23").line(1, "1", "10");
        sale.status = Some("cancelled");
        sale
    };
    shop.sale(&cancelled(3)).await?;
    shop.refresh().await?;
    let own = |rows: Vec<String>| {
        rows.into_iter()
            .filter(|row| row.starts_with("1 "))
            .collect::<Vec<_>>()
    };
    let day = own(shop.rows("daily_sales_values").await?);
    assert_eq!(day, ["1 2026-02-23 2026-02-23 4 23 2"]);
    shop.sale(&cancelled(5)).await?;
    shop.refresh().await?;
    let day = own(shop.rows("daily_sales_values").await?);
    assert_eq!(day, ["1 2026-02-23 2026-02-23 2 3 1"]);
    let month = own(shop.rows("monthly_sales_values").await?);
    assert_eq!(month, ["1 2026-02-01 2026-02-28 2 3 1"]);
    shop.sale(&cancelled(1)).await?;
    shop.refresh().await?;
    assert!(own(shop.rows("weekly_sales_values").await?).is_empty());

    // A day that is read whole and a document that has changed on it do not count twice.
    shop.sale(&Sale::of(1, 1, "2026-02-24").line(1, "1", "1"))
        .await?;
    shop.sale(&Sale::of(2, 1, "2026-02-24").line(1, "1", "1"))
        .await?;
    shop.refresh().await?;
    let day = own(shop.rows("daily_sales_values").await?);
    assert_eq!(day, ["1 2026-02-24 2026-02-24 2 2 1"]);
    assert_eq!(shop.differences().await?, Vec::<String>::new());
    shop.is_as_rebuilt().await
}

/// Demand waits for forecasts, and nothing pretends that there are any.
#[tokio::test]
async fn expected_demand_has_no_rows() -> Result<()> {
    let shop = Shop::open().await?;
    shop.sale(&Sale::of(1, 1, "2026-02-23").line(1, "1", "1"))
        .await?;
    shop.refresh().await?;
    for table in ["daily", "weekly", "monthly", "quarterly"] {
        let table = format!("{table}_expected_demand");
        assert_eq!(shop.rows(&table).await?, Vec::<String>::new(), "{table}");
    }
    Ok(())
}
