//! Records that a test makes up: lists and sales here, what supplies them in [`super::supply`].

use std::fmt;

use serde_json::{Value, json};

use super::{
    deliveries::Dataset,
    supply::{Price, Purchase, Receipt, Stock, Supplier, Transfer},
};

/// What records call their update times; the last one is not believed.
pub const UPDATES: [&str; 4] = [
    "2011-01-09T00:00:00.000000",
    "2011-01-11T12:00:00.000000",
    "2011-01-12T03:04:05.678901",
    "2031-01-01T00:00:00.000000",
];
pub const STATUSES: [&str; 3] = ["open", "paid", "cancelled"];
/// Currencies of values; the first is the tenant's own.
pub const CURRENCIES: [&str; 3] = ["JPY", "EUR", "USD"];
/// Days that documents are of: weeks, months and quarters begin between them.
pub const ORDERED: [&str; 4] = ["2010-12-31", "2011-01-02", "2011-01-09", "2011-01-10"];

#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    Master(Master),
    Order(Order),
    Supplier(Supplier),
    Price(Price),
    Stock(Stock),
    Purchase(Purchase),
    Receipt(Receipt),
    Transfer(Transfer),
    /// Not a record at all.
    Garbage,
}

/// A product, a location or a customer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Master {
    pub key: Key,
    pub name: u8,
    /// A brand with or without its country, a category; a location's type; a customer's country.
    pub detail: Option<u8>,
    pub active: Option<bool>,
    pub updated: Option<u8>,
    /// What only a product has.
    pub goods: Goods,
}

/// What a product's record says beside.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Goods {
    pub supplier: Option<u8>,
    pub cost: Option<u8>,
    pub price: Option<u8>,
    pub currency: u8,
    /// An attribute, an image and a translation, each with this in it.
    pub part: Option<u8>,
}

/// Whether a record can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Good(u8),
    /// The record is refused, and its key can be read.
    Refused(u8),
    Unreadable,
}

