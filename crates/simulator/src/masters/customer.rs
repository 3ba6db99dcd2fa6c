//! Customers.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

const NAMES: [&str; 8] = ["Ada", "Ben", "Cleo", "Dev", "Eve", "Finn", "Gia", "Hugo"];

/// A customer.
#[derive(Clone, Debug)]
pub(super) struct Customer {
    pub name: String,
}

#[derive(Serialize)]
pub(super) struct CustomerRecord<'a> {
    external_id: String,
    name: &'a str,
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<&'static str>,
    is_active: bool,
}

impl Customer {
    pub(super) fn record(&self, index: u32) -> CustomerRecord<'_> {
        CustomerRecord {
            external_id: code(index),
            name: &self.name,
            r#type: if index.is_multiple_of(7) {
                "trade"
            } else {
                "consumer"
            },
            country: index.is_multiple_of(3).then_some("FR"),
            is_active: index % 97 != 96,
        }
    }
}

/// Codes have leading zeros, which are a part of them.
pub(super) fn code(index: u32) -> String {
    format!("{:06}", index + 1)
}

pub(super) fn customer(rng: &mut ChaCha8Rng, index: u32) -> Customer {
    let first = NAMES
        .get(rng.random_range(0..NAMES.len()))
        .copied()
        .unwrap_or_default();
    Customer {
        name: format!("{first} {}", index + 1),
    }
}
