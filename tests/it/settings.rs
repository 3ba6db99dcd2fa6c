//! Settings: written to raw first, in force by the newest row, restored by a replay, and never touched by
//! what a source delivers.

pub mod shop;

use anyhow::Result;
use catwing_domain::{Clock, SystemClock, manifest::Body};
use catwing_raw_store::{Author, Manifest, Payload, Writes};
use catwing_recovery::apply::Grouping;
use catwing_settings::{SettingsError, Writer};
use futures_util::TryStreamExt;
use jiff::SignedDuration;
use sea_orm::sqlx;

use crate::replay::shuffled;
use shop::{DAY, LOCATIONS, Shop, USER, change};

#[tokio::test]
async fn a_write_is_in_raw_first_and_every_replay_brings_it_back() -> Result<()> {
    let shop = Shop::open().await?;
    for (n, (table, values)) in [
        ("product_settings", &["product=P001", "package_qty=6"][..]),
        (
            "category_settings",
            &["category=C1", "target_service_level=0.95"],
        ),
        (
            "supplier_settings",
            &["supplier=V1", "min_order_value=250.5", "currency=USD"],
        ),
        ("location_settings", &["location=S1", "capacity_qty=900"]),
        (
            "location_relationships",
            &["parent=W1", "child=S1", "type=supplies", "lead_time_days=5"],
        ),
        (
            "inventory_strategies",
            &[
                "location=S1",
                "strategy_type=store: reorder point",
                "parameters=days=7,level=0.95",
            ],
        ),
        ("client_config", &["base_currency=USD"]),
        ("product_settings", &["product=P001", "min_inv_qty=2"]),
    ]
    .into_iter()
    .enumerate()
    {
        let saved = shop.save(&format!("e{n}"), table, values).await?;
        assert!(saved.applied && saved.entry.is_some(), "{saved:?}");
    }
    assert_eq!(
        shop.in_force("product_settings", &["product=P001"]).await?,
        [
            "enabled_for_processing true",
            "min_inv_qty 2",
            "package_qty 6"
        ],
        "a row has all fields: what was set before stays"
    );
    assert_eq!(
        shop.in_force("location_relationships", &["child=S1"])
            .await?,
        ["is_active true", "lead_time_days 5", "priority 1"],
        "the source's priority stays in force"
    );
    assert_eq!(
        shop.in_force("inventory_strategies", &[]).await?,
        [
            "parameters {\"days\":7,\"level\":0.95}",
            "strategy_type \"store: reorder point\""
        ]
    );
    let history = shop
        .settings()
        .history(&change("product_settings", &[])?)
        .await?;
    let told: Vec<_> = history
        .iter()
        .map(|row| (row.event_id.as_deref(), row.user.as_deref()))
        .collect();
    assert_eq!(told, [(Some("e0"), Some(USER)), (Some("e7"), Some(USER))]);
    assert_eq!(
        history[0].at.as_deref(),
        Some("2026-02-24T10:00:00.000000Z")
    );

    // Raw has them as objects of their own, each sealed by an entry of its own.
    let manifest = Manifest::of(&shop.warehouse.archive.store, shop.warehouse.tenant());
    let entries: Vec<_> = manifest.entries(None).try_collect().await?;
    let keys: Vec<_> = entries
        .iter()
        .filter_map(|sealed| match &sealed.entry.body {
            Body::UiEvent(event) => Some(event.object.key.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(keys.len(), 8);
    assert_eq!(
        keys[0],
        "raw-data/CW-000200/2026-02-24/ui_events.p000001.json"
    );

    // The source speaks again, without the way of supply: people's row stays, and stays in force.
    shop.deliver(
        "2026-02-25",
        &[(
            "locations.json",
            r#"[{"external_id": "S1", "name": "Shop", "type": "store"}]"#,
        )],
    )
    .await?;
    assert_eq!(
        shop.in_force("location_relationships", &["child=S1"])
            .await?,
        ["is_active true", "lead_time_days 5", "priority 1"]
    );
    shop.deliver("2026-02-26", &[("locations.json", LOCATIONS)])
        .await?;
    assert_eq!(
        shop.warehouse
            .row("select count(*) || ' ' || count(event_id) from cw_200.location_relationships")
            .await?,
        "2 1"
    );

    let expected = shop.warehouse.digest().await?;
    for seed in 0..3 {
        shop.warehouse.clear().await?;
        let pending = shuffled(&shop.warehouse.pending().await?, seed);
        let grouping = if seed == 0 {
            Grouping::ONE_BY_ONE
        } else {
            Grouping::TOGETHER
        };
        shop.warehouse.apply(&pending, grouping).await?;
        assert_eq!(shop.warehouse.digest().await?, expected, "order {seed}");
    }
    Ok(())
}

#[tokio::test]
async fn the_same_write_is_one_row_however_often_it_is_sent() -> Result<()> {
    let shop = Shop::open().await?;
    let values = ["product=P001", "package_qty=6"];
    let saved = shop.save("e1", "product_settings", &values).await?;
    let entries = shop.entries().await?;
    let again = shop.save("e1", "product_settings", &values).await?;
    assert_eq!((again.entry, again.applied), (None, true));
    assert_eq!(again.event_id, saved.event_id);
    let other = shop
        .save("e1", "product_settings", &["product=P001", "package_qty=7"])
        .await;
    assert!(
        matches!(other, Err(SettingsError::OtherEvent { .. })),
        "{other:?}"
    );
    let nothing = shop.save("e2", "product_settings", &values).await?;
    assert!(nothing.entry.is_none() && nothing.plan.changes.is_empty());
    assert_eq!(
        shop.entries().await?,
        entries,
        "none of these wrote anything"
    );

    Ok(())
}

/// Archives a write as it is, as some other program might, and asks nobody.
async fn archive(shop: &Shop, day: &str, fields: &str) -> Result<()> {
    let event = format!(
        r#"[{{"event_id": "e9", "table": "product_settings", "key": {{"product": "P001"}},
            "fields": {fields}, "user": "{USER}", "at": "2026-02-24T11:00:00Z"}}]"#
    );
    let writes = Writes {
        day: day.parse()?,
        mapping: shop.warehouse.archive.mapping,
        payload: Payload::from_bytes(event),
        record_count: 1,
        source: Default::default(),
    };
    let author = Author {
        run_id: "test",
        clock: &SystemClock,
    };
    let store = &shop.warehouse.archive.store;
    store
        .land_writes(shop.warehouse.tenant(), writes, author)
        .await?;
    Ok(())
}

