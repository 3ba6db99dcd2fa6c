//! A simulated retailer's days, all datasets of them: the same in any order, and its own totals.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result};
use catwing_simulator::{Dataset, History, Settings, Totals};
use serde_json::Value;

use super::{assert_same_as_landed, replayed, shuffled};
use crate::warehouse::Warehouse;

/// Days enough for a second delivery of the products, of the stock, and for one without stock.
const DAYS: u16 = 9;
/// A folder a day, as the simulated ERP names its files.
const PATTERN: &str = "%Y-%m-%d/{dataset}";

/// Writes the files of all days, tells the rates, and returns what the retailer itself counts.
async fn write(warehouse: &Warehouse, history: &mut History, folder: &Path) -> Result<Totals> {
    for day in history.by_ref() {
        let of_day = folder.join(day.day.to_string());
        fs::create_dir(&of_day)?;
        for file in day.files {
            match file.dataset {
                Dataset::CurrencyRates => tell_rates(warehouse, &file.bytes).await?,
                _ => fs::write(of_day.join(file.name), file.bytes)?,
            }
        }
    }
    Ok(history.totals())
}

/// What was told last of a day is what counts.
async fn tell_rates(warehouse: &Warehouse, records: &[u8]) -> Result<()> {
    let records: Vec<Value> = serde_json::from_slice(records)?;
    for record in &records {
        let text = |field: &str| record[field].as_str().with_context(|| format!("{record}"));
        if text("to_currency")? == warehouse.file.base_currency {
            let rate = record["rate"].to_string();
            let (from, day) = (text("from_currency")?, text("effective_date")?);
            warehouse
                .set_rate(from, day, rate.trim_matches('"'))
                .await?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn simulated_days_are_the_same_in_any_order() -> Result<()> {
    let settings = Settings {
        days: DAYS,
        products: 40,
        locations: 4,
        documents_a_day: 25,
        customers: 60,
        ..Settings::demo("CW-000321".parse()?, 5)
    };
    let mut history = History::new(settings);
    let toml = history.tenant_file("Replayed again and again");
    let mut warehouse = Warehouse::create(&toml).await?;
    let folder = tempfile::tempdir()?;
    let totals = write(&warehouse, &mut history, folder.path()).await?;
    warehouse.import(folder.path(), PATTERN).await?;
    let landed_in_order = replayed(&warehouse).await?;
    assert_eq!(
        landed_in_order.tables["purchase_orders"].rows,
        totals.rows["purchase_orders"]
    );
    check(&warehouse, &totals).await?;

    let mut days: Vec<_> = fs::read_dir(folder.path())?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    days.sort();
    warehouse.new_archive(&toml).await?;
    for day in shuffled(&days, 7) {
        warehouse.import(&day, PATTERN).await?;
    }
    assert_same_as_landed(&warehouse, &landed_in_order).await
}

/// The headlines; the demo compares every figure.
async fn check(warehouse: &Warehouse, totals: &Totals) -> Result<()> {
    let statistic = |name: &str| {
        format!(
            "select period_start, total_qty::numeric(20,3), total_value::numeric(20,4) \
             from {}.daily_{name}_values where location_id is null order by 1",
            warehouse.tenant().stats_schema()
        )
    };
    let sold: Vec<_> = totals
        .sales
        .iter()
        .filter(|(_, sales)| sales.all.rows > 0)
        .map(|(day, sales)| format!("{day}|{}|{}", sales.all.qty, sales.all.value))
        .collect();
    assert!(sold.len() >= usize::from(DAYS));
    assert_eq!(warehouse.rows(&statistic("sales")).await?, sold);

    let stock: BTreeMap<String, String> = totals
        .inventory
        .iter()
        .map(|(day, stock)| (day.to_string(), stock.on_hand.to_string()))
        .collect();
    let found = warehouse.rows(&statistic("inventory")).await?;
    let found = found.iter().filter_map(|row| {
        let mut columns = row.split('|').map(str::to_owned);
        Some((columns.next()?, columns.next()?))
    });
    assert_eq!(found.collect::<BTreeMap<_, _>>(), stock);

    let open = &totals.open_purchases;
    let last = warehouse.rows(&statistic("pending_po")).await?.pop();
    let day = open.day.context("a last day")?;
    assert_eq!(
        last,
        Some(format!("{day}|{}|{}", open.all.qty, open.all.value))
    );
    Ok(())
}
