//! What the retailer sells, where, and to whom.

use catwing_domain::BusinessDay;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

const GOODS: [&str; 12] = [
    "Kettle", "Teapot", "Lantern", "Basket", "Blanket", "Candle", "Mug", "Tray", "Cushion",
    "Clock", "Vase", "Apron",
];
const COLOURS: [&str; 6] = ["red", "blue", "green", "ivory", "black", "oak"];
const CITIES: [(&str, &str); 6] = [
    ("Lyon", "FR"),
    ("Leeds", "GB"),
    ("Graz", "AT"),
    ("Ghent", "BE"),
    ("Turku", "FI"),
    ("Porto", "PT"),
];
const NAMES: [&str; 8] = ["Ada", "Ben", "Cleo", "Dev", "Eve", "Finn", "Gia", "Hugo"];
/// The code of the charge for sending goods: a service, not goods.
pub(crate) const SHIPPING: &str = "SHIP";

/// A product on sale for some of the days.
#[derive(Clone, Debug)]
pub(crate) struct Product {
    pub external_id: String,
    name: String,
    category: usize,
    pub price_cents: i64,
    /// The first and, for a retired one, the first day without it; it may return on a third.
    listed: (u16, Option<u16>, Option<u16>),
}

impl Product {
    /// Whether the list of the day with this index has it.
    pub(crate) fn is_listed(&self, day: u16) -> bool {
        let (from, retired, returned) = self.listed;
        let is_away = retired.is_some_and(|retired| day >= retired)
            && returned.is_none_or(|returned| day < returned);
        day >= from && !is_away
    }
}

/// Products, locations and customers of a retailer.
#[derive(Clone, Debug)]
pub(crate) struct Masters {
    pub products: Vec<Product>,
    pub locations: Vec<String>,
    customers: Vec<String>,
    days: u16,
}

impl Masters {
    pub(crate) fn new(rng: &mut ChaCha8Rng, sizes: (u32, u32, u32), days: u16) -> Self {
        let (products, locations, customers) = sizes;
        Self {
            products: (0..products)
                .map(|index| product(rng, index, days))
                .collect(),
            locations: (0..locations)
                .map(|index| format!("L{:02}", index + 1))
                .collect(),
            customers: (0..customers).map(|index| name(rng, index)).collect(),
            days,
        }
    }

    /// A customer who buys on this day: new ones come as the days pass.
    pub(crate) fn customer(&self, rng: &mut ChaCha8Rng, day: u16) -> Option<(String, String)> {
        let index = rng.random_range(0..self.known_customers(day).max(1));
        let name = self.customers.get(index)?;
        Some((format!("{:06}", index + 1), name.clone()))
    }

    /// Customers that the ERP has by this day: half of them from the start.
    pub(crate) fn known_customers(&self, day: u16) -> usize {
        let (all, days) = (self.customers.len(), usize::from(self.days.max(1)));
        (all / 2 + all * (usize::from(day) + 1) / (2 * days)).min(all)
    }

    pub(crate) fn products_json(&self, day: u16) -> Vec<Value> {
        let listed = self
            .products
            .iter()
            .filter(|product| product.is_listed(day));
        let mut records: Vec<_> = listed
            .map(|product| {
                let category = GOODS.get(product.category).copied().unwrap_or_default();
                json!({
                    "external_id": product.external_id,
                    "name": product.name,
                    "brand": "Hearth & Co",
                    "category": { "external_id": format!("C{:02}", product.category), "name": category },
                    "status": "on sale",
                })
            })
            .collect();
        records.push(json!({ "external_id": SHIPPING, "name": "Shipping", "kind": "service" }));
        records
    }

    pub(crate) fn locations_json(&self, first_day: BusinessDay) -> Vec<Value> {
        let record = |(index, external_id): (usize, &String)| {
            let (city, country) = CITIES
                .get(index % CITIES.len())
                .copied()
                .unwrap_or_default();
            json!({
                "external_id": external_id,
                "name": if index == 0 { "Warehouse".to_owned() } else { format!("Shop {city}") },
                "type": if index == 0 { "warehouse" } else { "store" },
                "city": city,
                "country": country,
                "opened_on": first_day,
            })
        };
        self.locations.iter().enumerate().map(record).collect()
    }

    /// The list of customers lags a day behind the documents that name them.
    pub(crate) fn customers_json(&self, day: u16) -> Vec<Value> {
        let listed = match day.checked_sub(1) {
            Some(before) => self.known_customers(before),
            None => self.customers.len() / 2,
        };
        let record = |(index, name): (usize, &String)| {
            json!({
                "external_id": format!("{:06}", index + 1),
                "name": name,
                "type": if index % 7 == 0 { "trade" } else { "consumer" },
            })
        };
        self.customers
            .iter()
            .take(listed)
            .enumerate()
            .map(record)
            .collect()
    }
}

fn product(rng: &mut ChaCha8Rng, index: u32, days: u16) -> Product {
    let category = rng.random_range(0..GOODS.len());
    let colour = COLOURS
        .get(rng.random_range(0..COLOURS.len()))
        .copied()
        .unwrap_or_default();
    let goods = GOODS.get(category).copied().unwrap_or_default();
    // Most are there all the time; some come later, some go, and some of those return.
    let listed = match index % 10 {
        7 => (days / 3, None, None),
        8 => (0, Some(days / 2), None),
        9 => (0, Some(days / 3), Some(days * 2 / 3)),
        _ => (0, None, None),
    };
    Product {
        external_id: format!("P-{:05}", index + 1),
        name: format!("{goods}, {colour}, no. {}", index + 1),
        category,
        price_cents: rng.random_range(2..60) * 100 + 99,
        listed,
    }
}

fn name(rng: &mut ChaCha8Rng, index: u32) -> String {
    let first = NAMES
        .get(rng.random_range(0..NAMES.len()))
        .copied()
        .unwrap_or_default();
    format!("{first} {}", index + 1)
}
