//! References to rows that are not there, in loads that are checked by triggers and by sets.

use anyhow::{Result, ensure};
use catwing_domain::TableId;
use catwing_load::LoadError;
use sea_orm::sqlx::{self, Connection as _, Error};

use super::{delivery::Delivery, faults::large_delivery, shop::Shop};

const LOCK_NOT_AVAILABLE: &str = "55P03";
const FOREIGN_KEY_VIOLATION: &str = "23503";

#[tokio::test]
async fn a_reference_that_leads_nowhere_fails_a_load_of_many_rows_by_name() -> Result<()> {
    let shop = Shop::open().await?;
    let mut no_place = large_delivery(1);
    no_place.output.rows.remove(&TableId::Locations);
    let mut no_product = large_delivery(1);
    no_product.output.rows.remove(&TableId::Products);
    sqlx::query("delete from cw_global.currencies where code = 'GBP'")
        .execute(&shop.pool)
        .await?;
    let mut no_currency = large_delivery(1);
    no_currency.output.currencies.clear();
    for (delivery, from, column, to) in [
        (&no_place, "sales_orders", "location_id", "locations"),
        (&no_product, "sales_order_lines", "product_id", "products"),
        (
            &no_currency,
            "sales_orders",
            "currency_id",
            "cw_global.currencies",
        ),
    ] {
        let error = shop.load(&[delivery]).await.expect_err("it leads nowhere");
        ensure!(
            matches!(&error, LoadError::BrokenReference { table, column: by, parent, .. }
                if (*table, *by, parent.as_str()) == (from, column, to)),
            "{error}"
        );
    }
    assert!(shop.content().await?.values().all(Vec::is_empty));
    Ok(())
}

#[tokio::test]
async fn one_in_a_small_load_is_refused_by_its_trigger() -> Result<()> {
    let shop = Shop::open().await?;
    let mut delivery = Delivery::new(1, "2011-01-10", 1).order("A", "open", &[(1, "P1", 1_000)]);
    delivery.output.rows.remove(&TableId::Locations);
    let error = shop.load(&[&delivery]).await.expect_err("it leads nowhere");
    let LoadError::Merge {
        source: Error::Database(cause),
        ..
    } = &error
    else {
        anyhow::bail!("{error}");
    };
    assert_eq!(cause.code().as_deref(), Some(FOREIGN_KEY_VIOLATION));
    assert!(shop.content().await?.values().all(Vec::is_empty));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_load_refers_to_can_not_be_deleted_before_it_commits() -> Result<()> {
    let shop = Shop::open().await?;
    let first = Delivery::new(1, "2011-01-09", 1).order("first", "open", &[(1, "P1", 1_000)]);
    shop.load(&[&first]).await?;
    let mut others = shop.pool.acquire().await?;
    let mut held_up = others.begin().await?;
    sqlx::query("lock table cw_200.load_ledger in exclusive mode")
        .execute(&mut *held_up)
        .await?;
    let second = large_delivery(2);
    let deletes = async {
        // The load has merged, checked and waits for its ledger.
        let waiting = "select count(*) from pg_locks where not granted \
             and relation = 'cw_200.load_ledger'::regclass";
        while sqlx::query_scalar::<_, i64>(waiting)
            .fetch_one(&shop.pool)
            .await?
            == 0
        {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        for delete in [
            "delete from cw_200.sales_order_statuses where name = 'open'",
            "delete from cw_global.currencies where code = 'GBP'",
        ] {
            let mut other = shop.pool.begin().await?;
            sqlx::query("set local lock_timeout to '300ms'")
                .execute(&mut *other)
                .await?;
            let refused = sqlx::query(delete).execute(&mut *other).await;
            let code = match &refused {
                Err(Error::Database(cause)) => cause.code().map(std::borrow::Cow::into_owned),
                _ => None,
            };
            ensure!(
                code.as_deref() == Some(LOCK_NOT_AVAILABLE),
                "{delete}: {refused:?}"
            );
        }
        held_up.commit().await?;
        anyhow::Ok(())
    };
    let load = [&second];
    let (loaded, deleted) = tokio::join!(shop.load(&load), deletes);
    deleted?;
    loaded?;
    Ok(())
}
