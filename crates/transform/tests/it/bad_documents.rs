//! Every rule that a sales document, a location or a customer can break, each with its whole
//! problem; and what looks odd and is no mistake.

use catwing_domain::TableId;

use crate::fixture::{canonical, cases, column, deliver, problems};

/// A canonical sales document with these fields changed or added.
fn document(changes: &str) -> String {
    record(
        r#"{"external_id": "1", "order_date": "2026-02-24", "location_external_id": "S1", "lines": []}"#,
        changes,
    )
}

/// A document of one good line with these fields of the line changed or added.
fn line(changes: &str) -> String {
    let line = record(
        r#"{"product_external_id": "P", "qty": 2, "unit_price": "2.50"}"#,
        changes,
    );
    document(&format!(r#"{{"lines": [{line}]}}"#))
}

/// A document of one line with one good update, of which these fields are changed or added.
fn update(changes: &str) -> String {
    let update = record(
        r#"{"type": "return", "date": "2026-03-01", "qty_delta": -1, "value_delta": "-2.50"}"#,
        changes,
    );
    line(&format!(r#"{{"updates": [{update}]}}"#))
}

/// A JSON object with the entries of another one put over its own; null takes an entry away.
fn record(good: &str, changes: &str) -> String {
    let mut record: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(good).unwrap();
    let changes: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(changes).unwrap();
    record.extend(changes);
    record.retain(|_, value| !value.is_null());
    serde_json::Value::from(record).to_string()
}

/// Checks that a record is refused for exactly this reason, is kept as it came, and does not take
/// its good neighbour with it.
fn refused(file: &str, record: &str, expected: &str) {
    let good = match file {
        "locations.json" => r#"{"external_id": "good", "name": "n", "type": "store"}"#,
        "customers.json" => r#"{"external_id": "good"}"#,
        _ => r#"{"external_id": "good", "order_date": "2026-02-24", "location_external_id": "S1"}"#,
    };
    let whole = deliver(&canonical(), file, format!("[{good}, {record}]"));
    assert_eq!(problems(&whole), [expected], "{record}");
    let reject = &whole.output.rejects[0];
    let place = (reject.object, reject.ordinal, reject.source_rows);
    assert_eq!(place, (0, 1, 1));
    assert_eq!(reject.record, record);
    assert_eq!(whole.output.units.len(), 1, "{record}");
}

/// What a document has or has not, and why it is refused.
const HEADERS: &str = r##"
document | {"external_id": null} | missing external_id - is required, and the record has no key "external_id": it has "lines", "location_external_id", "order_date"
document | {"order_date": ""} | missing order_date - is required and absent, null or empty
document | {"order_date": "2026-02-29"} | type order_date "2026-02-29" is not a date YYYY-MM-DD: declare its form, date = "%d.%m.%Y"
document | {"order_date": "2200-01-01"} | range order_date "2200-01-01" is not a date between the years 1900 and 2199
document | {"updated_at": "2200-01-01T00:00:00Z"} | range updated_at "2200-01-01T00:00:00Z" is not an instant between the years 1900 and 2199
document | {"type": "refund"} | word type "refund" is not one of sale, return, adjustment: fold it with words
document | {"currency": "eur"} | word currency "eur" is no ISO 4217 code: three capital letters
document | {"currency": "EURO"} | word currency "EURO" is no ISO 4217 code: three capital letters
document | {"freight_value": "1.23456"} | range freight_value "1.23456" does not fit money: at most four decimals and 14 digits before them; where rounding is meant, say round = 4
document | {"freight_value": true} | type freight_value "true" is not a number
document | {"customer": "C1"} | type customer - is not a record: expected an object with fields
document | {"customer": {"name": "Ann"}} | missing customer.external_id - is required, and the record has no key "external_id": it has "name"
document | {"lines": {}} | type lines - is not a list: expected an array of objects with fields
document | {"lines": "none"} | type lines - is not a list: expected an array of objects with fields
document | {"lines": [7]} | type lines[0] - is not a record: expected an object with fields
"##;

/// What the line of a document has or has not, and why the document is refused.
const LINES: &str = r##"
line | {"qty": null} | missing lines[0].qty - is required, and the record has no key "qty": it has "product_external_id", "unit_price"
line | {"qty": "1,5"} | type lines[0].qty "1,5" is not a number: declare how it is written, number = { decimal = "," }
line | {"qty": 1000000000000} | range lines[0].qty "1000000000000" does not fit a quantity: at most three decimals and 12 digits before them
line | {"qty": "0.0005"} | range lines[0].qty "0.0005" does not fit a quantity: at most three decimals and 12 digits before them; where rounding is meant, say round = 3
line | {"qty": -2} | range lines[0].qty "-2" is negative in a sale: map returns to type "return", or to updates of the line
line | {"line_no": -1} | range lines[0].line_no "-1" is not a whole number from 0 to 2147483647
line | {"line_no": 1.5} | range lines[0].line_no "1.5" is not a whole number from 0 to 2147483647
line | {"line_no": 2147483648} | range lines[0].line_no "2147483648" is not a whole number from 0 to 2147483647
line | {"line_no": "x"} | type lines[0].line_no "x" is not a number: declare how it is written, number = { decimal = "," }
line | {"discount_rate": "1.01"} | range lines[0].discount_rate "1.01" is not a rate from 0 to 1
line | {"discount_rate": "-0.01"} | range lines[0].discount_rate "-0.01" is not a rate from 0 to 1
line | {"discount_rate": "0.0000001"} | range lines[0].discount_rate "0.0000001" does not fit a rate: at most six decimals and 3 digits before them; where rounding is meant, say round = 6
line | {"discount_rate": "0.1", "discount_value": 1} | consistency lines[0].discount_rate "0.1" is there beside discount_value: a line has one or the other
line | {"product_external_id": null} | missing lines[0].product_external_id - is required, or product with its external_id
line | {"product": {"external_id": "Q"}} | consistency lines[0].product_external_id "P" names another product than product.external_id, "Q"
line | {"product": {"external_id": "P", "kind": "food"}} | word lines[0].product.kind "food" is not one of goods, service: fold it with words
line | {"qty": 900000000000, "unit_price": 10000} | range lines[0].line_value "9000000000000000.0000000" does not fit money: at most four decimals and 14 digits before them
document | {"lines": [ {"product_external_id": "P", "qty": 90000000000, "unit_price": 9000}, {"product_external_id": "P", "qty": 90000000000, "unit_price": 9000}]} | range total_value "1620000000000000.0000" does not fit money: at most four decimals and 14 digits before them
document | {"lines": [ {"line_no": 3, "product_external_id": "P", "qty": 1, "unit_price": 1}, {"line_no": 3, "product_external_id": "P", "qty": 1, "unit_price": 1}]} | repeated lines[1].line_no "3" is the number of an earlier line of the document
document | {"lines": [ {"line_no": 3, "product_external_id": "P", "qty": 1, "unit_price": 1}, {"product_external_id": "P", "qty": 1, "unit_price": 1}]} | consistency lines - 1 of 2 lines have a line_no: either all have one or none
# The type is unknown, so nobody can say whether the quantity may be negative.
document | {"type": "?", "lines": [{"product_external_id": "P", "qty": -1, "unit_price": 1}]} | word type "?" is not one of sale, return, adjustment: fold it with words
"##;

/// What the update of a line has or has not, and why the document is refused.
const UPDATES: &str = r##"
update | {"type": " "} | missing lines[0].updates[0].type - is required and absent, null or empty
update | {"date": "01.03.2026"} | type lines[0].updates[0].date "01.03.2026" is not a date YYYY-MM-DD: declare its form, date = "%d.%m.%Y"
update | {"qty_delta": null} | missing lines[0].updates[0].qty_delta - is required, and the record has no key "qty_delta": it has "date", "type", "value_delta"
update | {"value_delta": "x"} | type lines[0].updates[0].value_delta "x" is not a number: declare how it is written, number = { decimal = "," }
"##;

/// What a location has or has not, and why it is refused.
const LOCATIONS: &str = r##"
{"opened_on": "2026-02-24", "closed_on": "2026-02-23"} | consistency closed_on "2026-02-23" is before opened_on, 2026-02-24
{"type": ""} | missing type - is required and absent, null or empty
{"is_active": "no"} | type is_active "no" is not true or false: fold it with words
"##;

/// Checks a table of what is changed, how, and the one problem that this makes.
fn refused_documents(table: &str) {
    for [part, changes, expected] in cases(table) {
        let record = match part {
            "document" => document(changes),
            "line" => line(changes),
            _ => update(changes),
        };
        refused("sales_orders.json", &record, expected);
    }
}

#[test]
fn headers() {
    refused_documents(HEADERS);
}

#[test]
fn lines() {
    refused_documents(LINES);
}

#[test]
fn updates() {
    refused_documents(UPDATES);
}

#[test]
fn locations_and_customers() {
    let location = |changes: &str| {
        record(
            r#"{"external_id": "L", "name": "n", "type": "store"}"#,
            changes,
        )
    };
    for [changes, expected] in cases(LOCATIONS) {
        refused("locations.json", &location(changes), expected);
    }
    let same_day = location(r#"{"opened_on": "2026-02-24", "closed_on": "2026-02-24"}"#);
    let whole = deliver(&canonical(), "locations.json", format!("[{same_day}]"));
    assert_eq!(problems(&whole), [""; 0]);
    let expected = r#"type name "a list or record" is not a text"#;
    refused(
        "customers.json",
        r#"{"external_id":"C","name":["a"]}"#,
        expected,
    );
}

#[test]
fn a_list_has_a_limit() {
    let line = r#"{"product_external_id": "P", "qty": 1, "unit_price": 1}"#;
    let lines = vec![line; 100_001].join(",");
    let whole = deliver(
        &canonical(),
        "sales_orders.json",
        format!("[{}]", document("{}").replace("[]", &format!("[{lines}]"))),
    );
    assert_eq!(
        problems(&whole),
        ["limit lines - has 100001 elements; 100000 are admitted"]
    );
}

#[test]
fn an_object_has_a_limit_of_keys() {
    let keys: Vec<_> = (0..4_097).map(|n| format!("\"k{n}\": 1")).collect();
    let whole = deliver(
        &canonical(),
        "customers.json",
        format!("[{{{}}}]", keys.join(",")),
    );
    assert_eq!(
        problems(&whole),
        ["format - - an object in it has more than 4096 keys"]
    );
}

#[test]
fn what_looks_odd_and_is_no_mistake() {
    let records = [
        // No lines, or nothing but a code of a customer.
        document("{}"),
        document(r#"{"lines": null}"#),
        document(r#"{"customer": {"external_id": "C"}}"#),
        document(r#"{"customer": {}}"#),
        // Negative where a document is no sale; free, and with a price below zero.
        document(
            r#"{"type": "return", "lines": [{"product_external_id": "P", "qty": -1, "unit_price": 1}]}"#,
        ),
        document(
            r#"{"type": "adjustment", "lines": [{"product_external_id": "P", "qty": -1, "unit_price": 0}]}"#,
        ),
        line(r#"{"unit_price": "-11062.06"}"#),
        line(r#"{"qty": 0}"#),
        // Shipped before it was ordered: sources book late.
        document(
            r#"{"order_date": "2026-02-24", "shipped_date": "2026-02-20", "requested_date": "2026-02-01"}"#,
        ),
        // Control characters and outer spaces belong to identifiers.
        line(r#"{"product_external_id": " \u0001P\n"}"#),
        line(r#"{"product": {"external_id": "P"}}"#),
        line(r#"{"discount_rate": 1}"#),
        line(r#"{"discount_value": "-0.01"}"#),
        update("{}"),
        update(r#"{"qty_delta": 0}"#),
        // A currency that nobody has used yet is inferred.
        document(r#"{"currency": "XTS"}"#),
    ];
    for record in records {
        let whole = deliver(&canonical(), "sales_orders.json", format!("[{record}]"));
        assert_eq!(problems(&whole), [""; 0], "{record}");
        assert_eq!(
            column(&whole, TableId::SalesOrders, "external_id"),
            ["1"],
            "{record}"
        );
    }
}
