//! Settings: written to raw first, in force by the newest row, restored by a replay, and never touched by
//! what a source delivers.

use std::sync::Mutex;

use anyhow::{Result, ensure};
use catwing_domain::{Clock, SystemClock, manifest::Body};
use catwing_raw_store::{Author, Manifest, Payload, Writes};
use catwing_recovery::apply::Grouping;
use catwing_settings::{Change, Plan, Saved, Settings, SettingsError, Severity, TABLES, Writer};
use catwing_transform::Mapping;
use futures_util::TryStreamExt;
use jiff::{SignedDuration, Timestamp};
use sea_orm::sqlx;

use crate::{replay::shuffled, warehouse::Warehouse};

const FILE: &str = r#"
client = "CW-000200"
name = "Shop"
time_zone = "Europe/Sofia"
base_currency = "EUR"
[datasets.products]
number = 1
completeness = "snapshot"
[datasets.locations]
number = 2
completeness = "snapshot"
[datasets.suppliers]
number = 3
completeness = "snapshot"
[datasets.sales_orders]
number = 4
[datasets.pricing_lists]
number = 5
"#;
const USER: &str = "ana@shop.example";
const DAY: &str = "2026-02-24";

/// A clock that a test sets.
struct Hand(Mutex<Timestamp>);

impl Hand {
    fn at(text: &str) -> Result<Self> {
        Ok(Self(Mutex::new(text.parse()?)))
    }

    fn set(&self, text: &str) -> Result<()> {
        *self.0.lock().expect("a clock") = text.parse()?;
        Ok(())
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("a clock")
    }
}

struct Shop {
    warehouse: Warehouse,
    mapping: Mapping,
    files: tempfile::TempDir,
    clock: Hand,
}

impl Shop {
    async fn open() -> Result<Self> {
        let warehouse = Warehouse::create(FILE).await?;
        let mapping = Mapping::compile(&warehouse.file).expect("a mapping");
        let shop = Self {
            warehouse,
            mapping,
            files: tempfile::tempdir()?,
            clock: Hand::at("2026-02-24T10:00:00Z")?,
        };
        shop.deliver(
            DAY,
            &[
                ("products.json", r#"[{"external_id": "P001", "name": "Holder", "category": {"external_id": "C1", "name": "Gifts"}, "supplier_external_id": "V1"}]"#),
                ("locations.json", LOCATIONS),
                ("suppliers.json", r#"[{"external_id": "V1", "name": "Vendor"}]"#),
            ],
        )
        .await?;
        Ok(shop)
    }

    async fn deliver(&self, day: &str, files: &[(&str, &str)]) -> Result<()> {
        let folder = self.files.path().join(day);
        std::fs::create_dir_all(&folder)?;
        for (name, content) in files {
            std::fs::write(folder.join(name), content)?;
        }
        self.warehouse.import_day(&folder, day).await?;
        std::fs::remove_dir_all(&folder)?;
        let pending = self.warehouse.pending().await?;
        self.warehouse.apply(&pending, Grouping::default()).await?;
        Ok(())
    }

    fn settings(&self) -> Settings<'_> {
        Settings {
            store: &self.warehouse.archive.store,
            pool: &self.warehouse.pool,
            tenant: self.warehouse.tenant(),
            mapping: (self.warehouse.archive.mapping, &self.mapping),
            clock: &self.clock,
        }
    }

    async fn save(
        &self,
        event_id: &str,
        table: &str,
        values: &[&str],
    ) -> Result<Saved, SettingsError> {
        let writer = Writer {
            user: USER,
            event_id,
            run_id: "test",
        };
        self.settings().save(&change(table, values)?, writer).await
    }

    async fn plan(&self, table: &str, values: &[&str]) -> Result<Plan, SettingsError> {
        self.settings().plan(&change(table, values)?, USER).await
    }

    /// The fields in force that are not null, by name.
    async fn in_force(&self, table: &str, key: &[&str]) -> Result<Vec<String>> {
        let rows = self.settings().show(&change(table, key)?).await?;
        let fields = rows.into_iter().flat_map(|row| row.fields);
        let set = fields.filter(|(_, value)| !value.is_null());
        Ok(set.map(|(name, value)| format!("{name} {value}")).collect())
    }

    async fn entries(&self) -> Result<usize> {
        let manifest = Manifest::of(&self.warehouse.archive.store, self.warehouse.tenant());
        Ok(manifest.entries(None).try_collect::<Vec<_>>().await?.len())
    }
}

const LOCATIONS: &str = r#"[
    {"external_id": "W1", "name": "Hub", "type": "warehouse", "city": "Plovdiv", "country": "BG"},
    {"external_id": "S1", "name": "Shop", "type": "store", "relationships":
        [{"parent_external_id": "W1", "type": "supplies", "priority": 1, "lead_time_days": 2}]}]"#;

