//! Goods are conserved.

use std::collections::BTreeMap;

use catwing_domain::TenantId;
use catwing_simulator::{Dataset, Settings};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::told::{Book, Told, list, number, text};

/// Product and location.
type Pair = (String, String);
type Amounts = BTreeMap<Pair, Decimal>;

/// Goods that a version of a document moves, on the days that it names itself.
fn moved(dataset: Dataset, record: &Value) -> Vec<(String, Pair, Decimal)> {
    let mut flows = Vec::new();
    let mut add = |date: &str, line: &Value, location: &str, qty: Decimal| {
        let pair = (
            text(line, "product_external_id").to_owned(),
            location.to_owned(),
        );
        if !pair.0.is_empty() {
            flows.push((date.to_owned(), pair, qty));
        }
    };
    for line in list(record, "lines") {
        match dataset {
            Dataset::SalesOrders if text(record, "status") != "cancelled" => {
                let location = text(record, "location_external_id");
                let qty = number(&line["qty"]);
                let is_write_off = text(record, "type") == "adjustment";
                let sign = if is_write_off {
                    Decimal::ONE
                } else {
                    -Decimal::ONE
                };
                add(text(record, "order_date"), line, location, sign * qty);
                for update in list(line, "updates") {
                    let back = -number(&update["qty_delta"]);
                    add(text(update, "date"), line, location, back);
                }
            }
            Dataset::ReceivingOrders if text(record, "status") != "cancelled" => {
                let location = text(record, "location_external_id");
                add(
                    text(record, "received_date"),
                    line,
                    location,
                    number(&line["qty_received"]),
                );
            }
            Dataset::TransferOrders => {
                let from = text(record, "from_location_external_id");
                add(
                    text(record, "ship_date"),
                    line,
                    from,
                    -number(&line["qty_shipped"]),
                );
                if text(record, "status") == "received" {
                    let to = text(record, "to_location_external_id");
                    add(
                        text(record, "received_date"),
                        line,
                        to,
                        number(&line["qty_received"]),
                    );
                }
            }
            _ => {}
        }
    }
    flows
}

/// What a document moves: the first version on its own days, the others where they differ from the one
/// before, on the day on which they were made.
fn booked(dataset: Dataset, versions: &[&Told], days: &mut BTreeMap<String, Amounts>) {
    let mut before: Option<&Value> = None;
    for told in versions {
        let made = text(&told.record, "updated_at").get(..10).expect("a date");
        let on = |own: &str| match before {
            None => own.to_owned(),
            Some(_) => made.to_owned(),
        };
        let mut book = |date: String, pair: Pair, qty: Decimal| {
            *days.entry(date).or_default().entry(pair).or_default() += qty;
        };
        for (date, pair, qty) in moved(dataset, &told.record) {
            book(on(&date), pair, qty);
        }
        if let Some(before) = before {
            for (_, pair, qty) in moved(dataset, before) {
                book(made.to_owned(), pair, -qty);
            }
        }
        before = Some(&told.record);
    }
}

#[test]
fn the_stock_of_an_evening_is_that_of_the_one_before_and_what_moved() {
    let tenant: TenantId = "CW-000201".parse().expect("a tenant");
    let book = Book::read(Settings {
        days: 40,
        ..Settings::demo(tenant, 11)
    });
    let mut days: BTreeMap<String, Amounts> = BTreeMap::new();
    for dataset in [
        Dataset::SalesOrders,
        Dataset::ReceivingOrders,
        Dataset::TransferOrders,
    ] {
        for versions in book.versions(dataset).values() {
            booked(dataset, versions, &mut days);
        }
    }
    let mut snapshots: BTreeMap<&str, Amounts> = BTreeMap::new();
    for told in book.good(Dataset::Inventory) {
        let newest = book.newest[&(Dataset::Inventory, told.day.clone())];
        let on_hand = number(&told.record["on_hand_qty"]);
        let reserved = number(&told.record["reserved_qty"]);
        assert!(Decimal::ZERO <= reserved && reserved <= on_hand, "{told:?}");
        assert!(number(&told.record["in_transit_qty"]) >= Decimal::ZERO);
        if told.revision == newest {
            snapshots
                .entry(&told.day)
                .or_default()
                .insert(pair(told), on_hand);
        }
    }
    let mut stock = snapshots[book.days[0].as_str()].clone();
    let mut compared = 0;
    for day in book.days.iter().skip(1) {
        for (pair, qty) in days.remove(day).unwrap_or_default() {
            *stock.entry(pair).or_default() += qty;
        }
        for (pair, on_hand) in snapshots.get(day.as_str()).into_iter().flatten() {
            let expected = stock.get(pair).copied().unwrap_or_default();
            assert_eq!(*on_hand, expected, "{pair:?} on {day}");
            compared += usize::from(expected > Decimal::ZERO);
        }
    }
    assert!(compared > 15_000, "{compared} pairs were compared");
}

