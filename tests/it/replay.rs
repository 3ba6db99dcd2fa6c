//! The archive determines the database: applied in any order, in any grouping, once or twice, from
//! an archive that was landed in any order of days, every table is the same bit for bit.

mod chance;
mod decisions;
pub mod deliveries;
mod entries;
pub mod history;
mod meant;
mod model;
mod property;
mod record;
mod simulated;
mod supply;
mod tables;

use std::path::Path;

use anyhow::Result;
use catwing_recovery::{
    apply::{Grouping, Pending},
    digest::TenantDigest,
};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};

use self::history::History;
use crate::{northwind, online_retail, warehouse::Warehouse};

/// Files of the real data that are replayed again and again: a week around a correction, more would
/// only take longer.
const REAL_FILES: usize = 12;
const SEEDS: [u64; 3] = [1, 2, 3];

/// The same things in another order, which the seed decides.
pub fn shuffled<T: Clone>(items: &[T], seed: u64) -> Vec<T> {
    let mut shuffled = items.to_vec();
    let mut state = seed;
    for last in (1..shuffled.len()).rev() {
        // SplitMix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let chosen = (mixed ^ (mixed >> 31)) % (last as u64 + 1);
        shuffled.swap(last, chosen as usize);
    }
    shuffled
}

/// The tables of which two digests differ.
fn differing(first: &TenantDigest, other: &TenantDigest) -> Vec<String> {
    let tables = first.tables.iter();
    let differing = tables.filter(|(name, digest)| other.tables.get(*name) != Some(digest));
    differing.map(|(name, _)| name.clone()).collect()
}

fn assert_same(first: &TenantDigest, other: &TenantDigest, what: &str) {
    assert_eq!(differing(first, other), Vec::<String>::new(), "{what}");
    assert_eq!(first, other, "{what}");
}

/// Applies what is landed in every way that is named, each time to empty tables, and returns the
/// digest, which must always be the same. Statistics are refreshed once at the end or, where that is
/// said, after each transaction.
async fn replayed(warehouse: &Warehouse) -> Result<TenantDigest> {
    warehouse.clear().await?;
    let pending = warehouse.pending().await?;
    let newest_first: Vec<_> = pending.iter().rev().cloned().collect();
    let all = pending.len().max(1);
    let mut ways: Vec<(String, Vec<Pending>, usize, Refreshed)> = vec![
        ("in order".into(), pending.clone(), 1, Refreshed::Each),
        (
            "newest first".into(),
            newest_first.clone(),
            1,
            Refreshed::Once,
        ),
        (
            "newest first, together".into(),
            newest_first,
            all,
            Refreshed::Once,
        ),
    ];
    for seed in SEEDS {
        let deliveries_max = usize::try_from(seed)? * 2;
        let (way, refreshed) = match seed {
            1 => (format!("shuffled by {seed}"), Refreshed::Once),
            _ => (
                format!("shuffled by {seed}, statistics after each"),
                Refreshed::Each,
            ),
        };
        ways.push((way, shuffled(&pending, seed), deliveries_max, refreshed));
    }
    warehouse.apply(&pending, Grouping::TOGETHER).await?;
    warehouse.refresh_statistics().await?;
    let together = warehouse.digest().await?;
    let again = warehouse.apply(&pending, Grouping::TOGETHER).await?;
    assert_eq!(
        (again.deliveries, again.already_applied),
        (0, pending.len())
    );
    let rebuilt = warehouse.rebuild_statistics().await?;
    assert_eq!(rebuilt.rows_changed(), 0, "statistics are rebuilt");
    assert_same(&together, &warehouse.digest().await?, "applied twice");
    for (way, deliveries, deliveries_max, refreshed) in ways {
        warehouse.clear().await?;
        if refreshed == Refreshed::Each {
            // The first time everything is computed, whatever has changed.
            warehouse.refresh_statistics().await?;
        }
        let mut applied = 0;
        for group in deliveries.chunks(deliveries_max) {
            applied += warehouse.apply(group, Grouping::TOGETHER).await?.deliveries;
            if refreshed == Refreshed::Each {
                warehouse.refresh_statistics().await?;
            }
        }
        assert_eq!(applied, pending.len());
        warehouse.refresh_statistics().await?;
        assert_same(&together, &warehouse.digest().await?, &way);
    }
    let rebuilt = warehouse.rebuild().await?;
    assert_same(&together, &rebuilt.digest, "rebuilt in bulk");
    assert_eq!(rebuilt.applied.deliveries, pending.len());
    Ok(together)
}

/// Applies what the archive has now, landed in another order, to empty tables.
async fn assert_same_as_landed(warehouse: &Warehouse, in_order: &TenantDigest) -> Result<()> {
    warehouse.clear().await?;
    let pending = warehouse.pending().await?;
    warehouse.apply(&pending, Grouping::default()).await?;
    warehouse.refresh_statistics().await?;
    let otherwise = warehouse.digest().await?;
    assert_same(in_order, &otherwise, "landed in another order");
    Ok(())
}

/// How often statistics are brought up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refreshed {
    Once,
    Each,
}

