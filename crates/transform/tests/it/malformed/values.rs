//! Canonical records whose fields are wrong: of another type, absent, renamed, absurd.

use catwing_domain::{Entity, Field, FieldType};

use super::{Malformed, Source, malformed};

/// A record of an entity with all that is required, as pairs of field and value.
fn plain(entity: Entity) -> Vec<(&'static str, &'static str)> {
    match entity {
        Entity::Products => vec![("external_id", "\"P\""), ("name", "\"p\"")],
        Entity::Inventory => vec![
            ("product_external_id", "\"P\""),
            ("location_external_id", "\"L\""),
            ("on_hand_qty", "1"),
        ],
        _ => vec![
            ("external_id", "\"1\""),
            ("order_date", "\"2026-02-24\""),
            ("location_external_id", "\"L\""),
        ],
    }
}

fn record(entity: Entity, field: &str, value: &str) -> String {
    let mut pairs: Vec<_> = plain(entity)
        .into_iter()
        .filter(|(name, _)| *name != field)
        .collect();
    pairs.push((field, value));
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(name, value)| format!("\"{name}\": {value}"))
        .collect();
    format!("{{{}}}", pairs.join(", "))
}

/// A value that is none of a type.
fn wrong(ty: FieldType) -> &'static str {
    match ty {
        FieldType::Text(_) | FieldType::Identifier | FieldType::Label => "[\"a\"]",
        FieldType::Word(_) | FieldType::Currency | FieldType::Language => "\"every\"",
        FieldType::Date => "20260224",
        FieldType::Instant => "\"yesterday\"",
        FieldType::Bool => "\"maybe\"",
        FieldType::Money | FieldType::Quantity | FieldType::Rate => "\"many\"",
        FieldType::Factor | FieldType::Real => "true",
        FieldType::Count => "1.5",
        FieldType::Labels | FieldType::Attributes | FieldType::Record(_) => "\"a\"",
        FieldType::List(_) => "{}",
    }
}

/// Values for a field of which each has one mistake: the field itself, and every field of the records
/// within it.
fn mistaken(field: &Field) -> Vec<String> {
    let mut values = vec![wrong(field.ty).to_owned()];
    if let FieldType::Record(inner) | FieldType::List(inner) = field.ty {
        let listed = matches!(field.ty, FieldType::List(_));
        for one in inner {
            for value in mistaken(one) {
                let others = inner
                    .iter()
                    .filter(|other| is_needed(other, one))
                    .filter(|other| other.name != one.name);
                let others: String = others
                    .map(|other| format!("\"{}\": {}, ", other.name, right(other.ty)))
                    .collect();
                let record = format!("{{{others}\"{}\": {value}}}", one.name);
                values.push(if listed {
                    format!("[{record}]")
                } else {
                    record
                });
            }
        }
    }
    values
}

/// Whether a record needs a field beside another one that is wrong: a sales line takes its product by
/// code, or embedded.
fn is_needed(field: &Field, beside: &Field) -> bool {
    field.required || field.name == "product_external_id" && beside.name != "product"
}

/// A value of a type that is required somewhere within a record.
fn right(ty: FieldType) -> &'static str {
    match ty {
        FieldType::Language => "\"en\"",
        FieldType::Date => "\"2026-02-24\"",
        FieldType::Money | FieldType::Quantity => "1",
        _ => "\"a\"",
    }
}

/// Every field of products, stock and sales documents with a value of another type, and the fields of
/// the records within these: a record each.
pub fn wrong_types() -> Vec<Malformed> {
    let mut all = Vec::new();
    for (entity, file) in [
        (Entity::Products, "products.json"),
        (Entity::Inventory, "inventory.json"),
        (Entity::SalesOrders, "sales_orders.json"),
    ] {
        for field in entity.fields() {
            let records: Vec<_> = mistaken(field)
                .iter()
                .map(|value| record(entity, field.name, value))
                .collect();
            let name = format!("{} of another type", field.name);
            all.push(malformed(
                &name,
                Source::Canonical(file),
                format!("[{}]", records.join(", ")),
            ));
        }
    }
    all
}

