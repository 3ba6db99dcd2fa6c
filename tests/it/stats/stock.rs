//! Inventory values: which day a period shows, and which cost is in force.

use anyhow::Result;

use super::shop::{EUR, Shop};

#[tokio::test]
async fn a_period_shows_the_last_day_with_stock_the_same_for_all_places() -> Result<()> {
    let shop = Shop::open().await?;
    for product in 1..=3 {
        shop.costs(product, &[("2026-01-01", Some("2"), EUR)])
            .await?;
    }
    shop.stock(1, "2026-02-24", &[(1, "10"), (2, "5")]).await?;
    shop.stock(2, "2026-02-24", &[(1, "1"), (3, "4")]).await?;
    shop.refresh().await?;
    let shown_first = [
        "all 2026-02-23 2026-03-01 20 40 3",
        "1 2026-02-23 2026-03-01 15 30 2",
        "2 2026-02-23 2026-03-01 5 10 2",
    ];
    assert_eq!(shop.rows("weekly_inventory_values").await?, shown_first);

    // On Friday the second place delivers nothing: the week shows Friday, without it.
    shop.stock(1, "2026-02-27", &[(1, "7")]).await?;
    let report = shop.refresh().await?;
    assert_eq!(
        shop.rows("weekly_inventory_values").await?,
        [
            "all 2026-02-23 2026-03-01 7 14 1",
            "1 2026-02-23 2026-03-01 7 14 1",
        ]
    );
    assert_eq!(report.days[&catwing_stats::Subject::Inventory], 1);
    assert_eq!(
        shop.rows("daily_inventory_values").await?,
        [
            "all 2026-02-24 2026-02-24 20 40 3",
            "1 2026-02-24 2026-02-24 15 30 2",
            "2 2026-02-24 2026-02-24 5 10 2",
            "all 2026-02-27 2026-02-27 7 14 1",
            "1 2026-02-27 2026-02-27 7 14 1",
        ]
    );
    assert_eq!(
        shop.rows("quarterly_inventory_values").await?,
        [
            "all 2026-01-01 2026-03-31 7 14 1",
            "1 2026-01-01 2026-03-31 7 14 1",
        ]
    );

    // A late delivery of Wednesday changes its own day and no period.
    shop.stock(2, "2026-02-25", &[(3, "9")]).await?;
    shop.refresh().await?;
    assert_eq!(shop.rows("monthly_inventory_values").await?.len(), 2);
    assert_eq!(shop.rows("daily_inventory_values").await?.len(), 7);

    // A complete delivery that holds nothing is data: the place was empty.
    shop.stock(1, "2026-02-28", &[]).await?;
    shop.refresh().await?;
    assert_eq!(
        shop.rows("weekly_inventory_values").await?,
        Vec::<String>::new()
    );
    shop.is_as_rebuilt().await
}

#[tokio::test]
async fn stock_is_valued_at_the_cost_in_force_on_its_day() -> Result<()> {
    let shop = Shop::open().await?;
    shop.costs(
        1,
        &[
            ("2026-02-02", Some("1.5"), EUR),
            ("2026-02-04", Some("3"), EUR),
        ],
    )
    .await?;
    for day in ["2026-02-01", "2026-02-02", "2026-02-03", "2026-02-04"] {
        shop.stock(1, day, &[(1, "10")]).await?;
    }
    let report = shop.refresh().await?;
    let of_place = |rows: Vec<String>| {
        let own = rows.into_iter().filter(|row| row.starts_with("1 "));
        own.collect::<Vec<_>>()
    };
    // Before the first known cost there is a quantity, and no value.
    assert_eq!(
        of_place(shop.rows("daily_inventory_values").await?),
        [
            "1 2026-02-01 2026-02-01 10 none 1",
            "1 2026-02-02 2026-02-02 10 15 1",
            "1 2026-02-03 2026-02-03 10 15 1",
            "1 2026-02-04 2026-02-04 10 30 1",
        ]
    );
    assert_eq!(report.without_cost, 1);

    // A late price list of the 3rd lands between two others.
    shop.costs(
        1,
        &[
            ("2026-02-02", Some("1.5"), EUR),
            ("2026-02-03", Some("2"), EUR),
            ("2026-02-04", Some("3"), EUR),
        ],
    )
    .await?;
    shop.refresh().await?;
    assert_eq!(
        of_place(shop.rows("daily_inventory_values").await?)[1..],
        [
            "1 2026-02-02 2026-02-02 10 15 1",
            "1 2026-02-03 2026-02-03 10 20 1",
            "1 2026-02-04 2026-02-04 10 30 1",
        ]
    );
    assert_eq!(
        shop.rows("monthly_inventory_values").await?,
        [
            "all 2026-02-01 2026-02-28 10 30 1",
            "1 2026-02-01 2026-02-28 10 30 1",
        ]
    );

    // Known no more from the 4th on: of two products the other has a value.
    shop.costs(
        1,
        &[("2026-02-02", Some("1.5"), EUR), ("2026-02-04", None, EUR)],
    )
    .await?;
    shop.costs(2, &[("2026-02-01", Some("0.0333"), EUR)])
        .await?;
    shop.stock(1, "2026-02-04", &[(1, "10"), (2, "0.333")])
        .await?;
    let report = shop.refresh().await?;
    assert_eq!(report.without_cost, 2, "on the 1st and on the 4th");
    // 0.333 * 0.0333 = 0.0110889, rounded to 0.0111.
    assert_eq!(
        of_place(shop.rows("daily_inventory_values").await?)[3],
        "1 2026-02-04 2026-02-04 10.333 0.0111 2"
    );
    shop.is_as_rebuilt().await
}