fn change(table: &str, values: &[&str]) -> Result<Change, SettingsError> {
    let values: Vec<_> = values.iter().map(ToString::to_string).collect();
    Change::parse(table, &values)
}

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
async fn the_same_write_is_one_row_however_often_it_is_sent_or_archived() -> Result<()> {
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

    // Two processes have archived the same write: the books are balanced in either order.
    let pending = shop.warehouse.pending().await?;
    ensure!(pending.is_empty());
    let event = format!(
        r#"[{{"event_id": "e9", "table": "product_settings", "key": {{"product": "P001"}},
            "fields": {{"enabled_for_processing": false}}, "user": "{USER}", "at": "2026-02-24T11:00:00Z"}}]"#
    );
    for day in [DAY, "2026-02-25"] {
        let writes = Writes {
            day: day.parse()?,
            mapping: shop.warehouse.archive.mapping,
            payload: Payload::from_bytes(event.clone()),
            record_count: 1,
            source: Default::default(),
        };
        let author = Author {
            run_id: "test",
            clock: &SystemClock,
        };
        shop.warehouse
            .archive
            .store
            .land_writes(shop.warehouse.tenant(), writes, author)
            .await?;
    }
    let both = shop.warehouse.pending().await?;
    assert_eq!(both.len(), 2);
    let mut digests = Vec::new();
    for order in [[0, 1], [1, 0]] {
        shop.warehouse.clear().await?;
        let all = shop.warehouse.pending().await?;
        let (rest, last) = all.split_at(all.len() - 2);
        shop.warehouse.apply(rest, Grouping::default()).await?;
        for index in order {
            shop.warehouse
                .apply(&last[index..=index], Grouping::default())
                .await?;
        }
        digests.push(shop.warehouse.digest().await?.digest);
        assert_eq!(
            shop.in_force("product_settings", &[]).await?,
            ["enabled_for_processing false"]
        );
    }
    assert_eq!(digests[0], digests[1]);
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

/// What each field does when it changes, as it was asked for.
const LEVELS: &str = "
product_settings.enabled_for_processing | GATE | 5-12
product_settings.first_order_qty | LOCAL | 12
product_settings.package_qty | LOCAL | 12
product_settings.min_inv_qty | MODERATE | 11, 12
category_settings.enabled_for_processing | GATE | 5-12
location_settings.enabled_for_processing | GATE | 5-12
supplier_settings.enabled_for_processing | GATE | 5-12
category_settings.target_service_level | MODERATE | 11, 12
location_settings.capacity_qty | MODERATE | 11, 12
location_relationships.lead_time_days | CASCADE | 5, 7-12
supplier_settings.lead_time_days | CASCADE | 5, 9-12
supplier_settings.min_order_value | LOCAL | 12
inventory_strategies.strategy_type | MODERATE | 11, 12
client_config.base_currency | MODERATE | 8, 9
";

#[test]
fn every_field_has_its_level_and_its_steps() {
    for line in LEVELS.lines().filter(|line| !line.is_empty()) {
        let parts: Vec<_> = line.split(" | ").collect();
        let (table, field) = parts[0].split_once('.').expect("a field");
        let table = TABLES.iter().find(|one| one.name == table).expect(table);
        let field = table.field(field).expect(field);
        let level: Severity = field.severity;
        assert_eq!(level.name(), parts[1], "{line}");
        let mut steps = Vec::new();
        for span in parts[2].split(", ") {
            let (first, last) = span.split_once('-').unwrap_or((span, span));
            steps.extend(first.parse::<u8>().expect("a step")..=last.parse().expect("a step"));
        }
        assert_eq!(field.steps, steps, "{line}");
    }
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
