//! What sales say of their documents, lines and updates, and of the parents that they name.

use super::{Position, Tables, Version, World, shown, win};
use crate::replay::record::{CURRENCIES, Key, Line, ORDERED, Order, STATUSES};

impl<'a> World<'a> {
    pub(super) fn order(&mut self, version: Version, order: &'a Order) {
        self.refer_location(order.location, &version);
        if let Some((customer, name)) = order.customer {
            let rank = if name.is_some() { 2 } else { 0 };
            let says = format!(
                "{}|-",
                name.map_or("-".into(), |name| format!("called {name}"))
            );
            self.parent(
                "customers",
                &customer.to_string(),
                rank,
                &version,
                says,
                true,
            );
        }
        let kind = if order.is_return { "return" } else { "sale" };
        let status = STATUSES[usize::from(order.status)];
        self.word("sales_order_types", kind, &version);
        self.word("sales_order_statuses", status, &version);
        let names_count = !order.is_return && status != "cancelled";
        for line in &order.lines {
            self.line(&version, line, names_count);
        }
        if let Key::Good(key) = order.key {
            win(&mut self.documents, key, &version, order);
        }
    }

    /// Only sales name their products reliably.
    fn line(&mut self, version: &Version, line: &Line, names_count: bool) {
        let code = line.product.to_string();
        let (name, is_service) = line.embedded.unwrap_or_default();
        let name = name.filter(|_| names_count);
        let rank = match (name, is_service) {
            (Some(_), _) => 2,
            (None, true) => 1,
            (None, false) => 0,
        };
        let called = name.map_or(code.clone(), |name| format!("line name {name}"));
        let kind = if is_service { "service" } else { "goods" };
        self.parent(
            "products",
            &code,
            rank,
            version,
            format!("{called}|{kind}|-|-"),
            true,
        );
        if let Some(back) = line.taken_back {
            let word = format!("because {back}");
            self.word("sales_order_line_update_types", &word, version);
        }
    }
}

/// A document's header, lines and their updates.
pub fn document(tables: &mut Tables, key: u8, at: &str, position: Position, order: &Order) {
    let position = shown(position);
    let sign = if order.is_return { -1.0 } else { 1.0 };
    let mut total = 0.0;
    for (line, no) in order.lines.iter().zip(1..) {
        let qty = sign * f64::from(line.qty);
        total += qty * 2.5;
        let (product, value) = (line.product, qty * 2.5);
        let row = format!("{key}|{no}|{product}|{qty:.3}|2.5000|{value:.4}|{at}|{position}");
        tables.entry("sales_order_lines").or_default().push(row);
        if let Some(back) = line.taken_back {
            let (qty, value) = (-f64::from(back), -2.5 * f64::from(back));
            let on = ORDERED[usize::from(back)];
            let row =
                format!("{key}|{no}|1|because {back}|{on}|{qty:.3}|{value:.4}|{at}|{position}");
            tables
                .entry("sales_order_line_updates")
                .or_default()
                .push(row);
        }
    }
    let kind = if order.is_return { "return" } else { "sale" };
    let (location, status) = (order.location, STATUSES[usize::from(order.status)]);
    let (day, currency) = (
        ORDERED[usize::from(order.day)],
        CURRENCIES[usize::from(order.currency)],
    );
    let customer = order
        .customer
        .map_or("-".into(), |(customer, _)| customer.to_string());
    let row = format!(
        "{key}|{kind}|{customer}|{location}|{status}|{day}|{total:.4}|{currency}|{at}|{position}"
    );
    tables.entry("sales_orders").or_default().push(row);
}
