//! Pending purchase orders: from when to when a line waits, and for how much.

use anyhow::Result;

use super::shop::{Purchase, Receipt, Shop};

/// Days, quantities and values of the row of all places.
async fn pending(shop: &Shop) -> Result<Vec<String>> {
    let rows = shop.rows("daily_pending_po_values").await?;
    let short = |row: &String| {
        let words: Vec<_> = row.split(' ').collect();
        let [place, day, _, qty, value, products] = words[..] else {
            return None;
        };
        (place == "all").then(|| format!("{} {qty} {value} {products}", &day[8..]))
    };
    Ok(rows.iter().filter_map(short).collect())
}

const DAYS: [&str; 6] = [
    "2026-02-02",
    "2026-02-03",
    "2026-02-04",
    "2026-02-05",
    "2026-02-06",
    "2026-02-07",
];

#[tokio::test]
async fn a_line_waits_for_what_has_not_come() -> Result<()> {
    let shop = Shop::open().await?;
    shop.purchases_delivered(&DAYS).await?;
    shop.purchase(
        &Purchase::of(1, 1, "2026-02-03")
            .line(1, "10", "2")
            .line(2, "4", "1.25"),
    )
    .await?;
    shop.refresh().await?;
    let open = [
        "03 14 25 2",
        "04 14 25 2",
        "05 14 25 2",
        "06 14 25 2",
        "07 14 25 2",
    ];
    assert_eq!(pending(&shop).await?, open);

    // Six of ten come on the 5th, all of the other line, and of that one too many.
    shop.receipt(&Receipt::of(
        1,
        1,
        "2026-02-05",
        &[(1, 1, "6"), (2, 2, "5")],
    ))
    .await?;
    shop.refresh().await?;
    let short = [
        "03 14 25 2",
        "04 14 25 2",
        "05 4 8 1",
        "06 4 8 1",
        "07 4 8 1",
    ];
    assert_eq!(pending(&shop).await?, short);

    // The rest will not come: the order says `received`, and is closed by its last receipt.
    let mut closed = Purchase::of(1, 1, "2026-02-03")
        .line(1, "10", "2")
        .line(2, "4", "1.25");
    closed.status = Some("Received");
    shop.purchase(&closed).await?;
    shop.refresh().await?;
    assert_eq!(pending(&shop).await?, open[..2]);

    // A receipt of the 7th that was cancelled does not count; not cancelled, it is the last one.
    let mut late = Receipt::of(2, 1, "2026-02-07", &[(1, 1, "4")]);
    late.status = Some("Cancelled");
    shop.receipt(&late).await?;
    shop.refresh().await?;
    assert_eq!(pending(&shop).await?, open[..2]);
    late.status = Some("booked");
    shop.receipt(&late).await?;
    shop.refresh().await?;
    assert_eq!(pending(&shop).await?, short[..4]);
    shop.is_as_rebuilt().await
}

#[tokio::test]
async fn an_order_ends_as_its_record_says() -> Result<()> {
    let shop = Shop::open().await?;
    shop.purchases_delivered(&DAYS).await?;
    let order = || Purchase::of(1, 1, "2026-02-03").line(1, "1", "1");
    let from = |days: &[&str]| {
        days.iter()
            .map(|day| format!("{day} 1 1 1"))
            .collect::<Vec<_>>()
    };
    for (status, closed, record_day, open) in [
        (
            None,
            None,
            "2026-02-03",
            &["03", "04", "05", "06", "07"][..],
        ),
        (Some("draft"), None, "2026-02-03", &[]),
        (Some("Cancelled"), None, "2026-02-06", &[]),
        // Closed without a receipt: from the day of the record on.
        (Some("closed"), None, "2026-02-06", &["03", "04", "05"]),
        // A declared end goes before everything.
        (Some("closed"), Some("2026-02-04"), "2026-02-06", &["03"]),
        (
            Some("ordered"),
            Some("2026-02-05"),
            "2026-02-06",
            &["03", "04"],
        ),
        (Some("closed"), Some("2026-02-03"), "2026-02-06", &[]),
    ] {
        let mut changed = order();
        changed.status = status;
        changed.closed = closed.map(Into::into);
        changed.record_day = record_day.into();
        shop.purchase(&changed).await?;
        shop.refresh().await?;
        assert_eq!(pending(&shop).await?, from(open), "{status:?} {closed:?}");
    }
    shop.is_as_rebuilt().await
}

#[tokio::test]
async fn a_period_shows_the_last_day_with_purchase_data() -> Result<()> {
    let shop = Shop::open().await?;
    shop.purchases_delivered(&["2026-02-03", "2026-02-05"])
        .await?;
    shop.purchase(
        &Purchase::of(1, 1, "2026-02-03")
            .line(1, "10", "1")
            .line(2, "1", "1"),
    )
    .await?;
    shop.purchase(&Purchase::of(2, 2, "2026-02-05").line(1, "5", "1"))
        .await?;
    shop.refresh().await?;
    assert_eq!(
        shop.rows("weekly_pending_po_values").await?,
        [
            "all 2026-02-02 2026-02-08 16 16 2",
            "1 2026-02-02 2026-02-08 11 11 2",
            "2 2026-02-02 2026-02-08 5 5 1",
        ]
    );

    // A day without new orders is a day with data once its files, empty as they are, were delivered.
    shop.receipt(&Receipt::of(
        1,
        1,
        "2026-02-06",
        &[(1, 1, "10"), (2, 2, "1")],
    ))
    .await?;
    shop.refresh().await?;
    assert_eq!(
        shop.rows("weekly_pending_po_values").await?.len(),
        3,
        "the 6th is not shown"
    );
    shop.purchases_delivered(&["2026-02-07"]).await?;
    shop.refresh().await?;
    assert_eq!(
        shop.rows("weekly_pending_po_values").await?,
        [
            "all 2026-02-02 2026-02-08 5 5 1",
            "2 2026-02-02 2026-02-08 5 5 1",
        ]
    );
    assert_eq!(shop.rows("daily_pending_po_values").await?.len(), 2 + 3 + 2);
    shop.is_as_rebuilt().await
}