/// What is in force of the product after the two newest entries were applied in this order.
async fn after(shop: &Shop, order: [usize; 2]) -> Result<(Vec<String>, String)> {
    shop.warehouse.clear().await?;
    let all = shop.warehouse.pending().await?;
    let (rest, last) = all.split_at(all.len() - 2);
    shop.warehouse.apply(rest, Grouping::default()).await?;
    for index in order {
        let one = &last[index..=index];
        shop.warehouse.apply(one, Grouping::default()).await?;
    }
    let digest = format!("{:?}", shop.warehouse.digest().await?.digest);
    Ok((shop.in_force("product_settings", &[]).await?, digest))
}

/// No archive may stop a database: of two writes that claim one id the earlier reading counts, also
/// where they say two things, whichever is applied first.
#[tokio::test]
async fn a_write_that_raw_has_twice_is_the_earlier_one_in_any_order() -> Result<()> {
    for second in [
        r#"{"enabled_for_processing": false}"#,
        r#"{"enabled_for_processing": true, "package_qty": 9}"#,
    ] {
        let shop = Shop::open().await?;
        archive(&shop, DAY, r#"{"enabled_for_processing": false}"#).await?;
        archive(&shop, "2026-02-25", second).await?;
        let (there, back) = (after(&shop, [0, 1]).await?, after(&shop, [1, 0]).await?);
        assert_eq!(there, back, "{second}");
        assert_eq!(there.0, ["enabled_for_processing false"], "{second}");
    }
    Ok(())
}

#[tokio::test]
async fn what_can_not_be_meant_is_told_and_not_written() -> Result<()> {
    let shop = Shop::open().await?;
    let entries = shop.entries().await?;
    for (table, values, expected) in [
        (
            "product_settings",
            &["product=P999", "package_qty=6"][..],
            "there is no product \"P999\"",
        ),
        (
            "product_settings",
            &["product=P001", "package_qty=0"],
            "package_qty: \"0\" is not a whole number from 1 on",
        ),
        (
            "product_settings",
            &["product=P001", "min_inv_qty=-1"],
            "min_inv_qty: \"-1\" is not a whole number from 0",
        ),
        (
            "category_settings",
            &["category=C1", "target_service_level=1"],
            "is not a share between 0 and 1",
        ),
        (
            "supplier_settings",
            &["supplier=V1", "lead_time_days=4000"],
            "is not a whole number from 0 to 3650",
        ),
        (
            "location_relationships",
            &["parent=S1", "child=S1", "type=supplies"],
            "a location does not supply itself",
        ),
        (
            "inventory_strategies",
            &["location=S1", "parameters=days=7"],
            "strategy_type: is required",
        ),
        (
            "client_config",
            &["base_currency=EURO"],
            "is no ISO 4217 code",
        ),
    ] {
        let error = shop.plan(table, values).await.expect_err(expected);
        assert!(error.to_string().contains(expected), "{error}");
        let error = shop.save("e1", table, values).await.expect_err(expected);
        assert!(error.to_string().contains(expected), "{error}");
    }
    let writer = Writer {
        user: "Ana",
        event_id: "e1",
        run_id: "test",
    };
    let values = change("product_settings", &["product=P001", "package_qty=6"])?;
    let error = shop
        .settings()
        .save(&values, writer)
        .await
        .expect_err("no address");
    assert!(
        error.to_string().contains("is not an e-mail address"),
        "{error}"
    );
    assert_eq!(shop.entries().await?, entries);
    Ok(())
}

#[tokio::test]
async fn clocks_that_go_back_lose_no_write_and_no_write_moves_today() -> Result<()> {
    let shop = Shop::open().await?;
    shop.save("e1", "product_settings", &["product=P001", "package_qty=6"])
        .await?;
    shop.clock.set("2026-02-23T22:30:00Z")?;
    shop.save("e2", "product_settings", &["product=P001", "package_qty=8"])
        .await?;
    assert_eq!(
        shop.in_force("product_settings", &[]).await?,
        ["enabled_for_processing true", "package_qty 8"]
    );
    // Half past ten in the evening, UTC, is the next day for the tenant.
    shop.clock.set("2026-03-31T22:30:00Z")?;
    shop.save(
        "e3",
        "location_settings",
        &["location=S1", "capacity_qty=1"],
    )
    .await?;
    let days = "select business_day || ' ' || kind from cw_200.load_ledger order by entry_number desc limit 1";
    assert_eq!(shop.warehouse.row(days).await?, "2026-04-01 ui_event");
    // Prices: the one that begins on a day between is not in force because somebody wrote on that day.
    let prices = r#"[
        {"product_external_id": "P001", "price_kind": "regular", "price": 10, "from_date": "2026-02-01"},
        {"product_external_id": "P001", "price_kind": "regular", "price": 12, "from_date": "2026-03-15"}]"#;
    shop.deliver("2026-02-25", &[("pricing_lists.json", prices)])
        .await?;
    let price = "select trim_scale(price)::text from cw_200.products where external_id = 'P001'";
    assert_eq!(shop.warehouse.row(price).await?, "10");
    shop.clock.set("2026-04-02T10:00:00Z")?;
    let write = ["product=P001", "min_inv_qty=1"];
    shop.save("e4", "product_settings", &write).await?;
    assert_eq!(shop.warehouse.row(price).await?, "10");
    shop.deliver("2026-03-20", &[("pricing_lists.json", prices)])
        .await?;
    assert_eq!(shop.warehouse.row(price).await?, "12");
    Ok(())
}

