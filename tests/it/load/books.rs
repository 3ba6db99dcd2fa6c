//! Every record that was read is accounted for, or nothing is written.

use std::collections::BTreeMap;

use anyhow::Result;
use catwing_domain::{
    Cell, Entity, ErrorClass, Money, TableId,
    manifest::{EntryNumber, Sha256Hash},
};
use catwing_load::LoadError;

use super::{
    delivery::{Delivery, Rank, key},
    shop::{Noon, Shop},
};

#[tokio::test]
async fn records_win_are_superseded_are_repeated_or_are_refused() -> Result<()> {
    let shop = Shop::open().await?;
    let newer = Delivery::new(2, "2011-01-11", 1)
        .product("P3", "newer", Rank::Record)
        .snapshot(false);
    shop.load(&[&newer]).await?;
    let delivery = Delivery::new(1, "2011-01-10", 1)
        .product("P1", "said twice", Rank::Record)
        .product("P1", "said twice", Rank::Record)
        .product("P2", "before", Rank::Record)
        .product("P2", "after", Rank::Record)
        .product("P3", "older", Rank::Record)
        .refused_product("P4")
        .order("A", "open", &[(1, "P9", 1_000), (2, "P9", 1_000)])
        .snapshot(false);
    let report = shop.load(&[&delivery]).await?;
    let counts = &report.deliveries[0].counts;
    let products = counts[&(0, Entity::Products)];
    assert_eq!(
        (products.won, products.superseded, products.duplicate),
        (2, 2, 1)
    );
    assert_eq!(products.source.records_quarantined, 1);
    assert_eq!(counts[&(0, Entity::SalesOrders)].won, 1);
    assert_eq!(
        shop.texts(
            "select entity || ' ' || source_rows || ' ' || records_read || ' ' || records_won || ' ' \
             || records_superseded || ' ' || records_duplicate || ' ' || records_quarantined \
             from cw_200.load_counts where entry_number = 1"
        )
        .await?,
        ["products 6 6 2 2 1 1", "sales_orders 2 1 1 0 0 0"]
    );
    Ok(())
}

#[tokio::test]
async fn quarantine_tells_all_that_is_wrong() -> Result<()> {
    let shop = Shop::open().await?;
    let delivery = Delivery::new(1, "2011-01-10", 1)
        .refused_product("P1")
        .snapshot(false);
    shop.load(&[&delivery]).await?;
    assert_eq!(
        shop.texts(
            "select concat_ws('|', entity, business_day, object_key, ordinal, record_key, source_rows, \
             rule, field, coalesce(value, 'null'), message, problems -> 1 ->> 'value', record) \
             from cw_200.quarantine"
        )
        .await?,
        ["products|2011-01-10|raw-data/CW-000200/2011-01-10/object.csv|0|P1|1|missing|name|null|\
          name is missing|go\u{fffd}ods|P1,\u{fffd}"]
    );
    Ok(())
}

