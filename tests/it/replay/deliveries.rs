//! Deliveries that a test makes up: what arrives together for a business day, as data that can be
//! generated, shrunk, written as canonical JSON and shown to a person.

use std::fmt;

use anyhow::Result;
use catwing_domain::manifest::{Completeness, SourceFacts};
use catwing_raw_store::{Incoming, Landed, Landing, Payload};

use super::record::{Key, Order, Record, UPDATES};
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
[datasets.suppliers]
number = 5
[datasets.agents]
number = 6
[datasets.agents.feeds.suppliers]
[datasets.pricing_lists]
number = 7
[datasets.inventory]
number = 8
[datasets.web_orders]
number = 10
[datasets.web_orders.feeds.sales_orders]
[datasets.depot_receipts]
number = 11
[datasets.depot_receipts.feeds.receiving_orders]
[datasets.sales_orders]
number = 20
[datasets.purchase_orders]
number = 21
[datasets.receiving_orders]
number = 22
[datasets.store_orders]
number = 23
[datasets.transfer_orders]
number = 24
"#;

/// Business days that deliveries are of, from 2011-01-10.
pub const DAYS: u8 = 4;

/// A dataset of the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dataset {
    /// Writes of the UI, which are no file.
    UiEvents = 0,
    Products = 1,
    Locations = 2,
    Customers = 3,
    /// Products of a second source.
    ShopProducts = 4,
    Suppliers = 5,
    /// Suppliers of a second source.
    Agents = 6,
    PricingLists = 7,
    Inventory = 8,
    /// Orders of a second source.
    WebOrders = 10,
    /// Receipts of a second source.
    DepotReceipts = 11,
    Orders = 20,
    PurchaseOrders = 21,
    ReceivingOrders = 22,
    StoreOrders = 23,
    TransferOrders = 24,
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

impl Arrival {
    /// An open order without lines.
    pub fn of_order(day: u8, key: u8) -> Self {
        let order = Order {
            key: Key::Good(key),
            ..Order::default()
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
    pub const ALL: [Self; 15] = [
        Self::Products,
        Self::Locations,
        Self::Customers,
        Self::ShopProducts,
        Self::Suppliers,
        Self::Agents,
        Self::PricingLists,
        Self::Inventory,
        Self::WebOrders,
        Self::DepotReceipts,
        Self::Orders,
        Self::PurchaseOrders,
        Self::ReceivingOrders,
        Self::StoreOrders,
        Self::TransferOrders,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::UiEvents => "ui_events",
            Self::ShopProducts => "shop_products",
            Self::Agents => "agents",
            Self::WebOrders => "web_orders",
            Self::DepotReceipts => "depot_receipts",
            other => other.entity(),
        }
    }

    /// What its records are; but of stock, the table has the same name.
    pub fn entity(self) -> &'static str {
        match self {
            Self::UiEvents => "product_settings",
            Self::Products | Self::ShopProducts => "products",
            Self::Locations => "locations",
            Self::Customers => "customers",
            Self::Suppliers | Self::Agents => "suppliers",
            Self::PricingLists => "pricing_lists",
            Self::Inventory => "inventory",
            Self::Orders | Self::WebOrders => "sales_orders",
            Self::PurchaseOrders => "purchase_orders",
            Self::ReceivingOrders | Self::DepotReceipts => "receiving_orders",
            Self::StoreOrders => "store_orders",
            Self::TransferOrders => "transfer_orders",
        }
    }

    /// Whether a file says of its records that they are there, and a complete one that others are not.
    pub fn has_presence(self) -> bool {
        matches!(
            self.entity(),
            "products" | "locations" | "customers" | "suppliers" | "pricing_lists"
        )
    }
}

/// A business day.
pub fn date(day: u8) -> String {
    format!("2011-01-{}", 10 + day)
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

/// Lands arrivals one after the other.
pub async fn land(warehouse: &Warehouse, arrivals: &[Arrival]) -> Result<Vec<Landed>> {
    let archive = &warehouse.archive;
    let days = arrivals.iter().map(|arrival| date(arrival.day).parse());
    let days = days.collect::<Result<Vec<_>, _>>()?;
    let mut landing = Landing::new(&archive.store, warehouse.tenant(), days);
    let mut landed = Vec::with_capacity(arrivals.len());
    for arrival in arrivals {
        let incoming: Vec<_> = arrival.objects.iter().map(Object::incoming).collect();
        let day = date(arrival.day).parse()?;
        let sealed = landing.land(day, archive.mapping, AUTHOR, &incoming);
        landed.push(sealed.await?);
    }
    Ok(landed)
}

/// Arrivals as a person reads them: file, key, version, what it says.
pub struct Shown<'a>(pub &'a [Arrival]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<3} {:<10} {:<22} {:<4} {:<8} record",
            "no", "day", "file", "key", "updated"
        )?;
        for (number, arrival) in self.0.iter().enumerate() {
            for object in &arrival.objects {
                let complete = if object.complete { " (all)" } else { "" };
                let file = format!("{}{complete}", object.dataset.name());
                let head = format!("{number:<3} {:<10} {file:<22}", date(arrival.day));
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
