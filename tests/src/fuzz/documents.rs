//! Targets that read whole documents, as a source delivers them.

use std::sync::LazyLock;

use catwing_domain::manifest::{Fix, Sha256Hash};
use catwing_transform::{Mapping, correct};

use super::input::{day, delivered, mapping};

/// A product that a correction replaces.
const WRONG: &str = r#"{"external_id": "P"}"#;

static CANONICAL: LazyLock<Mapping> = LazyLock::new(|| {
    let names = [
        "products",
        "inventory",
        "sales_orders",
        "suppliers",
        "locations",
        "customers",
        "pricing_lists",
        "purchase_orders",
        "receiving_orders",
        "store_orders",
        "transfer_orders",
        "market_data",
        "analytics",
        "social_ads",
    ];
    let datasets = names.iter().enumerate();
    let datasets = datasets.map(|(at, name)| {
        let snapshot = if at < 2 {
            "completeness = \"snapshot\"\n"
        } else {
            ""
        };
        format!("[datasets.{name}]\nnumber = {}\n{snapshot}", at + 1)
    });
    mapping(&datasets.collect::<String>())
});
static ENVELOPE: LazyLock<Mapping> = LazyLock::new(|| {
    mapping(
        "[datasets.products]\nnumber = 1\nformat = { type = \"json\", records = \"data.items\" }",
    )
});
static LINES: LazyLock<Mapping> = LazyLock::new(|| {
    mapping("[datasets.sales_orders]\nnumber = 1\nformat = { type = \"ndjson\" }")
});
static ROWS: LazyLock<Mapping> = LazyLock::new(|| rows("utf-8"));
static WIDE_ROWS: LazyLock<Mapping> = LazyLock::new(|| rows("utf-16le"));

fn rows(encoding: &str) -> Mapping {
    mapping(&format!(
        r#"
        [datasets.sales]
        number = 1
        format = {{ type = "csv", encoding = "{encoding}" }}
        [datasets.sales.feeds.sales_orders]
        document = "doc"
        where = {{ path = "sku", ne = "POST" }}
        [datasets.sales.feeds.sales_orders.fields]
        external_id = "doc"
        order_date = {{ path = "day", date = ["%Y-%m-%d", "%d.%m.%Y"] }}
        location_external_id = {{ value = "S1" }}
        lines = {{ rows = true, fields = {{ product_external_id = "sku", qty = "pieces", unit_price = "price" }} }}
        "#
    ))
}

pub(super) fn json_array(bytes: &[u8]) {
    delivered(&CANONICAL, "sales_orders.json", bytes);
}

pub(super) fn json_envelope(bytes: &[u8]) {
    delivered(&ENVELOPE, "products.json", bytes);
}

pub(super) fn json_lines(bytes: &[u8]) {
    delivered(&LINES, "sales_orders.json", bytes);
}

/// The first byte says which entity the others are records of.
pub(super) fn json_entities(bytes: &[u8]) {
    let names = [
        "products",
        "inventory",
        "suppliers",
        "locations",
        "customers",
        "pricing_lists",
        "purchase_orders",
        "receiving_orders",
        "store_orders",
        "transfer_orders",
        "market_data",
        "analytics",
        "social_ads",
    ];
    if let Some((first, rest)) = bytes.split_first() {
        let name = names[usize::from(*first) % names.len()];
        delivered(&CANONICAL, &format!("{name}.json"), rest);
    }
}

pub(super) fn delimited(bytes: &[u8]) {
    delivered(&ROWS, "sales.csv", bytes);
}

/// The bytes are text that is delivered in UTF-16, and bytes that should be UTF-16.
pub(super) fn delimited_utf16(bytes: &[u8]) {
    delivered(&WIDE_ROWS, "sales.csv", bytes);
    let text = String::from_utf8_lossy(bytes);
    if text.contains('\u{fffd}') || text.starts_with('\u{feff}') {
        return;
    }
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (wide, narrow) = (
        delivered(&WIDE_ROWS, "sales.csv", &wide),
        delivered(&ROWS, "sales.csv", bytes),
    );
    assert_eq!(wide, narrow, "an encoding changes what is read");
}

pub(super) fn ui_events(bytes: &[u8]) {
    delivered(&CANONICAL, "ui_events.json", bytes);
}

/// The bytes are what somebody wrote in the place of a refused record: one record comes of them, taken
/// or refused, or an error that says what is there.
pub(super) fn correction(bytes: &[u8]) {
    let Ok(record) = std::str::from_utf8(bytes) else {
        return;
    };
    let document = format!("[{WRONG}]");
    let name = "products.json".parse().expect("an object's name");
    let tenant = "CW-000200".parse().expect("a tenant");
    let fix = Fix {
        object: catwing_domain::ObjectName::key(&name, tenant, day()),
        ordinal: 0,
        sha256: Sha256Hash::of(WRONG.as_bytes()),
        number: 1,
        record: record.to_owned(),
        by: "fuzz".to_owned(),
    };
    let objects = [(name, document.as_bytes())];
    let whole =
        correct(&CANONICAL, day(), &objects, &fix).expect("the record that is replaced is there");
    let (taken, refused) = (whole.output.units.len(), whole.output.rejects.len());
    assert_eq!(taken + refused, 1, "a correction is one record");
    assert!(
        whole
            .output
            .rejects
            .iter()
            .all(|reject| !reject.problems.is_empty())
    );
}
