//! What a field's type refuses, each with its whole problem.

use catwing_domain::TableId;

use crate::fixture::{canonical, cases, column, deliver, problems};

/// A field of a product, and why the product is refused.
const PRODUCTS: &str = r##"
"sku": true | type sku "true" is not a text
"sku": ["a"] | type sku "a list or record" is not a text
"kind": "food" | word kind "food" is not one of goods, service: fold it with words
"brand": {} | type brand "a list or record" is not a text
"category": "toys" | type category - is not a record: expected an object with fields
"category": {"name": "Toys"} | missing category.external_id - is required, and the record has no key "external_id": it has "name"
"birth_date": "2026-02-24T00:00:00Z" | type birth_date "2026-02-24T00:00:00Z" is not a date YYYY-MM-DD: declare its form, date = "%d.%m.%Y"
"birth_date": 20260224 | type birth_date "20260224" is a number and not a date: declare its form, date = "%Y%m%d"
"is_active": "yes" | type is_active "yes" is not true or false: fold it with words
"is_active": 1 | type is_active "1" is not true or false: fold it with words
"updated_at": "2026-02-24 10:00:00" | type updated_at "2026-02-24 10:00:00" is not an RFC 3339 instant with zone: declare its form, instant = "%Y-%m-%d %H:%M:%S"
"updated_at": 1771927200 | type updated_at "1771927200" is a number and not an instant: declare its form, instant = "unix_seconds"
"updated_at": "-009000-01-01T00:00:00Z" | range updated_at "-009000-01-01T00:00:00Z" is not an instant between the years 1900 and 2199
"sku": "a\u0000b" | type sku "a␀b" holds a NUL character, which no text may
"##;

/// One canonical product with these fields beside a good key and name.
fn product(fields: &str) -> Vec<String> {
    let bytes = format!(r#"[{{"external_id": "P", "name": "p", {fields}}}]"#);
    problems(&deliver(&canonical(), "products.json", bytes))
}

#[test]
fn wrong_types_of_product_fields() {
    for [fields, expected] in cases(PRODUCTS) {
        assert_eq!(product(fields), [expected], "{fields}");
    }
    // What is absent, null or empty where it may be is no mistake.
    assert_eq!(
        product(r#""sku": null, "kind": "", "category": null"#),
        [""; 0]
    );
    assert_eq!(
        product(r#""category": {"external_id": null, "name": ""}"#),
        [""; 0]
    );
}

#[test]
fn texts_have_limits() {
    let long = "\u{44f}".repeat(1_001);
    let shown = format!("{}\u{2026}", "\u{44f}".repeat(200));
    let expected = format!("limit sku {shown:?} is longer than 1000 characters");
    assert_eq!(product(&format!(r#""sku": "{long}""#)), [expected]);
    // A word becomes a row of a lookup, whose key has 256 bytes.
    let word = "\u{1f600}".repeat(65);
    let expected =
        format!("limit status {word:?} is longer than the 256 bytes that such a word may have");
    assert_eq!(product(&format!(r#""status": "{word}""#)), [expected]);
    let word = "\u{1f600}".repeat(64);
    assert_eq!(product(&format!(r#""status": "{word}""#)), [""; 0]);
}

#[test]
fn required_fields() {
    let empty = "missing external_id - is required and absent, null or empty";
    let cases = [
        (r#"{"external_id": null, "name": "p"}"#, empty),
        (r#"{"external_id": "", "name": "p"}"#, empty),
        (
            r#"{"externalId": "P", "name": "p"}"#,
            r#"missing external_id - is required, and the record has no key "external_id" (did you mean "externalId"?): it has "externalId", "name""#,
        ),
    ];
    for (record, expected) in cases {
        let whole = deliver(&canonical(), "products.json", format!("[{record}]"));
        assert_eq!(problems(&whole), [expected], "{record}");
        assert!(!whole.presence[0].retires, "{record}");
    }
    let whole = deliver(&canonical(), "locations.json", "[{}]");
    let expected = ["external_id", "name", "type"].map(|field| {
        format!(
            "missing {field} - is required, and the record has no key {field:?}: it has none at all"
        )
    });
    assert_eq!(problems(&whole), expected);
}

#[test]
fn an_identifier_from_a_number_is_its_text() {
    for (number, expected) in [
        ("007.50", None),
        ("7.50", Some("7.50")),
        ("1e3", Some("1e3")),
    ] {
        let bytes = format!(r#"[{{"external_id": {number}, "name": "p"}}]"#);
        let whole = deliver(&canonical(), "products.json", bytes);
        let keys = column(&whole, TableId::Products, "external_id");
        assert_eq!(keys.first().map(String::as_str), expected, "{number}");
    }
}

#[test]
fn a_record_tells_at_most_twenty_problems() {
    let line = r#"{"qty": "x", "unit_price": "y"}"#;
    let lines = vec![line; 50].join(",");
    let bytes = format!(
        r#"[{{"external_id": "1", "order_date": "2026-02-24", "location_external_id": "S", "lines": [{lines}]}}]"#
    );
    let whole = deliver(&canonical(), "sales_orders.json", bytes);
    assert_eq!(problems(&whole).len(), 20);
}

/// A write of the UI, with what is wrong in it.
const WRITES: &str = r##"
"table": "location_relationships", "key": {"parent": "L", "child": "L", "type": "supplies"}, "fields": {}, "user": "a@b.c" | consistency parent_external_id "L" is the child too: a location does not supply itself
"table": "product_settings", "key": {"product": "P"}, "fields": {"enabled_for_processing": true}, "user": "Ann@b.c" | format user "Ann@b.c" is not an e-mail address in lower case and ASCII
"table": "product_settings", "key": {"product": "P"}, "fields": {"enabled_for_processing": true}, "user": "ǅ@b.c" | format user "ǅ@b.c" is not an e-mail address in lower case and ASCII
"table": "product_settings", "key": {"product": "P"}, "fields": {"enabled_for_processing": true}, "user": "ann" | format user "ann" is not an e-mail address in lower case and ASCII
"table": "product_settings", "key": {"product": "P"}, "fields": {}, "user": "a@b.c" | missing enabled_for_processing - is required, and the record has no key "enabled_for_processing": it has none at all
"table": "inventory_strategies", "key": {"location": "L"}, "fields": {"strategy_type": "store: reorder point", "parameters": {"days": "many"}}, "user": "a@b.c" | type parameters "many" is no number, and days is one
"table": "inventory_strategies", "key": {"location": "L"}, "fields": {"strategy_type": "guess"}, "user": "a@b.c" | word strategy_type "guess" is not one of store: reorder point
"table": "prices", "key": {}, "fields": {"base_currency": "EUR"}, "user": "a@b.c" | word table "prices" is not one of product_settings, category_settings
"table": "client_config", "key": {}, "fields": {"base_currency": "usd"}, "user": "a@b.c" | word base_currency "usd" is no ISO 4217 code
"##;

#[test]
fn wrong_writes_of_the_ui() {
    for [fields, expected] in cases(WRITES) {
        let bytes = format!(r#"[{{"event_id": "e", "at": "2026-02-24T10:00:00Z", {fields}}}]"#);
        let told = problems(&deliver(&canonical(), "ui_events.json", bytes));
        assert_eq!(told.len(), 1, "{fields}: {told:?}");
        assert!(told[0].starts_with(expected), "{fields}: {told:?}");
    }
}
