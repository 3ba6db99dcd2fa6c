//! Deliveries that a test makes up: what arrives together for a business day, as data that can be
//! generated, shrunk, written as canonical JSON and shown to a person.

use std::fmt;

use anyhow::Result;
use catwing_domain::manifest::{Completeness, SourceFacts};
use catwing_raw_store::{Incoming, Landing, Payload};
use serde_json::{Value, json};

use crate::warehouse::{AUTHOR, Warehouse};

/// The tenant whose sources speak canonical records, so that no mapping stands between. Tokyo's days
/// end at 14:59:59.999999 UTC, all year round.
pub const TENANT: &str = r#"
client = "CW-000320"
name = "Made up"
time_zone = "Asia/Tokyo"
base_currency = "JPY"
[datasets.products]
number = 1
[datasets.locations]
number = 2
[datasets.customers]
number = 3
[datasets.shop_products]
number = 4
[datasets.shop_products.feeds.products]
[datasets.web_orders]
number = 10
[datasets.web_orders.feeds.sales_orders]
[datasets.sales_orders]
number = 20
"#;

/// Business days that deliveries are of, from 2011-01-10.
pub const DAYS: u8 = 4;
/// What records call their update times; the last one is not believed.
pub const UPDATES: [&str; 4] = [
    "2011-01-09T00:00:00.000000",
    "2011-01-11T12:00:00.000000",
    "2011-01-12T03:04:05.678901",
    "2031-01-01T00:00:00.000000",
];
pub const STATUSES: [&str; 3] = ["open", "paid", "cancelled"];

/// A dataset of the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dataset {
    Products = 1,
    Locations = 2,
    Customers = 3,
    /// Products of a second source.
    ShopProducts = 4,
    /// Orders of a second source.
    WebOrders = 10,
    Orders = 20,
}

/// What arrives together for a business day.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub day: u8,
    pub objects: Vec<Object>,
}

/// One file.
#[derive(Clone, Debug)]
pub struct Object {
    pub dataset: Dataset,
    /// Whether it holds all there is.
    pub complete: bool,
    pub records: Vec<Record>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    Master(Master),
    Order(Order),
    /// Not a record at all.
    Garbage,
}

/// A product, a location or a customer.
#[derive(Clone, Debug, PartialEq)]
pub struct Master {
    pub key: Key,
    pub name: u8,
    /// A brand with or without its country, a category; a location's type; a customer's country.
    pub detail: Option<u8>,
    pub active: Option<bool>,
    pub updated: Option<u8>,
}

/// Whether a record can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Good(u8),
    /// The record is refused, and its key can be read.
    Refused(u8),
    Unreadable,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    pub key: Key,
    pub is_return: bool,
    pub status: u8,
    pub location: u8,
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

impl Arrival {
    /// An open order without lines.
    pub fn of_order(day: u8, key: u8) -> Self {
        let order = Order {
            key: Key::Good(key),
            is_return: false,
            status: 0,
            location: 0,
            customer: None,
            updated: None,
            lines: Vec::new(),
        };
        let object = Object {
            dataset: Dataset::Orders,
            complete: false,
            records: vec![Record::Order(order)],
        };
        Self {
            day,
            objects: vec![object],
        }
    }
}

impl Dataset {
    pub fn name(self) -> &'static str {
        match self {
            Self::Products => "products",
            Self::Locations => "locations",
            Self::Customers => "customers",
            Self::ShopProducts => "shop_products",
            Self::WebOrders => "web_orders",
            Self::Orders => "sales_orders",
        }
    }

    /// The table that its records are rows of.
    pub fn table(self) -> &'static str {
        match self {
            Self::ShopProducts => "products",
            Self::WebOrders => "sales_orders",
            other => other.name(),
        }
    }
}

/// A business day.
pub fn date(day: u8) -> String {
    format!("2011-01-{}", 10 + day)
}

impl Record {
    pub fn key(&self) -> Key {
        match self {
            Self::Master(master) => master.key,
            Self::Order(order) => order.key,
            Self::Garbage => Key::Unreadable,
        }
    }

    pub fn updated(&self) -> Option<u8> {
        match self {
            Self::Master(master) => master.updated,
            Self::Order(order) => order.updated,
            Self::Garbage => None,
        }
    }

