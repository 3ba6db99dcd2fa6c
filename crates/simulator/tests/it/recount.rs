//! The totals, counted once more from the files alone.

mod documents;
mod masters;
mod purchases;
mod sales;
mod stock;

use std::collections::BTreeMap;

use catwing_domain::TenantId;
use catwing_simulator::{Dataset, Settings};
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;

use crate::told::{Book, list, number, text};

fn book(days: u16, seed: u64, currency: &str) -> Book {
    let tenant: TenantId = "CW-000200".parse().expect("a tenant");
    Book::read(Settings {
        days,
        currency: currency.to_owned(),
        ..Settings::demo(tenant, seed)
    })
}

fn rounded(value: Decimal) -> Decimal {
    value.round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero)
}

/// The rates as they are known in the end.
struct Rates(BTreeMap<(String, String), BTreeMap<String, Decimal>>);

impl Rates {
    fn of(book: &Book) -> Self {
        let mut rates: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for told in book.good(Dataset::CurrencyRates) {
            let record = &told.record;
            let pair = (
                text(record, "from_currency").to_owned(),
                text(record, "to_currency").to_owned(),
            );
            let date = text(record, "effective_date").to_owned();
            rates
                .entry(pair)
                .or_default()
                .insert(date, number(&record["rate"]));
        }
        Self(rates)
    }

    fn in_base(&self, base: &str, currency: &str, date: &str, value: Decimal) -> Decimal {
        if currency.is_empty() || currency == base {
            return value;
        }
        let rates = &self.0[&(currency.to_owned(), base.to_owned())];
        let (_, rate) = rates.range(..=date.to_owned()).next_back().expect("a rate");
        rounded(value * rate)
    }
}

fn line_value(line: &Value) -> Decimal {
    let gross = number(&line["qty"]) * number(&line["unit_price"]);
    let discount = match &line["discount_rate"] {
        Value::Null => number(&line["discount_value"]),
        rate => rounded(gross * number(rate)),
    };
    gross - discount
}

/// Pieces received of each line of each order, by the receipts that are not cancelled.
fn received(book: &Book) -> BTreeMap<String, Vec<Decimal>> {
    let orders: BTreeMap<_, _> = book
        .documents(Dataset::PurchaseOrders)
        .into_iter()
        .map(|order| (text(&order, "external_id").to_owned(), order))
        .collect();
    let mut received: BTreeMap<String, Vec<Decimal>> = orders
        .iter()
        .map(|(key, order)| (key.clone(), vec![Decimal::ZERO; list(order, "lines").len()]))
        .collect();
    for receipt in book.documents(Dataset::ReceivingOrders) {
        let key = text(&receipt, "purchase_order_external_id");
        let Some(order) = orders.get(key) else {
            assert_eq!(key, "", "an order that nobody told of");
            continue;
        };
        if text(&receipt, "status") == "cancelled" {
            continue;
        }
        for line in list(&receipt, "lines") {
            let same = |own: &Value| match line["purchase_order_line_no"].as_u64() {
                Some(line_no) => own["line_no"].as_u64() == Some(line_no),
                None => own["product_external_id"] == line["product_external_id"],
            };
            let place = list(order, "lines").iter().position(same).expect("a line");
            received.get_mut(key).expect("the order")[place] += number(&line["qty_received"]);
        }
    }
    received
}
