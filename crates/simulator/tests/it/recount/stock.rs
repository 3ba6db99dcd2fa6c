//! Inventories.

use std::collections::{BTreeMap, BTreeSet};

use catwing_simulator::{Dataset, StockTotals};

use super::book;
use crate::told::{number, text};

#[test]
fn inventories() {
    let book = book(30, 7, "EUR");
    let mut days: BTreeMap<String, BTreeMap<(String, String), StockTotals>> = BTreeMap::new();
    for told in book.good(Dataset::Inventory) {
        let newest = book.newest[&(Dataset::Inventory, told.day.clone())];
        if told.revision == newest {
            let pair = (
                text(&told.record, "location_external_id").to_owned(),
                text(&told.record, "product_external_id").to_owned(),
            );
            let quantity = |field: &str| {
                let qty = number(&told.record[field]);
                catwing_domain::Quantity::exact(qty).expect("a quantity")
            };
            let level = StockTotals {
                rows: 1,
                products: 1,
                on_hand: quantity("on_hand_qty"),
                reserved: quantity("reserved_qty"),
                in_transit: quantity("in_transit_qty"),
            };
            days.entry(told.day.clone())
                .or_default()
                .insert(pair, level);
        }
    }
    let sum = |levels: &[&StockTotals], field: fn(&StockTotals) -> catwing_domain::Quantity| {
        levels.iter().map(|level| field(level).units()).sum::<i64>()
    };
    assert_eq!(book.totals.inventory.len(), days.len());
    for (day, totals) in &book.totals.inventory {
        let levels: Vec<_> = days[&day.to_string()].values().collect();
        let products: BTreeSet<_> = days[&day.to_string()].keys().map(|(_, one)| one).collect();
        assert_eq!(totals.rows, levels.len() as u64, "{day}");
        assert_eq!(totals.products, products.len() as u64, "{day}");
        assert_eq!(
            totals.on_hand.units(),
            sum(&levels, |level| level.on_hand),
            "{day}"
        );
        assert_eq!(
            totals.reserved.units(),
            sum(&levels, |level| level.reserved),
            "{day}"
        );
        assert_eq!(
            totals.in_transit.units(),
            sum(&levels, |level| level.in_transit),
            "{day}"
        );
    }
    let (last, pairs) = days.last_key_value().expect("days");
    let stock = &book.totals.stock;
    assert_eq!(stock.day.map(|day| day.to_string()).as_ref(), Some(last));
    for (location, totals) in &stock.locations {
        let of_location = pairs.iter().filter(|((own, _), _)| own == location);
        let levels: Vec<_> = of_location.map(|(_, level)| level).collect();
        assert_eq!(totals.rows, levels.len() as u64);
        assert_eq!(totals.on_hand.units(), sum(&levels, |level| level.on_hand));
    }
    let rows: usize = days.values().map(BTreeMap::len).sum();
    assert_eq!(book.totals.rows["inventory_quantities"], rows as u64);
}
