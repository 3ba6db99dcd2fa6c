//! The shapes of canonical records, written down once more.

use std::collections::BTreeSet;

use catwing_domain::TenantId;
use catwing_simulator::{Dataset, Settings};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::told::{Book, list, number, text};

#[derive(Clone, Copy)]
enum Shape {
    Id,
    Text,
    Word(&'static [&'static str]),
    Date,
    Instant,
    Number,
    Count,
    Bool,
    Currency,
    /// Names and texts.
    Pairs,
    Texts,
    One(&'static [Field]),
    Many(&'static [Field]),
}

/// A name, with an exclamation mark where a record must have it.
type Field = (&'static str, Shape);

use Shape::{
    Bool, Count, Currency, Date, Id, Instant, Many, Number, One, Pairs, Text, Texts, Word,
};

const PRODUCTS: &[Field] = &[
    ("external_id!", Id),
    ("sku", Text),
    ("vendor_sku", Text),
    ("name!", Text),
    ("kind", Word(&["goods", "service"])),
    ("brand", Text),
    ("brand_country", Text),
    (
        "category",
        One(&[
            ("external_id!", Id),
            ("name!", Text),
            ("type", Text),
            ("parent_external_id", Id),
        ]),
    ),
    ("supplier_external_id", Id),
    ("cost", Number),
    ("price", Number),
    ("currency", Currency),
    ("birth_date", Date),
    ("gender", Text),
    ("status", Text),
    ("price_tier", Text),
    ("is_active", Bool),
    ("attributes", Pairs),
    ("images", Many(&[("s3_key!", Text), ("type!", Text)])),
    (
        "translations",
        Many(&[("language!", Text), ("field!", Text), ("value!", Text)]),
    ),
    ("updated_at", Instant),
];
const SUPPLIERS: &[Field] = &[
    ("external_id!", Id),
    ("name!", Text),
    ("status", Text),
    ("country", Text),
    ("currency", Currency),
    ("brands", Texts),
    (
        "products",
        Many(&[
            ("product_external_id!", Id),
            ("supplier_sku", Text),
            ("unit_cost!", Number),
            ("currency", Currency),
            ("package_qty", Number),
            ("min_order_qty", Number),
            ("lead_time_days", Count),
            ("is_default", Bool),
        ]),
    ),
    ("is_active", Bool),
    ("updated_at", Instant),
];
const LOCATIONS: &[Field] = &[
    ("external_id!", Id),
    ("name!", Text),
    ("type!", Text),
    ("status", Text),
    ("city", Text),
    ("country", Text),
    ("opened_on", Date),
    ("closed_on", Date),
    (
        "relationships",
        Many(&[
            ("parent_external_id!", Id),
            ("type!", Text),
            ("lead_time_days", Count),
            ("priority", Count),
        ]),
    ),
    ("is_active", Bool),
    ("updated_at", Instant),
];
const CUSTOMERS: &[Field] = &[
    ("external_id!", Id),
    ("name", Text),
    ("type", Text),
    ("city", Text),
    ("country", Text),
    ("is_active", Bool),
    ("updated_at", Instant),
];
const PRICING_LISTS: &[Field] = &[
    ("product_external_id!", Id),
    ("price_kind!", Text),
    ("rank", Count),
    ("price!", Number),
    ("currency", Currency),
    ("from_date!", Date),
    ("thru_date", Date),
    ("location_external_id", Id),
    ("is_active", Bool),
];
const INVENTORY: &[Field] = &[
    ("product_external_id!", Id),
    ("location_external_id!", Id),
    ("on_hand_qty!", Number),
    ("reserved_qty", Number),
    ("in_transit_qty", Number),
    ("snapshot_date", Date),
];
const SALES_ORDERS: &[Field] = &[
    ("external_id!", Id),
    ("type", Word(&["sale", "return", "adjustment"])),
    ("order_date!", Date),
    ("location_external_id!", Id),
    ("channel", Text),
    ("status", Text),
    ("currency", Currency),
    (
        "customer",
        One(&[
            ("external_id!", Id),
            ("name", Text),
            ("type", Text),
            ("country", Text),
        ]),
    ),
    ("requested_date", Date),
    ("shipped_date", Date),
    ("freight_value", Number),
    ("updated_at", Instant),
    (
        "lines!",
        Many(&[
            ("line_no", Count),
            ("external_id", Id),
            ("product_external_id", Id),
            (
                "product",
                One(&[
                    ("external_id!", Id),
                    ("name", Text),
                    ("kind", Word(&["goods", "service"])),
                ]),
            ),
            ("qty!", Number),
            ("unit_price!", Number),
            ("discount_value", Number),
            ("discount_rate", Number),
            (
                "updates",
                Many(&[
                    ("external_id", Id),
                    ("type!", Text),
                    ("date!", Date),
                    ("qty_delta!", Number),
                    ("value_delta!", Number),
                ]),
            ),
        ]),
    ),
];
const PURCHASE_ORDERS: &[Field] = &[
    ("external_id!", Id),
    ("supplier_external_id!", Id),
    ("location_external_id!", Id),
    ("order_date!", Date),
    ("expected_date", Date),
    (
        "status",
        Word(&[
            "draft",
            "sent",
            "partially received",
            "received",
            "cancelled",
        ]),
    ),
    ("currency", Currency),
    ("closed_date", Date),
    ("updated_at", Instant),
    (
        "lines!",
        Many(&[
            ("line_no!", Count),
            ("external_id", Id),
            ("product_external_id!", Id),
            ("qty!", Number),
            ("unit_cost!", Number),
            ("expected_date", Date),
        ]),
    ),
];
const RECEIVING_ORDERS: &[Field] = &[
    ("external_id!", Id),
    ("purchase_order_external_id", Id),
    ("location_external_id!", Id),
    ("received_date!", Date),
    ("status", Word(&["posted", "cancelled"])),
    ("updated_at", Instant),
    (
        "lines!",
        Many(&[
            ("line_no!", Count),
            ("purchase_order_line_no", Count),
            ("product_external_id!", Id),
            ("qty_received!", Number),
            ("qty_rejected", Number),
        ]),
    ),
];
const STORE_ORDERS: &[Field] = &[
    ("external_id!", Id),
    ("location_external_id!", Id),
    ("source_location_external_id!", Id),
    ("order_date!", Date),
    ("requested_date", Date),
    ("status", Word(&["open", "fulfilled", "cancelled"])),
    ("updated_at", Instant),
    (
        "lines!",
        Many(&[
            ("line_no!", Count),
            ("product_external_id!", Id),
            ("qty!", Number),
            ("qty_fulfilled", Number),
        ]),
    ),
];
const TRANSFER_ORDERS: &[Field] = &[
    ("external_id!", Id),
    ("store_order_external_id", Id),
    ("from_location_external_id!", Id),
    ("to_location_external_id!", Id),
    ("ship_date!", Date),
    ("received_date", Date),
    ("status", Word(&["in transit", "received"])),
    ("updated_at", Instant),
    (
        "lines!",
        Many(&[
            ("line_no!", Count),
            ("product_external_id!", Id),
            ("qty_shipped!", Number),
            ("qty_received", Number),
        ]),
    ),
];
const CURRENCY_RATES: &[Field] = &[
    ("from_currency!", Currency),
    ("to_currency!", Currency),
    ("rate!", Number),
    ("effective_date!", Date),
];

/// Why a record must be refused.
pub fn refusal(dataset: Dataset, record: &Value) -> Option<String> {
    let fields = match dataset {
        Dataset::Products => PRODUCTS,
        Dataset::Suppliers => SUPPLIERS,
        Dataset::Locations => LOCATIONS,
        Dataset::Customers => CUSTOMERS,
        Dataset::PricingLists => PRICING_LISTS,
        Dataset::Inventory => INVENTORY,
        Dataset::SalesOrders => SALES_ORDERS,
        Dataset::PurchaseOrders => PURCHASE_ORDERS,
        Dataset::ReceivingOrders => RECEIVING_ORDERS,
        Dataset::StoreOrders => STORE_ORDERS,
        Dataset::TransferOrders => TRANSFER_ORDERS,
        Dataset::CurrencyRates => CURRENCY_RATES,
    };
    record_refusal(record, fields).or_else(|| rule_refusal(dataset, record))
}

fn record_refusal(record: &Value, fields: &[Field]) -> Option<String> {
    let Some(object) = record.as_object() else {
        return Some("is no record".to_owned());
    };
    let name = |field: &Field| field.0.trim_end_matches('!');
    let unknown = object
        .keys()
        .find(|key| !fields.iter().any(|field| name(field) == *key));
    if let Some(key) = unknown {
        return Some(format!("{key} is unknown"));
    }
    fields.iter().find_map(|field| {
        let value = object.get(name(field)).filter(|value| !value.is_null());
        match value {
            None if field.0.ends_with('!') => Some(format!("{} is missing", name(field))),
            None => None,
            Some(value) => {
                value_refusal(value, field.1).map(|why| format!("{}: {why}", name(field)))
            }
        }
    })
}

fn value_refusal(value: &Value, shape: Shape) -> Option<String> {
    let text = value.as_str();
    let is_right = match shape {
        Shape::One(fields) => return record_refusal(value, fields),
        Shape::Many(fields) => {
            return match value.as_array() {
                Some(records) => records.iter().find_map(|one| record_refusal(one, fields)),
                None => Some("is no list".to_owned()),
            };
        }
        Shape::Id | Shape::Text => text.is_some_and(|text| !text.is_empty()),
        Shape::Word(words) => text.is_some_and(|text| words.contains(&text)),
        Shape::Date => text.is_some_and(is_date),
        Shape::Instant => text.is_some_and(|text| {
            text.len() == 20
                && text.get(..10).is_some_and(is_date)
                && text.get(10..11) == Some("T")
                && text.ends_with('Z')
        }),
        Shape::Number => match value {
            Value::Number(_) => true,
            Value::String(text) => text.parse::<Decimal>().is_ok(),
            _ => false,
        },
        Shape::Count => value.as_u64().is_some(),
        Shape::Bool => value.is_boolean(),
        Shape::Currency => text.is_some_and(|text| {
            text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
        }),
        Shape::Pairs => value
            .as_object()
            .is_some_and(|pairs| pairs.values().all(Value::is_string)),
        Shape::Texts => value
            .as_array()
            .is_some_and(|texts| texts.iter().all(Value::is_string)),
    };
    (!is_right).then(|| format!("{value} has the wrong type"))
}

fn is_date(text: &str) -> bool {
    text.parse::<catwing_domain::BusinessDay>().is_ok()
}

/// Rules between fields.
fn rule_refusal(dataset: Dataset, record: &Value) -> Option<String> {
    let lines = list(record, "lines");
    let numbers: Vec<_> = lines
        .iter()
        .filter_map(|line| line["line_no"].as_u64())
        .collect();
    let different: BTreeSet<_> = numbers.iter().collect();
    if different.len() != numbers.len() {
        return Some("line_no comes twice".to_owned());
    }
    let is_sale = dataset == Dataset::SalesOrders && text(record, "type") == "sale";
    let is_negative = |line: &Value| number(&line["qty"]) < Decimal::ZERO;
    if is_sale && lines.iter().any(is_negative) {
        return Some("qty is negative in a sale".to_owned());
    }
    None
}

#[test]
fn records_are_canonical_but_for_those_that_are_counted_as_wrong() {
    let tenant: TenantId = "CW-000200".parse().expect("a tenant");
    let book = Book::read(Settings {
        days: 45,
        ..Settings::demo(tenant, 3)
    });
    for dataset in Dataset::ALL {
        assert!(book.records[&dataset] > 0, "nothing of {dataset}");
        let refused = book.refused.get(&dataset).map_or(0, Vec::len) as u64;
        let meant = book.totals.refused_by_dataset.get(dataset.name());
        assert_eq!(
            refused,
            meant.copied().unwrap_or_default(),
            "{dataset}: {:?}",
            book.refused.get(&dataset)
        );
    }
    let reasons: BTreeSet<_> = book.totals.refused.keys().collect();
    assert!(reasons.len() >= 14, "{reasons:?}");
    let by_reason: u64 = book.totals.refused.values().sum();
    let by_dataset: u64 = book.totals.refused_by_dataset.values().sum();
    assert_eq!(by_reason, by_dataset);
    for dataset in Dataset::ALL {
        let own = if dataset.is_shared() {
            &book.totals.shared.records
        } else {
            &book.totals.records
        };
        assert_eq!(own[dataset.name()], book.records[&dataset], "{dataset}");
    }
}
