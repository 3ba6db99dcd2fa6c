//! Whatever the order of deliveries and their grouping into transactions, the tables are the same.

use anyhow::Result;

use super::{
    delivery::{Delivery, Rank},
    shop::Shop,
};

#[tokio::test]
async fn a_document_is_replaced_whole_and_references_stay() -> Result<()> {
    let shop = Shop::open().await?;
    let content = shop
        .same_in_any_order(&[
            Delivery::new(1, "2011-01-10", 1)
                .order(
                    "A",
                    "open",
                    &[(1, "P1", 1_000), (2, "P2", 2_000), (3, "P3", 3_000)],
                )
                .order("B", "open", &[(1, "P1", 500)]),
            Delivery::new(2, "2011-01-11", 1).order("A", "cancelled", &[]),
            Delivery::new(3, "2011-01-12", 1).order("A", "shipped", &[(2, "P4", 7_000)]),
        ])
        .await?;
    assert_eq!(content["sales_orders"].len(), 2);
    // The losing versions named P2 and P3, and two states of the document: they stay as references.
    assert_eq!(content["products"].len(), 4);
    assert_eq!(content["sales_order_statuses"].len(), 3);
    let lines = "select o.external_id || ' ' || l.line_no || ' ' || p.external_id || ' ' || l.qty || ' ' || u.qty_delta \
         from cw_200.sales_order_lines l join cw_200.sales_orders o on o.id = l.sales_order_id \
         join cw_200.products p on p.id = l.product_id \
         join cw_200.sales_order_line_updates u on u.sales_order_line_id = l.id";
    assert_eq!(
        shop.texts(lines).await?,
        ["A 2 P4 7.000 -7.000", "B 1 P1 0.500 -0.500"]
    );
    Ok(())
}

#[tokio::test]
async fn equal_update_times_are_decided_by_the_raw_position() -> Result<()> {
    let shop = Shop::open().await?;
    let at = "2011-01-09T08:00:00Z";
    let deliveries = [
        Delivery::new(1, "2011-01-10", 1).updated_at(at).order(
            "A",
            "first",
            &[(1, "P1", 1_000), (2, "P2", 1_000)],
        ),
        Delivery::new(2, "2011-01-10", 1)
            .revision(2)
            .updated_at(at)
            .order("A", "second", &[(1, "P3", 1_000)]),
        // Delivered last, but the record itself says that it is older.
        Delivery::new(3, "2011-01-11", 1)
            .updated_at("2011-01-08T08:00:00Z")
            .order("A", "older", &[(1, "P1", 9_000)]),
    ];
    shop.same_in_any_order(&deliveries).await?;
    let status = "select s.name from cw_200.sales_orders o \
         join cw_200.sales_order_statuses s on s.id = o.sales_order_status_id";
    assert_eq!(shop.texts(status).await?, ["second"]);
    assert_eq!(
        shop.texts("select line_no::text from cw_200.sales_order_lines")
            .await?,
        ["1"]
    );
    Ok(())
}

#[tokio::test]
async fn two_versions_in_one_delivery_meet_as_two_deliveries_would() -> Result<()> {
    let shop = Shop::open().await?;
    let once = Delivery::new(1, "2011-01-10", 1)
        .order("A", "open", &[(1, "P1", 1_000), (2, "P2", 1_000)])
        .order("A", "shipped", &[(1, "P3", 1_000)]);
    let report = shop.load(&[&once]).await?;
    let counts = report.deliveries[0].counts.values().next().expect("orders");
    assert_eq!((counts.won, counts.superseded, counts.duplicate), (1, 1, 0));
    assert_eq!(
        shop.texts("select line_no::text from cw_200.sales_order_lines")
            .await?,
        ["1"]
    );
    Ok(())
}

#[tokio::test]
async fn records_beat_embedded_ones_and_those_beat_references() -> Result<()> {
    let shop = Shop::open().await?;
    // The better the rank, the lower the version, so that neither decides by chance.
    let content = shop
        .same_in_any_order(&[
            Delivery::new(1, "2011-01-10", 1)
                .product("P1", "the record", Rank::Record)
                .snapshot(false),
            Delivery::new(2, "2011-01-11", 1).product("P1", "embedded", Rank::Embedded),
            Delivery::new(3, "2011-01-12", 1).product("P1", "P1", Rank::Inferred),
        ])
        .await?;
    assert_eq!(content["products"].len(), 1);
    assert_eq!(shop.product("P1").await?, (true, "the record".to_owned()));
    Ok(())
}

#[tokio::test]
async fn the_newest_of_embedded_ones_and_the_oldest_of_references_stay() -> Result<()> {
    let shop = Shop::open().await?;
    shop.same_in_any_order(&[
        Delivery::new(1, "2011-01-10", 1)
            .product("E", "old", Rank::Embedded)
            .product("I", "first", Rank::Inferred),
        Delivery::new(2, "2011-01-11", 1)
            .product("E", "new", Rank::Embedded)
            .product("I", "second", Rank::Inferred),
        Delivery::new(3, "2011-01-12", 1)
            .product("E", "E", Rank::Inferred)
            .product("I", "third", Rank::Inferred),
    ])
    .await?;
    assert_eq!(shop.product("E").await?.1, "new");
    assert_eq!(shop.product("I").await?.1, "first");
    Ok(())
}

#[tokio::test]
async fn two_embedded_rows_of_one_record_do_not_hang_on_the_order_of_staging() -> Result<()> {
    let shop = Shop::open().await?;
    let mut names = Vec::new();
    for labels in [["Ä", "b", "B"], ["B", "b", "Ä"], ["b", "Ä", "B"]] {
        shop.clear().await?;
        let mut delivery = Delivery::new(1, "2011-01-10", 1);
        let version = delivery.next_version();
        for label in labels {
            let table = catwing_domain::TableId::Products;
            delivery.parent(table, "P1", label, Rank::Embedded, version);
        }
        shop.load(&[&delivery]).await?;
        names.push(shop.product("P1").await?.1);
    }
    assert_eq!(names, ["B", "B", "B"]);
    Ok(())
}

#[tokio::test]
async fn lookups_keep_the_first_record_that_used_them() -> Result<()> {
    let shop = Shop::open().await?;
    shop.same_in_any_order(&[
        Delivery::new(1, "2011-01-12", 1).order("A", "open", &[]),
        Delivery::new(2, "2011-01-10", 1).order("B", "open", &[]),
        Delivery::new(3, "2011-01-11", 1).order("C", "open", &[]),
    ])
    .await?;
    let versions = "select source_version::date::text || ' ' || (raw_position >> 47) from cw_200.sales_order_statuses";
    assert_eq!(shop.texts(versions).await?, ["2011-01-10 14984"]);
    Ok(())
}
