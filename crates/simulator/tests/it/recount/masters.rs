//! Lists: what they had, and what the newest has.

use std::collections::{BTreeMap, BTreeSet};

use catwing_simulator::{Dataset, Settings};
use serde_json::Value;

use super::book;
use crate::told::{Book, list, text};

/// The newest record of each key.
fn newest(book: &Book, dataset: Dataset) -> BTreeMap<&str, &Value> {
    let told = book.good(dataset).iter();
    told.map(|told| (text(&told.record, "external_id"), &told.record))
        .collect()
}

/// Elements of a list or of pairs, of all records together.
fn elements(records: &BTreeMap<&str, &Value>, field: &str) -> usize {
    let count = |record: &&Value| match &record[field] {
        Value::Array(list) => list.len(),
        Value::Object(pairs) => pairs.len(),
        _ => 0,
    };
    records.values().map(count).sum()
}

/// Different values of some fields together.
fn different(book: &Book, dataset: Dataset, fields: &[&str]) -> usize {
    let key = |record: &Value| -> Vec<String> {
        let values = fields.iter().map(|field| text(record, field).to_owned());
        values.collect()
    };
    let told = book.good(dataset).iter();
    let keys: BTreeSet<_> = told.map(|told| key(&told.record)).collect();
    keys.len()
}

/// Rows by table.
fn rows(book: &Book) -> Vec<(&'static str, usize)> {
    let products = newest(book, Dataset::Products);
    let suppliers = newest(book, Dataset::Suppliers);
    let locations = newest(book, Dataset::Locations);
    let codes = products.values().flat_map(|record| {
        let category = &record["category"];
        [&category["external_id"], &category["parent_external_id"]]
    });
    let codes: BTreeSet<_> = codes.filter_map(Value::as_str).collect();
    let own = products
        .values()
        .filter_map(|record| record["brand"].as_str());
    let mut brands: BTreeSet<_> = own.collect();
    let sold = suppliers.values().flat_map(|record| list(record, "brands"));
    brands.extend(sold.filter_map(Value::as_str));
    let mut sellers: BTreeSet<_> = suppliers.keys().copied().collect();
    let own = products
        .values()
        .map(|record| text(record, "supplier_external_id"));
    sellers.extend(own.filter(|code| !code.is_empty()));
    let orders = book.documents(Dataset::PurchaseOrders);
    sellers.extend(
        orders
            .iter()
            .map(|order| text(order, "supplier_external_id")),
    );
    let sales = book.good(Dataset::SalesOrders).iter();
    let mut customers: BTreeSet<_> = sales
        .map(|told| text(&told.record["customer"], "external_id"))
        .filter(|code| !code.is_empty())
        .collect();
    customers.extend(newest(book, Dataset::Customers).keys());
    let price = [
        "product_external_id",
        "price_kind",
        "location_external_id",
        "from_date",
    ];
    vec![
        ("products", products.len()),
        ("product_attributes", elements(&products, "attributes")),
        ("product_images", elements(&products, "images")),
        ("product_translations", elements(&products, "translations")),
        ("product_categories", codes.len()),
        ("brands", brands.len()),
        ("suppliers", sellers.len()),
        ("x_supplier_products", elements(&suppliers, "products")),
        ("x_supplier_brands", elements(&suppliers, "brands")),
        ("locations", locations.len()),
        (
            "location_relationships",
            elements(&locations, "relationships"),
        ),
        ("customers", customers.len()),
        (
            "pricing_lists",
            different(book, Dataset::PricingLists, &price),
        ),
    ]
}

/// Records of the last day's newest list. One that was refused is on the list all the same, where its
/// key can be read.
fn on_last_list(book: &Book, dataset: Dataset) -> u64 {
    let last = book.days.last().expect("days");
    let revision = book.newest[&(dataset, last.clone())];
    let refused = book.refused.get(&dataset).into_iter().flatten();
    let told = book
        .good(dataset)
        .iter()
        .chain(refused.map(|(told, _)| told));
    told.filter(|told| told.day == *last && told.revision == revision)
        .filter(|told| !text(&told.record, "external_id").is_empty())
        .count() as u64
}

#[test]
fn lists() {
    // On the eighth day a product is refused, on the 20th a supplier.
    for days in [3, 8, 20, 45] {
        let book = book(days, 5, "EUR");
        for (table, counted) in rows(&book) {
            let own = book.totals.rows[table];
            assert_eq!(own, counted as u64, "{table} of {days} days");
        }
        let prices = book.good(Dataset::PricingLists).iter();
        let active = prices
            .filter(|told| Some(&told.day) == book.days.last())
            .filter(|told| told.record["is_active"] == true);
        assert_eq!(book.totals.prices_active, active.count() as u64);
        let suppliers = on_last_list(&book, Dataset::Suppliers);
        assert_eq!(book.totals.suppliers_active, suppliers);
        let products = on_last_list(&book, Dataset::Products);
        assert_eq!(book.totals.products_active, products);
        let all = book.totals.products_active + book.totals.products_retired;
        assert_eq!(all, book.totals.rows["products"]);
        let rate = ["from_currency", "to_currency", "effective_date"];
        let rates = different(&book, Dataset::CurrencyRates, &rate);
        assert_eq!(book.totals.shared.rates, rates as u64);
    }
}

#[test]
fn a_list_where_a_key_cannot_be_read_retires_nothing() {
    // The 26th of 50 days brings a product without a key, and is the first without the products that go
    // in the middle of the history.
    let settings = || Settings {
        days: 50,
        ..Settings::demo("CW-000200".parse().expect("a tenant"), 5)
    };
    let book = Book::first_days(settings(), 27);
    let why = "a product without a key";
    assert!(book.totals.refused.contains_key(why));
    let mut lists: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for told in book.good(Dataset::Products) {
        let list = lists.entry(&told.day).or_default();
        list.insert(text(&told.record, "external_id"));
    }
    let of_day = |day: usize| &lists[book.days[day].as_str()];
    assert!(of_day(25).len() < of_day(24).len(), "no product is missing");
    let on_the_day = Book::first_days(settings(), 26).totals;
    let either = of_day(24).union(of_day(25)).count();
    assert_eq!(on_the_day.products_active, either as u64);
    // The next list, which is whole, retires them.
    assert_eq!(book.totals.products_active, of_day(26).len() as u64);
}
