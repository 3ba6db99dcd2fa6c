//! Locks, dead connections and readers: nobody sees, and nothing leaves, half a delivery.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use anyhow::{Result, ensure};
use catwing_domain::{ErrorClass, TenantId};
use catwing_load::LoadError;
use sea_orm::sqlx;

use super::{delivery::Delivery, shop::Shop};

#[tokio::test]
async fn one_load_of_a_tenant_at_a_time() -> Result<()> {
    let shop = Shop::open().await?;
    let load = shop.loader.begin(shop.tenant).await?;
    let error = shop.loader.begin(shop.tenant).await.expect_err("a lock");
    assert!(matches!(error, LoadError::Locked { .. }), "{error}");
    assert_eq!(error.class(), ErrorClass::Locked);
    load.abort().await?;
    shop.loader.begin(shop.tenant).await?.abort().await?;

    // A load that fails lets the next one in at once.
    let mut delivery = Delivery::new(1, "2011-01-10", 1).order("A", "open", &[]);
    delivery.counts.clear();
    shop.load(&[&delivery]).await.expect_err("a difference");
    shop.loader.begin(shop.tenant).await?.abort().await?;
    Ok(())
}

#[tokio::test]
async fn a_tenant_that_was_never_added_is_the_operators_to_mend() -> Result<()> {
    let shop = Shop::open().await?;
    let stranger: TenantId = "CW-999999".parse()?;
    let error = shop.loader.begin(stranger).await.expect_err("no such role");
    assert_eq!(error.class(), ErrorClass::Operator);
    assert!(error.to_string().contains("CW-999999"));
    Ok(())
}

#[tokio::test]
async fn a_connection_that_dies_while_copying_leaves_nothing() -> Result<()> {
    let shop = Arc::new(Shop::open().await?);
    let delivery = large_delivery(1);
    let copier = tokio::spawn({
        let shop = Arc::clone(&shop);
        async move {
            let mut load = shop.loader.begin(shop.tenant).await?;
            let delivery = large_delivery(1);
            load.begin_delivery(delivery.head()).await?;
            loop {
                load.stage(&delivery.output).await?;
            }
            #[expect(unreachable_code, reason = "only an error ends the loop")]
            Ok::<(), LoadError>(())
        }
    });
    let kill = "select count(pg_terminate_backend(pid)) from pg_stat_progress_copy \
         where datname = current_database() and tuples_processed > 0";
    while sqlx::query_scalar::<_, i64>(kill)
        .fetch_one(&shop.pool)
        .await?
        == 0
    {
        ensure!(!copier.is_finished(), "nobody copies");
        tokio::task::yield_now().await;
    }
    let error = copier.await?.expect_err("a dead connection");
    assert_eq!(error.class(), ErrorClass::Transient, "{error:?}");
    assert!(shop.content().await?.values().all(Vec::is_empty));

    // The same delivery goes in as if nothing had happened.
    let report = shop.load(&[&delivery]).await?;
    let counts = report.deliveries[0].counts.values().next().expect("orders");
    assert_eq!(counts.won, ORDERS);
    Ok(())
}

const ORDERS: u64 = 3_000;

pub fn large_delivery(entry: u64) -> Delivery {
    (0..ORDERS).fold(Delivery::new(entry, "2011-01-10", 1), |delivery, number| {
        delivery.order(
            &format!("A{number}"),
            "open",
            &[(1, "P1", 1_000), (2, "P2", 1_000)],
        )
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_see_whole_deliveries_only() -> Result<()> {
    let shop = Arc::new(Shop::open().await?);
    let done = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn({
        let (shop, done) = (Arc::clone(&shop), Arc::clone(&done));
        async move {
            // Of each delivery: one document of its own, and a shared one with as many lines as its day.
            let query = "select (select count(*) from cw_200.load_ledger), \
                 (select count(*) from cw_200.sales_orders where external_id <> 'shared'), \
                 (select count(*) from cw_200.sales_order_lines), \
                 (select coalesce(sum(records_won), 0)::bigint from cw_200.load_counts)";
            let mut seen = 0;
            while !done.load(Ordering::SeqCst) {
                let row: (i64, i64, i64, i64) = sqlx::query_as(query).fetch_one(&shop.pool).await?;
                ensure!(
                    row == (row.0, row.0, 2 * row.0, 2 * row.0),
                    "half a delivery: {row:?}"
                );
                ensure!(row.0 >= seen, "a delivery is gone");
                seen = row.0;
            }
            Ok(seen)
        }
    });
    for number in 1..=20u64 {
        let day = format!("2011-01-{number:02}");
        let lines: Vec<_> = (1..=number as i32)
            .map(|line| (line, "P1", 1_000))
            .collect();
        let delivery = Delivery::new(number, &day, 1)
            .order(&format!("own {number}"), "open", &[(1, "P1", 1_000)])
            .order("shared", "open", &lines);
        shop.load(&[&delivery]).await?;
    }
    done.store(true, Ordering::SeqCst);
    assert!(reader.await?? > 0, "the reader saw no load");
    Ok(())
}

#[tokio::test]
async fn a_load_that_is_dropped_is_rolled_back() -> Result<()> {
    let shop = Shop::open().await?;
    let delivery = Delivery::new(1, "2011-01-10", 1).order("A", "open", &[(1, "P1", 1_000)]);
    let mut load = shop.loader.begin(shop.tenant).await?;
    load.begin_delivery(delivery.head()).await?;
    load.stage(&delivery.output).await?;
    drop(load);
    let load = loop {
        match shop.loader.begin(shop.tenant).await {
            Err(LoadError::Locked { .. }) => tokio::task::yield_now().await,
            other => break other?,
        }
    };
    load.abort().await?;
    assert!(shop.content().await?.values().all(Vec::is_empty));
    Ok(())
}
