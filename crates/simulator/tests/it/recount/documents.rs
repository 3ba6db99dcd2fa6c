//! Documents by day.

use std::collections::BTreeMap;

use catwing_simulator::{Dataset, DocumentTotals};
use rust_decimal::Decimal;
use serde_json::Value;

use super::{book, line_value, received};
use crate::told::{list, number, text};

#[derive(Default, Debug, PartialEq)]
struct Counted {
    documents: u64,
    lines: u64,
    qty: Decimal,
    value: Decimal,
    updates: u64,
    updates_value: Decimal,
    other_qty: Decimal,
}

impl From<&DocumentTotals> for Counted {
    fn from(totals: &DocumentTotals) -> Self {
        Self {
            documents: totals.documents,
            lines: totals.lines,
            qty: totals.qty.decimal(),
            value: totals.value.decimal(),
            updates: totals.updates,
            updates_value: totals.updates_value.decimal(),
            other_qty: totals.other_qty.decimal(),
        }
    }
}

impl Counted {
    fn add(&mut self, dataset: Dataset, document: &Value) {
        self.documents += 1;
        for line in list(document, "lines") {
            self.lines += 1;
            let (qty, other) = match dataset {
                Dataset::ReceivingOrders => ("qty_received", "qty_rejected"),
                Dataset::TransferOrders => ("qty_shipped", "qty_received"),
                _ => ("qty", "qty_fulfilled"),
            };
            self.qty += number(&line[qty]);
            self.other_qty += number(&line[other]);
            self.value += match dataset {
                Dataset::SalesOrders => line_value(line),
                Dataset::PurchaseOrders => number(&line["qty"]) * number(&line["unit_cost"]),
                _ => Decimal::ZERO,
            };
            for update in list(line, "updates") {
                self.updates += 1;
                self.updates_value += number(&update["value_delta"]);
            }
        }
    }
}

#[test]
fn documents_by_day() {
    let book = book(40, 6, "EUR");
    let received = received(&book);
    for (dataset, date) in [
        (Dataset::SalesOrders, "order_date"),
        (Dataset::PurchaseOrders, "order_date"),
        (Dataset::ReceivingOrders, "received_date"),
        (Dataset::StoreOrders, "order_date"),
        (Dataset::TransferOrders, "ship_date"),
    ] {
        let (mut days, mut all): (BTreeMap<_, Counted>, _) = (BTreeMap::new(), Counted::default());
        let mut kinds: BTreeMap<_, Counted> = BTreeMap::new();
        for document in book.documents(dataset) {
            let day = days.entry(text(&document, date).to_owned()).or_default();
            let kind = kinds.entry(text(&document, "type").to_owned()).or_default();
            for counted in [day, kind, &mut all] {
                counted.add(dataset, &document);
                if dataset == Dataset::PurchaseOrders {
                    let lines = &received[text(&document, "external_id")];
                    counted.other_qty += lines.iter().sum::<Decimal>();
                }
            }
        }
        let own = &book.totals.by_day[dataset.name()];
        assert_eq!(own.len(), days.len());
        for (day, totals) in own {
            assert_eq!(
                Counted::from(totals),
                days[&day.to_string()],
                "{dataset} {day}"
            );
        }
        assert_eq!(book.totals.rows[dataset.name()], all.documents);
        if dataset == Dataset::SalesOrders {
            assert_eq!(book.totals.rows["sales_order_lines"], all.lines);
            assert_eq!(book.totals.rows["sales_order_line_updates"], all.updates);
            for (kind, totals) in &book.totals.documents {
                assert_eq!(Counted::from(totals), kinds[*kind]);
            }
        }
    }
}
