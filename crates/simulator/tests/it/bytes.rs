//! The same settings give the same bytes.

use std::collections::BTreeSet;

use catwing_domain::TenantId;
use catwing_simulator::{Dataset, History, Settings};
use sha2::{Digest, Sha256};

/// Of the demo's thirty days with seed 1. It changes only where the simulation is meant to change.
const GOLDEN: &str = "63b602aa16f14a47d5a2d6ded656a11bea717a88c35696ec9a8eb6c2c44b0231";

fn settings(seed: u64) -> Settings {
    let tenant: TenantId = "CW-000200".parse().expect("a tenant");
    Settings::demo(tenant, seed)
}

fn digest(settings: Settings) -> String {
    let mut hasher = Sha256::new();
    for day in History::new(settings) {
        for file in day.files {
            hasher.update(day.day.to_string());
            hasher.update(file.name);
            hasher.update(file.bytes);
        }
    }
    hex::encode(hasher.finalize())
}

#[test]
fn the_same_settings_give_the_same_bytes_everywhere() {
    assert_eq!(digest(settings(1)), digest(settings(1)));
    assert_ne!(digest(settings(1)), digest(settings(2)));
    assert_eq!(digest(settings(1)), GOLDEN);
}

#[test]
fn what_is_not_asked_for_is_not_told_and_changes_nothing() {
    let mut few = settings(4);
    few.datasets = vec![Dataset::SalesOrders, Dataset::Products];
    let all = History::new(settings(4));
    for (few, all) in History::new(few).zip(all) {
        let wanted: Vec<_> = all
            .files
            .into_iter()
            .filter(|file| matches!(file.dataset, Dataset::SalesOrders | Dataset::Products))
            .collect();
        assert_eq!(few.files, wanted);
    }
}

#[test]
fn small_and_odd_sizes_do() {
    for (days, products, locations, customers, suppliers, documents_a_day) in [
        (1, 0, 0, 0, 0, 0),
        (1, 1, 1, 0, 1, 5),
        (2, 10, 2, 3, 1, 3),
        (40, 7, 3, 1, 3, 2),
        (3, 30, 12, 10, 40, 20),
    ] {
        let mut history = History::new(Settings {
            days,
            products,
            locations,
            customers,
            suppliers,
            documents_a_day,
            ..settings(9)
        });
        assert_eq!(history.by_ref().count(), usize::from(days));
        assert!(history.totals().rows["products"] >= 1);
    }
}

#[test]
fn a_history_has_everything_that_makes_real_ones_hard() {
    let mut history = History::new(settings(1));
    let days: Vec<_> = history.by_ref().collect();
    let totals = history.totals();
    assert_eq!(days.len(), 30);
    let again: BTreeSet<_> = days
        .iter()
        .flat_map(|day| &day.files)
        .filter(|file| file.revision == 2)
        .map(|file| file.dataset)
        .collect();
    let expected = [Dataset::Products, Dataset::Inventory, Dataset::SalesOrders];
    assert_eq!(again, BTreeSet::from(expected));
    for dataset in [
        Dataset::SalesOrders,
        Dataset::PurchaseOrders,
        Dataset::ReceivingOrders,
        Dataset::StoreOrders,
        Dataset::TransferOrders,
    ] {
        let documents = totals.rows[dataset.name()];
        assert!(
            totals.records[dataset.name()] > documents && documents > 30,
            "{dataset}: nothing was corrected, or too little told"
        );
    }
    assert!(totals.products_retired > 0 && totals.documents["sale"].updates > 0);
    assert_eq!(totals.documents.len(), 3);
    assert!(totals.inventory.len() < 30, "every day had an inventory");
    assert!(totals.open_purchases.all.qty.units() > 0);
    assert!(totals.rows["pricing_lists"] > totals.prices_active);
}