#[tokio::test(flavor = "multi_thread")]
async fn joined_files_are_the_same_in_any_order() -> Result<()> {
    let Some(folder) = northwind::folder() else {
        return northwind::say_absent();
    };
    let files = northwind::files_of(&folder)?;
    let warehouse = Warehouse::create(northwind::MAPPING).await?;
    // The books of the day before, and once more those of the last day with fewer orders: their lines
    // are refused, and the stock of the day is replaced.
    warehouse.import_day(files.path(), "1998-05-05").await?;
    warehouse
        .import_day(files.path(), northwind::LAST_DAY)
        .await?;
    let orders = std::fs::read_to_string(files.path().join("orders.csv"))?;
    let fewer: Vec<_> = orders.lines().take(800).collect();
    std::fs::write(files.path().join("orders.csv"), fewer.join("\n"))?;
    warehouse
        .import_day(files.path(), northwind::LAST_DAY)
        .await?;
    let together = replayed(&warehouse).await?;
    assert_eq!(together.tables["sales_orders"].rows, 830);
    assert!(together.tables["quarantine"].rows > 0);
    assert!(together.tables["daily_sales_values"].rows > 480);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn real_sales_are_the_same_in_any_order() -> Result<()> {
    let Some(folder) = online_retail::folder() else {
        return online_retail::say_absent();
    };
    let mut warehouse = Warehouse::create(online_retail::MAPPING).await?;
    let mut files: Vec<_> = std::fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "csv"));
    files.sort();
    files.truncate(REAL_FILES);
    import_each(&warehouse, &files).await?;
    let landed_in_order = replayed(&warehouse).await?;
    assert!(landed_in_order.tables["sales_order_lines"].rows > 20_000);

    warehouse.new_archive(online_retail::MAPPING).await?;
    import_each(&warehouse, &shuffled(&files, 7)).await?;
    assert_same_as_landed(&warehouse, &landed_in_order).await
}

async fn import_each(warehouse: &Warehouse, files: &[impl AsRef<Path>]) -> Result<()> {
    for file in files {
        let imported = warehouse
            .import(file.as_ref(), online_retail::PATTERN)
            .await?;
        assert_eq!(imported.landed(), 1);
    }
    Ok(())
}

/// A tenant with two dozen nasty deliveries, and decisions on them, all in the archive: as the property
/// test makes them, but many, and always the same ones.
pub async fn nasty() -> Result<(Warehouse, History)> {
    let amount = chance::Amount {
        arrivals: 24..25,
        records: 2..8,
        pool: 40..41,
        focuses: chance::EVERYTHING,
        decisions: 20..21,
    };
    let drawn = chance::histories(amount).new_tree(&mut TestRunner::deterministic());
    let history = drawn.map_err(|why| anyhow::anyhow!("{why}"))?.current();
    let warehouse = Warehouse::create(deliveries::TENANT).await?;
    property::set_first_rates(&warehouse).await?;
    seal(&warehouse, &history).await?;
    Ok((warehouse, history))
}

/// Lands and decides all of a history, what comes late too.
async fn seal(warehouse: &Warehouse, history: &History) -> Result<()> {
    for entry in history.seal(warehouse).await? {
        history::judge(warehouse, entry, true).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nasty_deliveries_are_the_same_in_any_order() -> Result<()> {
    let (mut warehouse, history) = nasty().await?;
    let landed_in_order = replayed(&warehouse).await?;
    let expected = model::expected(&history);
    assert_eq!(expected.len(), tables::COUNT, "{:?}", expected.keys());
    let told = model::difference(&expected, &tables::read(&warehouse).await?);
    assert_eq!(told, None, "{history}");

    // Days may land in any order, as long as the revisions of each follow each other.
    warehouse.new_archive(deliveries::TENANT).await?;
    seal(&warehouse, &history.by_day()).await?;
    assert_same_as_landed(&warehouse, &landed_in_order).await
}

/// The tenant's file changes between two deliveries: each keeps the one that it was landed under,
/// whenever it is applied.
#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_read_by_the_mapping_of_its_entry() -> Result<()> {
    let mut warehouse = Warehouse::create(deliveries::TENANT).await?;
    let order = |key, day| deliveries::Arrival::of_order(day, key);
    deliveries::land(&warehouse, &[order(0, 0)]).await?;
    let later = format!("{}{STATUS_IN_CAPITALS}", deliveries::TENANT);
    let mapping = warehouse
        .archive
        .store
        .put_config(warehouse.tenant(), later);
    warehouse.archive.mapping = mapping.await?;
    deliveries::land(&warehouse, &[order(1, 1)]).await?;
    replayed(&warehouse).await?;
    let statuses = "select external_id, name from sales_orders as o \
         join sales_order_statuses as s on s.id = sales_order_status_id order by 1";
    assert_eq!(warehouse.rows(statuses).await?, ["0|open", "1|OPEN"]);
    Ok(())
}

const STATUS_IN_CAPITALS: &str = r#"
[datasets.sales_orders.feeds.sales_orders.fields]
external_id = "external_id"
order_date = "order_date"
location_external_id = "location_external_id"
status = { path = "status", case = "upper" }
"#;