#[tokio::test]
async fn a_record_that_is_lost_fails_the_load() -> Result<()> {
    let shop = Shop::open().await?;
    let before = shop.content().await?;
    let mut lost = Delivery::new(1, "2011-01-10", 1).order("A", "open", &[(1, "P1", 1_000)]);
    for counts in lost.counts.values_mut() {
        counts.records_read += 1;
    }
    let mut hidden = Delivery::new(1, "2011-01-10", 1)
        .refused_product("P1")
        .snapshot(false);
    hidden.output.rejects.clear();
    let mut unannounced = Delivery::new(1, "2011-01-10", 1).order("A", "open", &[]);
    unannounced.counts.clear();
    for (delivery, entity) in [
        (lost, "sales_orders"),
        (hidden, "products"),
        (unannounced, "sales_orders"),
    ] {
        let error = shop.load(&[&delivery]).await.expect_err("a difference");
        assert!(matches!(error, LoadError::Conservation { .. }), "{error}");
        assert_eq!(error.class(), ErrorClass::Bug);
        assert!(error.to_string().contains(&format!(
            "entry 1, raw-data/CW-000200/2011-01-10/object.csv, {entity}: "
        )));
        assert_eq!(shop.content().await?, before);
    }
    assert!(shop.loader.applied(shop.tenant).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn two_keys_with_one_id_fail_by_name() -> Result<()> {
    let shop = Shop::open().await?;
    shop.load(&[&brand(1, 77, "Acme")]).await?;
    let error = shop
        .load(&[&brand(2, 77, "Zenith")])
        .await
        .expect_err("one id");
    assert!(
        matches!(&error, LoadError::KeyCollision { table: "brands", id: 77, first, second }
            if first == "Acme" && second == "Zenith"),
        "{error}"
    );
    assert!(error.to_string().contains("key_salt"));
    // An older record is no way around it.
    let older = brand_on("2011-01-09", 3, 77, "Zenith");
    let error = shop.load(&[&older]).await.expect_err("one id");
    assert!(matches!(error, LoadError::KeyCollision { .. }), "{error}");

    // Both in one transaction, and among lookups.
    shop.clear().await?;
    let error = shop
        .load(&[&brand(1, 77, "Acme"), &brand(2, 77, "Zenith")])
        .await;
    assert!(matches!(error, Err(LoadError::KeyCollision { .. })));
    let mut delivery = Delivery::new(1, "2011-01-10", 1).order("A", "open", &[]);
    let version = delivery.next_version();
    let id = Cell::Key(key(TableId::SalesOrderStatuses, "open").bits());
    let rows = delivery.output.rows(TableId::SalesOrderStatuses);
    rows.row().cell(id).text("other").version(version);
    let error = shop.load(&[&delivery]).await.expect_err("one id");
    assert!(
        matches!(
            error,
            LoadError::KeyCollision {
                table: "sales_order_statuses",
                ..
            }
        ),
        "{error}"
    );
    assert!(shop.content().await?.values().all(Vec::is_empty));
    Ok(())
}

fn brand(entry: u64, id: i64, name: &str) -> Delivery {
    brand_on("2011-01-10", entry, id, name)
}

fn brand_on(day: &str, entry: u64, id: i64, name: &str) -> Delivery {
    let mut delivery = Delivery::new(entry, day, entry);
    let version = delivery.next_version();
    let row = delivery
        .output
        .rows(TableId::Brands)
        .row()
        .cell(Cell::Key(id))
        .text(name);
    row.cell(Cell::Null)
        .small(Rank::Embedded as i16)
        .version(version);
    delivery
}

#[tokio::test]
async fn a_second_attempt_finds_the_ledger_and_does_nothing() -> Result<()> {
    let shop = Shop::open().await?;
    let delivery = Delivery::new(1, "2011-01-10", 1).order("A", "open", &[(1, "P1", 1_000)]);
    shop.load(&[&delivery]).await?;
    let before = shop.content().await?;
    let report = shop.load(&[&delivery, &delivery]).await?;
    assert!(report.deliveries.is_empty() && report.rows_written.is_empty());
    assert_eq!(shop.content().await?, before);
    let applied = shop.loader.applied(shop.tenant).await?;
    assert_eq!(applied.len(), 1);
    assert_eq!(
        applied[&EntryNumber(1)].entry_sha256,
        delivery.head().entry_sha256
    );
    assert_eq!(
        shop.texts("select applied_at::text from cw_200.load_ledger")
            .await?
            .len(),
        1
    );

    let mut head = delivery.head();
    head.entry_sha256 = Sha256Hash::of(b"another manifest");
    let mut load = shop.loader.begin(shop.tenant).await?;
    let error = load
        .begin_delivery(head)
        .await
        .expect_err("another manifest");
    assert_eq!(error.class(), ErrorClass::Raw);
    load.abort().await?;
    Ok(())
}

#[tokio::test]
async fn decimals_arrive_as_they_were_sent() -> Result<()> {
    let shop = Shop::open().await?;
    let edges = [
        (0, "0.0000"),
        (1, "0.0001"),
        (-1, "-0.0001"),
        (10_000, "1.0000"),
        (-99_999_999, "-9999.9999"),
        (100_000_000, "10000.0000"),
        (12_345_678_901_230_000, "1234567890123.0000"),
        (9_000_000_000_000_000_000, "900000000000000.0000"),
        (-9_000_000_000_000_000_000, "-900000000000000.0000"),
    ];
    let mut delivery = Delivery::new(1, "2011-01-10", 1);
    for (index, _) in edges.iter().enumerate() {
        delivery = delivery.order(&format!("A{index}"), "open", &[]);
    }
    // The freight is the eleventh column of an order, which has fifteen.
    let rows = std::mem::replace(
        delivery.output.rows(TableId::SalesOrders),
        catwing_domain::Rows::new(TableId::SalesOrders),
    );
    for (row, (units, _)) in rows.iter().zip(edges) {
        let mut writer = delivery.output.rows(TableId::SalesOrders).row();
        for (column, cell) in row.enumerate() {
            let freight = Cell::Money(Money::from_units(units));
            writer = writer.cell(if column == 10 { freight } else { cell });
        }
    }
    shop.load(&[&delivery]).await?;
    let mut found = shop
        .texts("select external_id || ' ' || freight_value from cw_200.sales_orders")
        .await?;
    found.sort();
    let expected: Vec<_> = edges
        .iter()
        .enumerate()
        .map(|(i, (_, text))| format!("A{i} {text}"))
        .collect();
    assert_eq!(found, expected);
    Ok(())
}

#[tokio::test]
async fn a_load_that_failed_does_nothing_more() -> Result<()> {
    let shop = Shop::open().await?;
    let mut delivery = Delivery::new(1, "2011-01-10", 1).order("A", "open", &[(1, "P1", 1_000)]);
    delivery.output.part_units.clear();
    let mut load = shop.loader.begin(shop.tenant).await?;
    assert!(load.begin_delivery(delivery.head()).await?);
    let error = load
        .stage(&delivery.output)
        .await
        .expect_err("parts of no document");
    assert!(matches!(error, LoadError::Output { .. }), "{error}");
    let error = load
        .end_delivery(&BTreeMap::new(), &[])
        .await
        .expect_err("out of turn");
    assert!(matches!(error, LoadError::OutOfTurn(_)), "{error}");
    let error = load.commit(&Noon).await.expect_err("out of turn");
    assert!(matches!(error, LoadError::OutOfTurn(_)), "{error}");
    assert!(shop.content().await?.values().all(Vec::is_empty));
    Ok(())
}
