//! What was sold.

use std::collections::{BTreeMap, BTreeSet};

use catwing_simulator::{Dataset, Sold};
use rust_decimal::Decimal;
use serde_json::Value;

use super::{Rates, book, line_value};
use crate::told::{list, number, text};

#[test]
fn sales_by_day_and_location() {
    // Kept in another currency, in francs, so that rates that were corrected take part.
    for (days, currency) in [(40, "EUR"), (12, "CHF"), (9, "BGN")] {
        let book = book(days, 2, currency);
        let rates = Rates::of(&book);
        type Place = (String, Option<String>);
        let mut sold: BTreeMap<Place, (u64, Decimal, Decimal, BTreeSet<String>)> = BTreeMap::new();
        let mut abroad = 0;
        for sale in book.documents(Dataset::SalesOrders) {
            if text(&sale, "status") == "cancelled" || text(&sale, "type") == "adjustment" {
                continue;
            }
            let own = text(&sale, "currency");
            abroad += usize::from(!own.is_empty() && own != currency);
            let mut add = |date: &str, line: &Value, qty: Decimal, value: Decimal| {
                let product = match text(line, "product_external_id") {
                    "" => text(&line["product"], "external_id"),
                    code => code,
                };
                let location = text(&sale, "location_external_id").to_owned();
                for place in [None, Some(location)] {
                    let sum = sold.entry((date.to_owned(), place)).or_default();
                    sum.0 += 1;
                    sum.1 += qty;
                    sum.2 += rates.in_base(currency, own, date, value);
                    sum.3.insert(product.to_owned());
                }
            };
            for line in list(&sale, "lines") {
                add(
                    text(&sale, "order_date"),
                    line,
                    number(&line["qty"]),
                    line_value(line),
                );
                for update in list(line, "updates") {
                    let value = number(&update["value_delta"]);
                    add(
                        text(update, "date"),
                        line,
                        number(&update["qty_delta"]),
                        value,
                    );
                }
            }
        }
        assert!(abroad > 3, "{abroad} sales abroad");
        let mut compared = 0;
        let mut compare = |date: String, place: Option<String>, totals: &Sold| {
            let (rows, qty, value, products) = &sold[&(date.clone(), place.clone())];
            let own = (totals.rows, totals.qty.decimal(), totals.value.decimal());
            assert_eq!(own, (*rows, *qty, *value), "{date} {place:?}");
            assert_eq!(totals.products, products.len() as u64, "{date} {place:?}");
            compared += 1;
        };
        for (date, day) in &book.totals.sales {
            compare(date.to_string(), None, &day.all);
            for (location, totals) in &day.locations {
                compare(date.to_string(), Some(location.clone()), totals);
            }
        }
        assert_eq!(compared, sold.len());
    }
}