/// Fields that are absent, renamed, unknown, or hold what nobody means.
pub fn fields() -> Vec<Malformed> {
    let sales = Source::Canonical("sales_orders.json");
    let products = Source::Canonical("products.json");
    let head = r#""external_id": "1", "order_date": "2026-02-24", "location_external_id": "L""#;
    let line = |name: &str, fields: &str| {
        malformed(
            name,
            sales,
            format!("[{{{head}, \"lines\": [{{\"product_external_id\": \"P\", {fields}}}]}}]"),
        )
    };
    let header = |name: &str, fields: &str| malformed(name, sales, format!("[{{{fields}}}]"));
    let product = |name: &str, text: String| malformed(name, products, format!("[{text}]"));
    let long = "k".repeat(257);
    vec![
        header("an empty record", ""),
        header("required fields that are null", r#""external_id": null, "order_date": null, "location_external_id": """#),
        header("a field that was renamed", r#""external_id": "1", "orderDate": "2026-02-24", "location_external_id": "L""#),
        header("a field that nobody knows", &format!("{head}, \"loyalty\": {{\"points\": 3}}")),
        header("a date in the year 9999", &head.replace("2026", "9999")),
        header("a day that the month does not have", &head.replace("02-24", "02-29")),
        header("a currency in small letters", &format!("{head}, \"currency\": \"eur\"")),
        header("a document key of 237 bytes", &head.replace("\"1\"", &format!("\"{}\"", "k".repeat(237)))),
        line("a line without product and price", "\"qty\": 1"),
        line("an absurd quantity", r#""qty": 1e400, "unit_price": 1"#),
        line("an absurd price", r#""qty": 1, "unit_price": 99999999999999999999999999999"#),
        line("a price of five decimals", r#""qty": 1, "unit_price": 0.00001"#),
        line("minus one piece sold", r#""qty": -1, "unit_price": 1"#),
        line("a discount above the whole", r#""qty": 1, "unit_price": 1, "discount_rate": 1.5"#),
        line("two discounts", r#""qty": 1, "unit_price": 1, "discount_rate": 0.5, "discount_value": 1"#),
        line("two products on a line", r#""product": {"external_id": "Q"}, "qty": 1, "unit_price": 1"#),
        line("a line number below zero", r#""line_no": -1, "qty": 1, "unit_price": 1"#),
        malformed(
            "a line number twice",
            sales,
            format!(r#"[{{{head}, "lines": [{{"line_no": 1, "product_external_id": "P", "qty": 1, "unit_price": 1}}, {{"line_no": 1, "product_external_id": "Q", "qty": 1, "unit_price": 1}}]}}]"#),
        ),
        product("keys in NFC and in NFD", "{\"external_id\": \"caf\u{e9}\", \"name\": \"a\"}, {\"external_id\": \"cafe\u{301}\", \"name\": \"a\"}".to_owned()),
        product("a product key of 257 bytes", format!(r#"{{"external_id": "{long}", "name": "p"}}"#)),
        product("a name of 1,001 characters", format!(r#"{{"external_id": "P", "name": "{}"}}"#, "n".repeat(1_001))),
        product("a product that is its own translation twice", r#"{"external_id": "P", "name": "p", "translations": [{"language": "en", "field": "name", "value": "a"}, {"language": "en", "field": "name", "value": "b"}]}"#.to_owned()),
    ]
}

/// Rules of the other entities.
pub fn entities() -> Vec<Malformed> {
    let case = |file: &'static str, name: &str, record: &str| {
        malformed(name, Source::Canonical(file), format!("[{record}]"))
    };
    vec![
        case(
            "inventory.json",
            "stock of tomorrow",
            r#"{"product_external_id": "P", "location_external_id": "L", "on_hand_qty": 1, "snapshot_date": "2026-02-25"}"#,
        ),
        case(
            "pricing_lists.json",
            "a price below zero that ends before it begins",
            r#"{"product_external_id": "P", "price_kind": "list", "price": -1, "from_date": "2026-02-24", "thru_date": "2026-02-23"}"#,
        ),
        case(
            "locations.json",
            "a location that is its own parent",
            r#"{"external_id": "L", "name": "l", "type": "store", "relationships": [{"parent_external_id": "L", "type": "supplies"}]}"#,
        ),
        case(
            "suppliers.json",
            "an offer below zero, and one twice",
            r#"{"external_id": "S", "name": "s", "products": [{"product_external_id": "P", "unit_cost": -1}, {"product_external_id": "P", "unit_cost": 1}]}"#,
        ),
        case(
            "purchase_orders.json",
            "a purchase of less than nothing",
            r#"{"external_id": "1", "supplier_external_id": "S", "location_external_id": "L", "order_date": "2026-02-24", "lines": [{"product_external_id": "P", "qty": -1, "unit_cost": -1}]}"#,
        ),
        case(
            "receiving_orders.json",
            "a receipt that takes back another",
            r#"{"external_id": "1", "location_external_id": "L", "received_date": "2026-02-24", "lines": [{"product_external_id": "P", "qty_received": -1}]}"#,
        ),
        case(
            "transfer_orders.json",
            "a transfer that arrives before it left",
            r#"{"external_id": "1", "from_location_external_id": "L", "to_location_external_id": "L", "ship_date": "2026-02-24", "received_date": "2026-02-23"}"#,
        ),
        case(
            "store_orders.json",
            "an order of a store from itself",
            r#"{"external_id": "1", "location_external_id": "L", "source_location_external_id": "L", "order_date": "2026-02-24"}"#,
        ),
        case(
            "market_data.json",
            "an observation of nothing, and one of two",
            r#"{"market_data_source": "m"}, {"product_external_id": "P", "category_external_id": "C", "market_data_source": "m"}"#,
        ),
        case(
            "analytics.json",
            "more purchases than a count holds",
            r#"{"product_external_id": "P", "sessions": 1, "page_views": 1, "add_to_carts": 1, "purchases": 2147483648}"#,
        ),
        case(
            "customers.json",
            "a customer whose time is of the year 12000",
            r#"{"external_id": "C", "updated_at": "+012000-01-01T00:00:00Z"}"#,
        ),
    ]
}
