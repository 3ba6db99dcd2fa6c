//! Presence: who is gone, who is back, and who was never asked about.

use anyhow::Result;
use catwing_domain::{PresenceScope, TableId};
use catwing_load::LoadError;

use super::{
    delivery::{Delivery, Rank},
    shop::{Noon, Shop},
};

fn snapshot(entry: u64, day: &str, dataset: u64, products: &[&str]) -> Delivery {
    let mut delivery = Delivery::new(entry, day, dataset);
    for product in products {
        delivery = delivery.product(product, product, Rank::Record);
    }
    delivery.snapshot(true)
}

async fn active(shop: &Shop) -> Result<Vec<String>> {
    shop.texts("select external_id from cw_200.products where is_active")
        .await
}

#[tokio::test]
async fn a_key_that_a_newer_snapshot_lacks_is_gone_until_it_returns() -> Result<()> {
    let shop = Shop::open().await?;
    let monday = snapshot(1, "2011-01-10", 1, &["P1", "P2"]);
    let tuesday = snapshot(2, "2011-01-11", 1, &["P1"]);
    let wednesday = snapshot(3, "2011-01-12", 1, &["P2"]);
    shop.same_in_any_order(&[monday, tuesday]).await?;
    assert_eq!(active(&shop).await?, ["P1"]);
    shop.load(&[&wednesday]).await?;
    assert_eq!(active(&shop).await?, ["P2"]);
    Ok(())
}

#[tokio::test]
async fn snapshots_and_deltas_agree_in_any_order() -> Result<()> {
    let shop = Shop::open().await?;
    shop.same_in_any_order(&[
        snapshot(1, "2011-01-10", 1, &["P1", "P2", "P3"]),
        snapshot(2, "2011-01-11", 1, &["P1"]),
        // A later delta has P2, which the snapshot before it lacks.
        Delivery::new(3, "2011-01-12", 1)
            .product("P2", "P2 again", Rank::Record)
            .snapshot(false),
    ])
    .await?;
    assert_eq!(active(&shop).await?, ["P1", "P2"]);
    Ok(())
}

#[tokio::test]
async fn a_rejected_record_with_a_readable_key_is_present() -> Result<()> {
    let shop = Shop::open().await?;
    let content = shop
        .same_in_any_order(&[
            snapshot(1, "2011-01-10", 1, &["P1", "P2"]),
            snapshot(2, "2011-01-11", 1, &["P1"]).refused_product("P2"),
        ])
        .await?;
    assert_eq!(active(&shop).await?, ["P1", "P2"]);
    assert_eq!(content["quarantine"].len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_snapshot_with_an_unreadable_key_retires_nothing() -> Result<()> {
    let shop = Shop::open().await?;
    let unreadable = Delivery::new(2, "2011-01-11", 1)
        .product("P1", "P1", Rank::Record)
        .snapshot(false);
    shop.same_in_any_order(&[snapshot(1, "2011-01-10", 1, &["P1", "P2"]), unreadable])
        .await?;
    assert_eq!(active(&shop).await?, ["P1", "P2"]);
    Ok(())
}

#[tokio::test]
async fn datasets_do_not_retire_each_other_nor_what_is_only_referred_to() -> Result<()> {
    let shop = Shop::open().await?;
    shop.same_in_any_order(&[
        snapshot(1, "2011-01-10", 1, &["P1", "P2"]),
        snapshot(2, "2011-01-11", 2, &["Q1"]),
        Delivery::new(3, "2011-01-09", 3)
            .product("I1", "I1", Rank::Inferred)
            .product("E1", "E1", Rank::Embedded),
    ])
    .await?;
    assert_eq!(active(&shop).await?, ["E1", "I1", "P1", "P2", "Q1"]);
    Ok(())
}

#[tokio::test]
async fn another_dataset_does_not_keep_a_key_that_its_own_one_dropped() -> Result<()> {
    let shop = Shop::open().await?;
    // The record of dataset 1 is the newest, so it is dataset 1 that says whether it is there.
    shop.same_in_any_order(&[
        snapshot(1, "2011-01-10", 2, &["P1", "P2"]),
        snapshot(2, "2011-01-11", 1, &["P1"]),
        snapshot(3, "2011-01-12", 1, &[]),
    ])
    .await?;
    assert_eq!(active(&shop).await?, ["P2"]);
    Ok(())
}

#[tokio::test]
async fn a_record_that_says_inactive_is_inactive_though_present() -> Result<()> {
    let shop = Shop::open().await?;
    let delivery = Delivery::new(1, "2011-01-10", 1)
        .product("P1", "P1 (gone)", Rank::Record)
        .snapshot(true);
    shop.load(&[&delivery]).await?;
    assert!(active(&shop).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn an_empty_snapshot_retires_all_of_its_dataset() -> Result<()> {
    let shop = Shop::open().await?;
    shop.same_in_any_order(&[
        snapshot(1, "2011-01-10", 1, &["P1"]),
        snapshot(2, "2011-01-11", 1, &[]),
        snapshot(3, "2011-01-10", 2, &["Q1"]),
    ])
    .await?;
    assert_eq!(active(&shop).await?, ["Q1"]);
    Ok(())
}

#[tokio::test]
async fn two_datasets_of_one_delivery_keep_their_keys_apart() -> Result<()> {
    let shop = Shop::open().await?;
    shop.load(&[&snapshot(1, "2011-01-10", 1, &["P1", "P2"])])
        .await?;
    let first = snapshot(2, "2011-01-11", 1, &["P1"]);
    let second = snapshot(2, "2011-01-11", 2, &["P2"]);

    let mut load = shop.loader.begin(shop.tenant).await?;
    load.begin_delivery(first.head()).await?;
    load.stage(&first.output).await?;
    let both: Vec<PresenceScope> = [&first, &second]
        .iter()
        .flat_map(|delivery| delivery.presence.clone())
        .collect();
    let error = load.presence(&both).expect_err("two scopes for one key");
    assert!(matches!(error, LoadError::Output { .. }), "{error}");
    load.abort().await?;

    let mut load = shop.loader.begin(shop.tenant).await?;
    load.begin_delivery(first.head()).await?;
    load.stage(&first.output).await?;
    load.presence(&first.presence)?;
    load.stage(&second.output).await?;
    let mut counts = first.counts.clone();
    for counts in counts.values_mut() {
        counts.records_read += 1;
        counts.source_rows += 1;
    }
    load.end_delivery(&counts, &second.presence).await?;
    let report = load.commit(&Noon).await?;
    assert_eq!(report.rows_written[&TableId::PresenceKeys], 2);
    let keys = "select dataset_number || ' ' || p.external_id || ' ' || (newest_position >> 47) \
         from cw_200.presence_keys k join cw_200.products p on p.id = k.row_id";
    assert_eq!(
        shop.texts(keys).await?,
        ["1 P1 14985", "1 P2 14984", "2 P2 14985"]
    );
    Ok(())
}
