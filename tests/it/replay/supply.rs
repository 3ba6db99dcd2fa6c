//! Made up suppliers, prices, stock, and the documents by which goods come and move.

use std::fmt;

use serde_json::{Value, json};

use super::{
    deliveries::Dataset,
    record::{CURRENCIES, Key, ORDERED, tell},
};

/// Days on which goods are received, purchase orders closed, prices come into force and end.
pub const LATER: [&str; 4] = ["2011-01-08", "2011-01-10", "2011-01-11", "2011-01-13"];
pub const PURCHASE_STATUSES: [&str; 5] = ["open", "received", "Closed", "cancelled", "draft"];
pub const RECEIPT_STATUSES: [&str; 2] = ["booked", "Cancelled"];
/// Ranks of the first kind of prices, and of the second, which always states one: no two kinds have
/// the same, since the key that decides then is none that this test works out.
pub const RANKS: [[u8; 2]; 2] = [[10, 30], [20, 40]];

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Supplier {
    pub key: Key,
    pub name: u8,
    pub active: Option<bool>,
    pub updated: Option<u8>,
    /// At most one of each product.
    pub offers: Vec<Offer>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    pub product: u8,
    pub cost: u8,
    pub currency: u8,
    pub is_default: bool,
}

/// A price; the key is its product.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Price {
    pub key: Key,
    pub location: Option<u8>,
    /// Kind, and which of its ranks the record states.
    pub kind: u8,
    pub rank: Option<u8>,
    pub price: u8,
    pub currency: u8,
    pub from: u8,
    /// How many of the days follow that it begins with.
    pub thru: Option<u8>,
    pub active: Option<bool>,
    pub updated: Option<u8>,
}

/// Stock of a product, which is the key, at a location.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stock {
    pub key: Key,
    pub location: u8,
    pub qty: u8,
    /// The day that it is of, where it states one.
    pub day: Option<u8>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Purchase {
    pub key: Key,
    pub supplier: u8,
    pub location: u8,
    pub day: u8,
    pub closed: Option<u8>,
    pub status: Option<u8>,
    pub currency: u8,
    pub updated: Option<u8>,
    /// Product, quantity, cost of one; numbered from 1.
    pub lines: Vec<(u8, u8, u8)>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Receipt {
    pub key: Key,
    pub purchase: Option<u8>,
    pub location: u8,
    pub day: u8,
    pub status: Option<u8>,
    pub updated: Option<u8>,
    /// Line of the purchase order, product, quantity; numbered from 1.
    pub lines: Vec<(Option<u8>, u8, u8)>,
}

/// A transfer, or a store's request for one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transfer {
    pub key: Key,
    /// The store's request, of a transfer.
    pub request: Option<u8>,
    pub from: u8,
    pub to: u8,
    pub day: u8,
    pub updated: Option<u8>,
    /// Product and quantity.
    pub lines: Vec<(u8, u8)>,
}

impl Supplier {
    pub fn json(&self) -> Value {
        let offer = |offer: &Offer| {
            let Offer {
                product,
                cost,
                currency,
                is_default,
            } = offer;
            let currency = CURRENCIES[usize::from(*currency)];
            json!({
                "product_external_id": product.to_string(), "unit_cost": cost,
                "currency": currency, "is_default": is_default,
            })
        };
        let offers: Vec<_> = self.offers.iter().map(offer).collect();
        let mut json = json!({ "name": format!("name {}", self.name), "products": offers });
        if let Some(active) = self.active {
            json["is_active"] = json!(active);
        }
        json
    }
}

impl Price {
    /// The rank that the record states.
    pub fn stated_rank(&self) -> Option<u8> {
        let of_kind = RANKS[usize::from(self.kind)];
        match (self.kind, self.rank) {
            (_, Some(rank)) => Some(of_kind[usize::from(rank)]),
            (0, None) => None,
            (_, None) => Some(of_kind[0]),
        }
    }

    pub fn from(&self) -> &'static str {
        LATER[usize::from(self.from)]
    }

    pub fn thru(&self) -> Option<&'static str> {
        let days = LATER.get(usize::from(self.from + self.thru?));
        days.copied()
    }

    pub fn json(&self) -> Value {
        let mut json = json!({
            "price_kind": format!("kind {}", self.kind), "price": self.price,
            "currency": CURRENCIES[usize::from(self.currency)], "from_date": self.from(),
        });
        if let Some(rank) = self.stated_rank() {
            json["rank"] = json!(rank);
        }
        if let Some(thru) = self.thru() {
            json["thru_date"] = json!(thru);
        }
        if let Some(location) = self.location {
            json["location_external_id"] = json!(location.to_string());
        }
        if let Some(active) = self.active {
            json["is_active"] = json!(active);
        }
        json
    }
}

impl Stock {
    pub fn json(&self) -> Value {
        let mut json =
            json!({ "location_external_id": self.location.to_string(), "on_hand_qty": self.qty });
        if let Some(day) = self.day {
            json["snapshot_date"] = json!(ORDERED[usize::from(day)]);
        }
        json
    }
}