#[test]
fn what_is_on_its_way_is_what_was_sent_and_has_not_come() {
    let tenant: TenantId = "CW-000200".parse().expect("a tenant");
    let book = Book::read(Settings {
        days: 21,
        ..Settings::demo(tenant, 5)
    });
    let last = book.days.last().expect("days");
    let mut expected: Amounts = BTreeMap::new();
    for transfer in book.documents(Dataset::TransferOrders) {
        if text(&transfer, "status") == "in transit" {
            for line in list(&transfer, "lines") {
                let to = text(&transfer, "to_location_external_id").to_owned();
                let pair = (text(line, "product_external_id").to_owned(), to);
                *expected.entry(pair).or_default() += number(&line["qty_shipped"]);
            }
        }
    }
    assert!(!expected.is_empty(), "nothing is on its way");
    for told in book.good(Dataset::Inventory) {
        if told.day == *last {
            let due = expected.get(&pair(told)).copied().unwrap_or_default();
            assert_eq!(number(&told.record["in_transit_qty"]), due, "{told:?}");
        }
    }
}

#[test]
fn receipts_tell_of_what_was_ordered_and_seldom_more() {
    let tenant: TenantId = "CW-000200".parse().expect("a tenant");
    let book = Book::read(Settings {
        days: 60,
        ..Settings::demo(tenant, 8)
    });
    let mut ordered: BTreeMap<(String, String), Decimal> = BTreeMap::new();
    for order in book.documents(Dataset::PurchaseOrders) {
        for line in list(&order, "lines") {
            let key = (
                text(&order, "external_id").to_owned(),
                text(line, "product_external_id").to_owned(),
            );
            *ordered.entry(key).or_default() += number(&line["qty"]);
        }
    }
    let (mut received, mut samples) = (BTreeMap::new(), 0);
    for receipt in book.documents(Dataset::ReceivingOrders) {
        let order = text(&receipt, "purchase_order_external_id");
        samples += usize::from(order.is_empty());
        if order.is_empty() || text(&receipt, "status") == "cancelled" {
            continue;
        }
        for line in list(&receipt, "lines") {
            let key = (
                order.to_owned(),
                text(line, "product_external_id").to_owned(),
            );
            *received.entry(key).or_insert(Decimal::ZERO) += number(&line["qty_received"]);
        }
    }
    assert!(samples > 5 && received.len() > 300);
    let (mut surplus, mut short) = (0, 0);
    for (key, qty) in &received {
        let over = qty - ordered[key];
        assert!(over <= Decimal::from(4), "{key:?}: {over} too many");
        surplus += usize::from(over > Decimal::ZERO);
        short += usize::from(over < Decimal::ZERO);
    }
    assert!(
        (1..received.len() / 20).contains(&surplus),
        "{surplus} had too many"
    );
    assert!(short > 5, "{short} came short");
}

fn pair(told: &Told) -> Pair {
    (
        text(&told.record, "product_external_id").to_owned(),
        text(&told.record, "location_external_id").to_owned(),
    )
}
