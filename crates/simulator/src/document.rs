//! Sales documents as the simulated ERP writes them.

use catwing_domain::BusinessDay;
use serde_json::{Value, json};

/// A sale, a return or a write-off.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub external_id: String,
    pub kind: &'static str,
    pub order_date: BusinessDay,
    pub location: String,
    pub channel: &'static str,
    pub status: &'static str,
    pub currency: String,
    pub customer: Option<(String, String)>,
    /// RFC 3339 in UTC, so that later times are greater texts.
    pub updated_at: String,
    pub lines: Vec<Line>,
}

/// A line.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub product: String,
    pub qty: i64,
    pub price_cents: i64,
    pub discount_percent: i64,
    pub updates: Vec<Update>,
}

/// A later change of a line: goods that came back.
#[derive(Clone, Debug)]
pub(crate) struct Update {
    pub date: BusinessDay,
    pub qty_delta: i64,
    pub value_cents: i64,
}

impl Line {
    /// Quantity times price less discount, in the four decimals of money: cents times percent.
    pub(crate) fn value_units(&self) -> i64 {
        self.qty * self.price_cents * (100 - self.discount_percent)
    }

    fn to_json(&self, number: usize) -> Value {
        let mut line = json!({
            "line_no": number,
            "product_external_id": self.product,
            "qty": self.qty,
            "unit_price": decimal(self.price_cents),
        });
        if self.discount_percent > 0 {
            line["discount_rate"] = decimal(self.discount_percent).into();
        }
        if !self.updates.is_empty() {
            let update = |update: &Update| {
                json!({
                    "type": "return",
                    "date": update.date,
                    "qty_delta": update.qty_delta,
                    "value_delta": decimal(update.value_cents),
                })
            };
            line["updates"] = self.updates.iter().map(update).collect();
        }
        line
    }
}

impl Document {
    /// The canonical record.
    pub(crate) fn to_json(&self) -> Value {
        let lines: Vec<_> = (1..)
            .zip(&self.lines)
            .map(|(number, line)| line.to_json(number))
            .collect();
        let mut document = json!({
            "external_id": self.external_id,
            "type": self.kind,
            "order_date": self.order_date,
            "location_external_id": self.location,
            "channel": self.channel,
            "status": self.status,
            "currency": self.currency,
            "updated_at": self.updated_at,
            "lines": lines,
        });
        if let Some((external_id, name)) = &self.customer {
            document["customer"] = json!({ "external_id": external_id, "name": name });
        }
        document
    }
}

/// Hundredths as decimal text.
fn decimal(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let (whole, rest) = (hundredths.abs() / 100, hundredths.abs() % 100);
    format!("{sign}{whole}.{rest:02}")
}

#[cfg(test)]
mod tests {
    use super::{Line, decimal};

    #[test]
    fn a_line_is_worth_quantity_times_price_less_discount() {
        let line = Line {
            product: "P-1".to_owned(),
            qty: 3,
            price_cents: 1_999,
            discount_percent: 10,
            updates: Vec::new(),
        };
        // 3 x 19.99 x 0.9 = 53.973
        assert_eq!(line.value_units(), 539_730);
        assert_eq!(decimal(-5), "-0.05");
        assert_eq!(decimal(1_999), "19.99");
    }
}