impl Purchase {
    pub fn closed(&self) -> Option<&'static str> {
        // Not before the order.
        self.closed.map(|day| LATER[usize::from(day.max(1))])
    }

    pub fn json(&self) -> Value {
        let line = |((product, qty, cost), no): (&(u8, u8, u8), usize)| json!({ "line_no": no, "product_external_id": product.to_string(), "qty": qty, "unit_cost": cost });
        let lines: Vec<_> = self.lines.iter().zip(1..).map(line).collect();
        let mut json = json!({
            "supplier_external_id": self.supplier.to_string(),
            "location_external_id": self.location.to_string(),
            "order_date": ORDERED[usize::from(self.day)],
            "currency": CURRENCIES[usize::from(self.currency)], "lines": lines,
        });
        if let Some(status) = self.status {
            json["status"] = json!(PURCHASE_STATUSES[usize::from(status)]);
        }
        if let Some(closed) = self.closed() {
            json["closed_date"] = json!(closed);
        }
        json
    }
}

impl Receipt {
    pub fn json(&self) -> Value {
        let line = |((of, product, qty), no): (&(Option<u8>, u8, u8), usize)| {
            let mut json = json!({ "line_no": no, "product_external_id": product.to_string(), "qty_received": qty });
            if let Some(of) = of {
                json["purchase_order_line_no"] = json!(of);
            }
            json
        };
        let lines: Vec<_> = self.lines.iter().zip(1..).map(line).collect();
        let mut json = json!({
            "location_external_id": self.location.to_string(),
            "received_date": LATER[usize::from(self.day)], "lines": lines,
        });
        if let Some(purchase) = self.purchase {
            json["purchase_order_external_id"] = json!(purchase.to_string());
        }
        if let Some(status) = self.status {
            json["status"] = json!(RECEIPT_STATUSES[usize::from(status)]);
        }
        json
    }
}

impl Transfer {
    pub fn json(&self, dataset: Dataset) -> Value {
        let (from, to) = (self.from.to_string(), self.to.to_string());
        let day = ORDERED[usize::from(self.day)];
        let lines = |qty_field: &str| -> Vec<Value> {
            let line = |((product, qty), no): (&(u8, u8), usize)| json!({ "line_no": no, "product_external_id": product.to_string(), qty_field: qty });
            self.lines.iter().zip(1..).map(line).collect()
        };
        if dataset == Dataset::StoreOrders {
            return json!({
                "location_external_id": to, "source_location_external_id": from, "order_date": day,
                "lines": lines("qty"),
            });
        }
        let mut json = json!({
            "from_location_external_id": from, "to_location_external_id": to, "ship_date": day,
            "lines": lines("qty_shipped"),
        });
        if let Some(request) = self.request {
            json["store_order_external_id"] = json!(request.to_string());
        }
        json
    }
}

impl fmt::Display for Supplier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "name {}", self.name)?;
        tell(f, "is_active", self.active)?;
        for offer in &self.offers {
            let currency = CURRENCIES[usize::from(offer.currency)];
            write!(
                f,
                "; product {} at {} {currency}",
                offer.product, offer.cost
            )?;
            if offer.is_default {
                f.write_str(" by default")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let currency = CURRENCIES[usize::from(self.currency)];
        write!(
            f,
            "kind {}, {} {currency}, from {}",
            self.kind,
            self.price,
            self.from()
        )?;
        tell(f, "thru", self.thru())?;
        tell(f, "rank", self.stated_rank())?;
        tell(f, "at", self.location)?;
        tell(f, "is_active", self.active)
    }
}

impl fmt::Display for Stock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.qty, self.location)?;
        tell(f, "of", self.day.map(|day| ORDERED[usize::from(day)]))
    }
}

impl fmt::Display for Purchase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (day, currency) = (
            ORDERED[usize::from(self.day)],
            CURRENCIES[usize::from(self.currency)],
        );
        write!(
            f,
            "from {} for {} of {day} in {currency}",
            self.supplier, self.location
        )?;
        tell(
            f,
            "is",
            self.status
                .map(|status| PURCHASE_STATUSES[usize::from(status)]),
        )?;
        tell(f, "closed", self.closed())?;
        for (product, qty, cost) in &self.lines {
            write!(f, "; {qty} x product {product} at {cost}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "at {} on {}",
            self.location,
            LATER[usize::from(self.day)]
        )?;
        tell(f, "of purchase", self.purchase)?;
        tell(
            f,
            "is",
            self.status
                .map(|status| RECEIPT_STATUSES[usize::from(status)]),
        )?;
        for (of, product, qty) in &self.lines {
            write!(f, "; {qty} x product {product}")?;
            if let Some(of) = of {
                write!(f, " for line {of}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Transfer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} to {} on {}",
            self.from,
            self.to,
            ORDERED[usize::from(self.day)]
        )?;
        tell(f, "of request", self.request)?;
        for (product, qty) in &self.lines {
            write!(f, "; {qty} x product {product}")?;
        }
        Ok(())
    }
}
