//! Purchase orders that are open.

use std::collections::{BTreeMap, BTreeSet};

use catwing_simulator::{Dataset, Pending};
use rust_decimal::Decimal;

use super::{Rates, book, received};
use crate::told::{list, number, text};

#[test]
fn purchase_orders_open_on_the_last_day() {
    for (days, currency) in [(33, "EUR"), (20, "GBP")] {
        let book = book(days, 4, currency);
        let (rates, received) = (Rates::of(&book), received(&book));
        let last = book.days.last().expect("days").as_str();
        let mut closed_on: BTreeMap<String, String> = BTreeMap::new();
        for receipt in book.documents(Dataset::ReceivingOrders) {
            if text(&receipt, "status") != "cancelled" {
                let key = text(&receipt, "purchase_order_external_id").to_owned();
                let date = text(&receipt, "received_date").to_owned();
                let newest = closed_on.entry(key).or_default();
                *newest = date.max(newest.clone());
            }
        }
        let mut places: BTreeMap<Option<String>, (Pending, BTreeSet<String>)> = BTreeMap::new();
        let (mut qty, mut value) = (BTreeMap::new(), BTreeMap::new());
        for order in book.documents(Dataset::PurchaseOrders) {
            let key = text(&order, "external_id");
            let is_closed = text(&order, "status") == "received" && {
                let declared = text(&order, "closed_date");
                let end = if declared.is_empty() {
                    &closed_on[key]
                } else {
                    declared
                };
                end <= last
            };
            let is_none = matches!(text(&order, "status"), "draft" | "cancelled");
            if is_closed || is_none || text(&order, "order_date") > last {
                continue;
            }
            let location = text(&order, "location_external_id").to_owned();
            for place in [None, Some(location)] {
                let (pending, products) = places.entry(place.clone()).or_default();
                pending.documents += 1;
                for (line, received) in list(&order, "lines").iter().zip(&received[key]) {
                    pending.lines += 1;
                    let left = number(&line["qty"]) - received;
                    if left <= Decimal::ZERO {
                        continue;
                    }
                    products.insert(text(line, "product_external_id").to_owned());
                    let worth = left * number(&line["unit_cost"]);
                    let worth = rates.in_base(currency, text(&order, "currency"), last, worth);
                    *qty.entry(place.clone()).or_insert(Decimal::ZERO) += left;
                    *value.entry(place.clone()).or_insert(Decimal::ZERO) += worth;
                }
            }
        }
        let own = &book.totals.open_purchases;
        assert_eq!(own.day.map(|day| day.to_string()).as_deref(), Some(last));
        assert_eq!(places.len(), own.locations.len() + 1);
        let of_locations = own
            .locations
            .iter()
            .map(|(code, one)| (Some(code.clone()), one));
        for (place, pending) in of_locations.chain([(None, &own.all)]) {
            let (counts, products) = &places[&place];
            assert_eq!(pending.documents, counts.documents, "{place:?}");
            assert_eq!(pending.lines, counts.lines, "{place:?}");
            assert_eq!(pending.products, products.len() as u64, "{place:?}");
            let sums = (pending.qty.decimal(), pending.value.decimal());
            let zero = Decimal::ZERO;
            let expected = (
                qty.get(&place).copied().unwrap_or(zero),
                value.get(&place).copied().unwrap_or(zero),
            );
            assert_eq!(sums, expected, "{place:?}");
        }
        assert!(own.all.documents > 5 && own.all.qty.units() > 0);
    }
}