impl Default for Key {
    fn default() -> Self {
        Self::Good(0)
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Order {
    pub key: Key,
    pub is_return: bool,
    pub status: u8,
    pub location: u8,
    pub day: u8,
    pub currency: u8,
    /// A customer, and what the document calls it.
    pub customer: Option<(u8, Option<u8>)>,
    pub updated: Option<u8>,
    pub lines: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub product: u8,
    /// What the line says of its product, where it says more than the code.
    pub embedded: Option<(Option<u8>, bool)>,
    pub qty: u8,
    /// A later update of the line: how much it takes back.
    pub taken_back: Option<u8>,
}

impl Record {
    pub fn key(&self) -> Key {
        match self {
            Self::Master(master) => master.key,
            Self::Order(order) => order.key,
            Self::Supplier(supplier) => supplier.key,
            Self::Price(price) => price.key,
            Self::Stock(stock) => stock.key,
            Self::Purchase(purchase) => purchase.key,
            Self::Receipt(receipt) => receipt.key,
            Self::Transfer(transfer) => transfer.key,
            Self::Garbage => Key::Unreadable,
        }
    }

    pub fn updated(&self) -> Option<u8> {
        match self {
            Self::Master(master) => master.updated,
            Self::Order(order) => order.updated,
            Self::Supplier(supplier) => supplier.updated,
            Self::Price(price) => price.updated,
            Self::Purchase(purchase) => purchase.updated,
            Self::Receipt(receipt) => receipt.updated,
            Self::Transfer(transfer) => transfer.updated,
            Self::Stock(_) | Self::Garbage => None,
        }
    }

    pub fn json(&self, dataset: Dataset) -> Value {
        let mut json = match self {
            Self::Master(master) => master.json(dataset),
            Self::Order(order) => order.json(),
            Self::Supplier(supplier) => supplier.json(),
            Self::Price(price) => price.json(),
            Self::Stock(stock) => stock.json(),
            Self::Purchase(purchase) => purchase.json(),
            Self::Receipt(receipt) => receipt.json(),
            Self::Transfer(transfer) => transfer.json(dataset),
            Self::Garbage => return json!(7),
        };
        if let Some(updated) = self.updated() {
            json["updated_at"] = json!(format!("{}Z", UPDATES[usize::from(updated)]));
        }
        let (named_by, spoiled) = match dataset {
            Dataset::PricingLists => ("product_external_id", "updated_at"),
            Dataset::Inventory => ("product_external_id", "reserved_qty"),
            _ => ("external_id", "updated_at"),
        };
        match self.key() {
            Key::Good(key) => json[named_by] = json!(key.to_string()),
            Key::Refused(key) => {
                json[named_by] = json!(key.to_string());
                json[spoiled] = json!("some");
            }
            Key::Unreadable => {}
        }
        json
    }
}

impl Master {
    fn json(&self, dataset: Dataset) -> Value {
        let mut json = json!({ "name": format!("name {}", self.name) });
        match (dataset, self.detail) {
            (Dataset::Locations, detail) => {
                json["type"] = json!(format!("type {}", detail.unwrap_or(9)));
            }
            (Dataset::Customers, Some(detail)) => json["country"] = json!(detail.to_string()),
            (_, Some(0)) => json["brand"] = json!("B"),
            (_, Some(1)) => {
                json["brand"] = json!("B");
                json["brand_country"] = json!(format!("land {}", self.name));
            }
            (_, Some(detail)) => {
                json["category"] = json!({
                    "external_id": detail.to_string(), "parent_external_id": "root",
                    "name": format!("category {}", self.name),
                });
            }
            (_, None) => {}
        }
        if let Some(active) = self.active {
            json["is_active"] = json!(active);
        }
        if matches!(dataset, Dataset::Products | Dataset::ShopProducts)
            && let Key::Good(key) | Key::Refused(key) = self.key
        {
            // Two products swap theirs whenever their names change.
            json["sku"] = json!(format!("sku {}", (key + self.name) % 4));
        }
        self.goods.add_to(&mut json);
        json
    }
}

impl Goods {
    fn add_to(&self, json: &mut Value) {
        if let Some(supplier) = self.supplier {
            json["supplier_external_id"] = json!(supplier.to_string());
        }
        if let Some(cost) = self.cost {
            json["cost"] = json!(cost);
        }
        if let Some(price) = self.price {
            json["price"] = json!(price);
        }
        if self.currency > 0 {
            json["currency"] = json!(CURRENCIES[usize::from(self.currency)]);
        }
        if let Some(part) = self.part {
            json["attributes"] = json!({ "colour": part.to_string() });
            json["images"] = json!([{ "s3_key": format!("{part}.jpg"), "type": "front" }]);
            json["translations"] =
                json!([{ "language": "ja", "field": "name", "value": part.to_string() }]);
        }
    }
}

impl Order {
    fn json(&self) -> Value {
        let lines = self.lines.iter().zip(1..);
        let lines: Vec<_> = lines.map(|(line, no)| self.signed(line.json(no))).collect();
        let mut json = json!({
            "type": if self.is_return { "return" } else { "sale" },
            "order_date": ORDERED[usize::from(self.day)],
            "location_external_id": self.location.to_string(),
            "status": STATUSES[usize::from(self.status)],
            "currency": CURRENCIES[usize::from(self.currency)],
            "lines": lines,
        });
        if let Some((customer, name)) = self.customer {
            json["customer"] = json!({ "external_id": customer.to_string() });
            if let Some(name) = name {
                json["customer"]["name"] = json!(format!("called {name}"));
            }
        }
        json
    }

    fn signed(&self, mut line: Value) -> Value {
        if self.is_return {
            line["qty"] = json!(-line["qty"].as_i64().unwrap_or_default());
        }
        line
    }
}

impl Line {
    fn json(&self, line_no: usize) -> Value {
        let mut json = json!({ "line_no": line_no, "qty": self.qty, "unit_price": 2.5 });
        match self.embedded {
            None => json["product_external_id"] = json!(self.product.to_string()),
            Some((name, is_service)) => {
                json["product"] = json!({ "external_id": self.product.to_string() });
                if let Some(name) = name {
                    json["product"]["name"] = json!(format!(" line name {name} "));
                }
                if is_service {
                    json["product"]["kind"] = json!("service");
                }
            }
        }
        if let Some(back) = self.taken_back {
            json["updates"] = json!([{
                "type": format!("because {back}"), "date": ORDERED[usize::from(back)],
                "qty_delta": -i64::from(back), "value_delta": -2.5 * f64::from(back),
            }]);
        }
        json
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Garbage => f.write_str("not a record"),
            Self::Master(master) => write!(f, "{master}"),
            Self::Order(order) => write!(f, "{order}"),
            Self::Supplier(supplier) => write!(f, "{supplier}"),
            Self::Price(price) => write!(f, "{price}"),
            Self::Stock(stock) => write!(f, "{stock}"),
            Self::Purchase(purchase) => write!(f, "{purchase}"),
            Self::Receipt(receipt) => write!(f, "{receipt}"),
            Self::Transfer(transfer) => write!(f, "{transfer}"),
        }
    }
}

impl fmt::Display for Master {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "name {}", self.name)?;
        tell(f, "detail", self.detail)?;
        tell(f, "is_active", self.active)?;
        let Goods {
            supplier,
            cost,
            price,
            currency,
            part,
        } = self.goods;
        tell(f, "supplier", supplier)?;
        tell(f, "cost", cost)?;
        tell(f, "price", price)?;
        tell(f, "part", part)?;
        let stated = (currency > 0).then(|| CURRENCIES[usize::from(currency)]);
        tell(f, "in", stated)
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_return { "return" } else { "sale" };
        let status = STATUSES[usize::from(self.status)];
        let (day, currency) = (
            ORDERED[usize::from(self.day)],
            CURRENCIES[usize::from(self.currency)],
        );
        write!(
            f,
            "{kind} {status} of {day} in {currency} at {}",
            self.location
        )?;
        if let Some((customer, name)) = self.customer {
            write!(f, " for {customer}{}", named(name))?;
        }
        for line in &self.lines {
            write!(f, "; {} x product {}", line.qty, line.product)?;
            if let Some((name, is_service)) = line.embedded {
                let kind = if is_service { " service" } else { "" };
                write!(f, "{}{kind}", named(name))?;
            }
            if let Some(back) = line.taken_back {
                write!(f, " less {back}")?;
            }
        }
        Ok(())
    }
}

/// Says what is stated, and nothing of what is absent.
pub fn tell(
    f: &mut fmt::Formatter<'_>,
    what: &str,
    value: Option<impl fmt::Display>,
) -> fmt::Result {
    match value {
        Some(value) => write!(f, ", {what} {value}"),
        None => Ok(()),
    }
}

fn named(name: Option<u8>) -> String {
    name.map(|name| format!(" \"{name}\"")).unwrap_or_default()
}