    fn json(&self, dataset: Dataset) -> Value {
        let mut json = match self {
            Self::Master(master) => master.json(dataset),
            Self::Order(order) => order.json(),
            Self::Garbage => return json!(7),
        };
        match self.key() {
            Key::Good(key) => json["external_id"] = json!(key.to_string()),
            Key::Refused(key) => {
                json["external_id"] = json!(key.to_string());
                json["updated_at"] = json!("some day");
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
        with_update(json, self.updated)
    }
}

impl Order {
    fn json(&self) -> Value {
        let lines: Vec<_> = self
            .lines
            .iter()
            .zip(1..)
            .map(|(line, no)| line.json(no))
            .collect();
        let lines: Vec<_> = lines.into_iter().map(|line| self.signed(line)).collect();
        let mut json = json!({
            "type": if self.is_return { "return" } else { "sale" },
            "order_date": "2011-01-01",
            "location_external_id": self.location.to_string(),
            "status": STATUSES[usize::from(self.status)],
            "lines": lines,
        });
        if let Some((customer, name)) = self.customer {
            json["customer"] = json!({ "external_id": customer.to_string() });
            if let Some(name) = name {
                json["customer"]["name"] = json!(format!("called {name}"));
            }
        }
        with_update(json, self.updated)
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
                "type": format!("because {back}"), "date": "2011-01-02",
                "qty_delta": -i64::from(back), "value_delta": -2.5 * f64::from(back),
            }]);
        }
        json
    }
}

fn with_update(mut json: Value, updated: Option<u8>) -> Value {
    if let Some(updated) = updated {
        json["updated_at"] = json!(format!("{}Z", UPDATES[usize::from(updated)]));
    }
    json
}

impl Object {
    /// The file as it is delivered, a record a line.
    pub fn bytes(&self) -> String {
        let records = self
            .records
            .iter()
            .map(|record| record.json(self.dataset).to_string());
        format!("[{}]", records.collect::<Vec<_>>().join(",\n"))
    }
}

/// Lands arrivals one after the other.
pub async fn land(warehouse: &Warehouse, arrivals: &[Arrival]) -> Result<()> {
    let archive = &warehouse.archive;
    let days = arrivals.iter().map(|arrival| date(arrival.day).parse());
    let days = days.collect::<Result<Vec<_>, _>>()?;
    let mut landing = Landing::new(&archive.store, warehouse.tenant(), days);
    for arrival in arrivals {
        let incoming: Vec<_> = arrival.objects.iter().map(Object::incoming).collect();
        let day = date(arrival.day).parse()?;
        landing
            .land(day, archive.mapping, AUTHOR, &incoming)
            .await?;
    }
    Ok(())
}

impl Object {
    fn incoming(&self) -> Incoming {
        let scope = String::new();
        Incoming {
            dataset: self.dataset.name().parse().expect("a dataset's name"),
            page: None,
            extension: "json".into(),
            payload: Payload::from_bytes(self.bytes()),
            completeness: if self.complete {
                Completeness::Snapshot { scope }
            } else {
                Completeness::Delta
            },
            source: SourceFacts::default(),
            record_count: None,
        }
    }
}

/// Arrivals as a person reads them: file, key, version, what it says.
pub struct Shown<'a>(pub &'a [Arrival]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<3} {:<10} {:<17} {:<4} {:<8} record",
            "no", "day", "file", "key", "updated"
        )?;
        for (number, arrival) in self.0.iter().enumerate() {
            for object in &arrival.objects {
                let complete = if object.complete { " (all)" } else { "" };
                let file = format!("{}{complete}", object.dataset.name());
                let head = format!("{number:<3} {:<10} {file:<17}", date(arrival.day));
                if object.records.is_empty() {
                    writeln!(f, "{head} -    -        no records")?;
                }
                for record in &object.records {
                    let key = match record.key() {
                        Key::Good(key) => key.to_string(),
                        Key::Refused(key) => format!("{key}!"),
                        Key::Unreadable => "?".into(),
                    };
                    let updated = record
                        .updated()
                        .map_or("-", |at| &UPDATES[usize::from(at)][5..10]);
                    writeln!(f, "{head} {key:<4} {updated:<8} {record}")?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Garbage => f.write_str("not a record"),
            Self::Master(master) => {
                write!(f, "name {}", master.name)?;
                if let Some(detail) = master.detail {
                    write!(f, ", detail {detail}")?;
                }
                match master.active {
                    Some(active) => write!(f, ", is_active {active}"),
                    None => Ok(()),
                }
            }
            Self::Order(order) => {
                let kind = if order.is_return { "return" } else { "sale" };
                let status = STATUSES[usize::from(order.status)];
                write!(f, "{kind} {status} at {}", order.location)?;
                if let Some((customer, name)) = order.customer {
                    write!(f, " for {customer}{}", named(name))?;
                }
                for line in &order.lines {
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
    }
}

fn named(name: Option<u8>) -> String {
    name.map(|name| format!(" \"{name}\"")).unwrap_or_default()
}