#[tokio::test]
async fn writers_side_by_side_lose_nothing() -> Result<()> {
    let shop = Shop::open().await?;
    let fields = [
        "package_qty=6",
        "min_inv_qty=2",
        "first_order_qty=9",
        "enabled_for_processing=false",
    ];
    let saves = fields.iter().enumerate().map(|(n, field)| {
        let shop = &shop;
        async move {
            let id = format!("e{n}");
            shop.save(&id, "product_settings", &["product=P001", field])
                .await
        }
    });
    // A load holds the tenant for a moment: writers wait for it.
    let mut load = shop.warehouse.pool.begin().await?;
    sqlx::query("select pg_advisory_xact_lock($1)")
        .bind(shop.warehouse.tenant().apply_lock())
        .execute(&mut *load)
        .await?;
    let release = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        load.rollback().await
    };
    let (saved, released) = tokio::join!(futures_util::future::join_all(saves), release);
    released?;
    for one in saved {
        assert!(one?.applied);
    }
    assert_eq!(
        shop.in_force("product_settings", &[]).await?,
        [
            "enabled_for_processing false",
            "first_order_qty 9",
            "min_inv_qty 2",
            "package_qty 6"
        ]
    );
    Ok(())
}

#[tokio::test]
async fn a_currency_that_people_set_is_that_of_statistics() -> Result<()> {
    let shop = Shop::open().await?;
    shop.deliver(DAY, &[("sales_orders.json", r#"[{"external_id": "1", "order_date": "2026-02-24",
        "location_external_id": "S1", "lines": [{"product_external_id": "P001", "qty": 2, "unit_price": "2.50"}]}]"#)]).await?;
    shop.warehouse.refresh_statistics().await?;
    let value = "select trim_scale(total_value)::text from cw_200_stats.daily_sales_values where location_id is null";
    assert_eq!(shop.warehouse.row(value).await?, "5");
    let same = shop.plan("client_config", &["base_currency=EUR"]).await?;
    assert!(same.changes.is_empty(), "the tenant's file says so");
    shop.save("e1", "client_config", &["base_currency=USD"])
        .await?;
    let refreshed = shop.warehouse.refresh_statistics().await;
    // Without a rate to the new currency, that is told by currency and day.
    let told = refreshed.map(|_| ()).map_err(|error| format!("{error:#}"));
    let told = told.expect_err("there is no rate from EUR to USD yet");
    assert!(
        told.contains("EUR") && told.contains("USD") && told.contains(DAY),
        "{told}"
    );
    let rate = "insert into cw_global.currency_rates (id, from_currency_id, to_currency_id, effective_date, rate, source_version, raw_position)
        select 77, f.id, t.id, date '2026-02-01', 1.2, now(), 1 from cw_global.currencies as f, cw_global.currencies as t
        where f.code = 'EUR' and t.code = 'USD'";
    sqlx::query(rate).execute(&shop.warehouse.pool).await?;
    let report = shop.warehouse.refresh_statistics().await?;
    assert!(report.is_whole, "everything is computed again");
    assert_eq!(shop.warehouse.row(value).await?, "6");
    let later = shop.clock.now() + SignedDuration::from_hours(1);
    shop.clock.set(&later.to_string())?;
    shop.save("e2", "client_config", &["base_currency=EUR"])
        .await?;
    shop.warehouse.refresh_statistics().await?;
    assert_eq!(shop.warehouse.row(value).await?, "5");
    Ok(())
}
