//! No CHECK of the database may be the first to see a value: for every CHECK of a table that
//! transform writes, the rule of transform that comes before it. A new CHECK fails here until it
//! has one.

use std::{collections::BTreeSet, fs, path::Path};

use catwing_domain::TableId;

use crate::fixture::{canonical, cases, column, deliver, problems};

/// Every CHECK of every table that transform writes, beside those that all of them have: table,
/// condition, and a record of a file in which a value (in the place of `@`; a length is one more
/// than is admitted) is refused, with what is said. Where a value is made by transform itself, the
/// rows of a rich delivery are looked at instead.
const CHECKS: &str = r##"
product_category_types | octet_length(name) <= 256 | products | {"external_id": "P", "name": "p", "category": {"external_id": "C", "type": "@"}} | 256 bytes | longer than the 256 bytes that such a word may have
product_statuses | octet_length(name) <= 256 | products | {"external_id": "P", "name": "p", "status": "@"} | 256 bytes | longer than the 256 bytes that such a word may have
genders | octet_length(name) <= 256 | products | {"external_id": "P", "name": "p", "gender": "@"} | 256 bytes | longer than the 256 bytes that such a word may have
price_tiers | octet_length(name) <= 256 | products | {"external_id": "P", "name": "p", "price_tier": "@"} | 256 bytes | longer than the 256 bytes that such a word may have
customer_types | octet_length(name) <= 256 | customers | {"external_id": "C", "type": "@"} | 256 bytes | longer than the 256 bytes that such a word may have
location_types | octet_length(name) <= 256 | locations | {"external_id": "L", "name": "l", "type": "@"} | 256 bytes | longer than the 256 bytes that such a word may have
location_statuses | octet_length(name) <= 256 | locations | {"external_id": "L", "name": "l", "type": "store", "status": "@"} | 256 bytes | longer than the 256 bytes that such a word may have
sales_order_types | octet_length(name) <= 256 | sales_orders | {"external_id": "1", "order_date": "2026-02-24", "location_external_id": "S", "type": "@"} | 256 bytes | is not one of sale, return, adjustment
sales_order_statuses | octet_length(name) <= 256 | sales_orders | {"external_id": "1", "order_date": "2026-02-24", "location_external_id": "S", "status": "@"} | 256 bytes | longer than the 256 bytes that such a word may have
sales_channels | octet_length(name) <= 256 | sales_orders | {"external_id": "1", "order_date": "2026-02-24", "location_external_id": "S", "channel": "@"} | 256 bytes | longer than the 256 bytes that such a word may have
sales_order_line_update_types | octet_length(name) <= 256 | sales_orders | {"external_id": "1", "order_date": "2026-02-24", "location_external_id": "S", "lines": [{"product_external_id": "P", "qty": 1, "unit_price": 1, "updates": [{"type": "@", "date": "2026-03-01", "qty_delta": 1, "value_delta": 1}]}]} | 256 bytes | longer than the 256 bytes that such a word may have
brands | octet_length(name) <= 256 | products | {"external_id": "P", "name": "p", "brand": "@"} | 256 bytes | longer than the 256 bytes that such a word may have
brands | char_length(country_of_origin) <= 1000 | products | {"external_id": "P", "name": "p", "brand": "b", "brand_country": "@"} | 1000 characters | longer than 1000 characters
product_categories | octet_length(external_id) <= 256 | products | {"external_id": "P", "name": "p", "category": {"external_id": "@"}} | 256 bytes | longer than the 256 bytes that a key may have
product_categories | char_length(name) <= 1000 | products | {"external_id": "P", "name": "p", "category": {"external_id": "C", "name": "@"}} | 1000 characters | longer than 1000 characters
product_categories | declared_active or not is_active | made | - | - | -
products | octet_length(external_id) <= 256 | products | {"external_id": "@", "name": "p"} | 256 bytes | longer than the 256 bytes that a key may have
products | char_length(product_sku) <= 1000 | products | {"external_id": "P", "name": "p", "sku": "@"} | 1000 characters | longer than 1000 characters
products | char_length(product_vendor_sku) <= 1000 | products | {"external_id": "P", "name": "p", "vendor_sku": "@"} | 1000 characters | longer than 1000 characters
products | char_length(product_name) <= 1000 | products | {"external_id": "P", "name": "@"} | 1000 characters | longer than 1000 characters
products | product_kind in ('goods', 'service') | products | {"external_id": "P", "name": "p", "kind": "@"} | food | is not one of goods, service
products | declared_active or not is_active | made | - | - | -
locations | octet_length(external_id) <= 256 | locations | {"external_id": "@", "name": "l", "type": "store"} | 256 bytes | longer than the 256 bytes that a key may have
locations | char_length(location_name) <= 1000 | locations | {"external_id": "L", "name": "@", "type": "store"} | 1000 characters | longer than 1000 characters
locations | char_length(city) <= 1000 | locations | {"external_id": "L", "name": "l", "type": "store", "city": "@"} | 1000 characters | longer than 1000 characters
locations | char_length(country) <= 1000 | locations | {"external_id": "L", "name": "l", "type": "store", "country": "@"} | 1000 characters | longer than 1000 characters
locations | declared_active or not is_active | made | - | - | -
customers | octet_length(external_id) <= 256 | customers | {"external_id": "@"} | 256 bytes | longer than the 256 bytes that a key may have
customers | char_length(customer_name) <= 1000 | customers | {"external_id": "C", "name": "@"} | 1000 characters | longer than 1000 characters
customers | char_length(city) <= 1000 | customers | {"external_id": "C", "city": "@"} | 1000 characters | longer than 1000 characters
customers | char_length(country) <= 1000 | customers | {"external_id": "C", "country": "@"} | 1000 characters | longer than 1000 characters
customers | declared_active or not is_active | made | - | - | -
sales_orders | octet_length(external_id) <= 256 | sales_orders | {"external_id": "@", "order_date": "2026-02-24", "location_external_id": "S"} | 236 bytes | longer than the 236 bytes
sales_order_lines | line_no >= 0 | sales_orders | {"external_id": "1", "order_date": "2026-02-24", "location_external_id": "S", "lines": [{"product_external_id": "P", "qty": 1, "unit_price": 1, "line_no": "@"}]} | -1 | is not a whole number from 0 to 2147483647
sales_order_lines | char_length(external_id) <= 1000 | sales_orders | {"external_id": "1", "order_date": "2026-02-24", "location_external_id": "S", "lines": [{"product_external_id": "P", "qty": 1, "unit_price": 1, "external_id": "@"}]} | 1000 characters | longer than the 256 bytes that a key may have
sales_order_lines | discount_rate between 0 and 1 | sales_orders | {"external_id": "1", "order_date": "2026-02-24", "location_external_id": "S", "lines": [{"product_external_id": "P", "qty": 1, "unit_price": 1, "discount_rate": "@"}]} | 1.000001 | is not a rate from 0 to 1
sales_order_line_updates | update_no >= 0 | made | - | - | -
sales_order_line_updates | char_length(external_id) <= 1000 | sales_orders | {"external_id": "1", "order_date": "2026-02-24", "location_external_id": "S", "lines": [{"product_external_id": "P", "qty": 1, "unit_price": 1, "updates": [{"external_id": "@", "type": "t", "date": "2026-03-01", "qty_delta": 1, "value_delta": 1}]}]} | 1000 characters | longer than the 256 bytes that a key may have
"##;

/// What every table of the kind has: transform makes these values itself.
const OF_ALL: &[&str] = &["id >= 0", "raw_position > 0", "source_rank between 0 and 3"];

/// The CHECKs of a migration as table and condition.
fn checks_of(sql: &str) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    let mut table = String::new();
    for statement in sql.lines() {
        let begins = statement.strip_prefix("create table ");
        if let Some(rest) = begins.or_else(|| statement.strip_prefix("alter table ")) {
            table = rest.split(' ').next().unwrap_or_default().to_owned();
        }
        let Some((_, rest)) = statement.split_once("check (") else {
            continue;
        };
        let mut depth = 1;
        let end = rest.find(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth == 0
        });
        // One over several lines is told by its first one.
        let condition = &rest[..end.unwrap_or(rest.len())];
        found.insert((table.clone(), condition.to_owned()));
    }
    found
}

#[test]
fn every_check_of_a_table_that_transform_writes_has_its_rule() {
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/src/tenant");
    let mut in_database = BTreeSet::new();
    for entry in fs::read_dir(migrations).unwrap() {
        let sql = entry.unwrap().path().join("up.sql");
        in_database.extend(checks_of(&fs::read_to_string(sql).unwrap()));
    }
    let written: BTreeSet<_> = written().map(TableId::name).collect();
    in_database.retain(|(table, check)| {
        written.contains(table.as_str()) && !OF_ALL.contains(&check.as_str())
    });
    let pair = |[table, check, ..]: [&str; 6]| (table.to_owned(), check.to_owned());
    assert_eq!(in_database, cases(CHECKS).map(pair).collect());
}

/// The tables whose rows have a lineage.
fn written() -> impl Iterator<Item = TableId> {
    let tables = TableId::ALL.iter().copied();
    tables.filter(|table| table.table().position("source_version").is_some())
}

#[test]
fn a_value_that_a_check_would_refuse_is_refused_before() {
    for [table, check, dataset, record, value, message] in cases(CHECKS) {
        if dataset == "made" {
            continue;
        }
        let (bad, good) = match value.split_once(' ') {
            Some((most, "bytes")) => text("b", most),
            Some((most, "characters")) => text("\u{44f}", most),
            _ => (value.to_owned(), None),
        };
        let file = format!("{dataset}.json");
        let told = |value: &str| {
            let bytes = format!("[{}]", record.replace('@', value));
            problems(&deliver(&canonical(), &file, bytes))
        };
        let refused = told(&bad);
        assert_eq!(refused.len(), 1, "{table} {check}: {refused:?}");
        assert!(refused[0].contains(message), "{table} {check}: {refused:?}");
        // The longest that is admitted is admitted, where the rule is about length alone.
        if let Some(good) = good.filter(|_| message.starts_with("longer")) {
            let stricter = check.contains("char_length") && message.contains("bytes");
            assert_eq!(told(&good).is_empty(), !stricter, "{table} {check}");
        }
    }
}

/// A text that is one too long, and one that is not.
fn text(letter: &str, most: &str) -> (String, Option<String>) {
    let most = most.parse().unwrap();
    (letter.repeat(most + 1), Some(letter.repeat(most)))
}

#[test]
fn what_transform_makes_itself_never_breaks_a_check() {
    let product = r#"{"external_id": "P", "name": "p", "is_active": false, "brand": "b", "status": "s",
        "gender": "g", "price_tier": "t",
        "category": {"external_id": "C", "type": "y", "parent_external_id": "D"}}"#;
    let document = r#"{"external_id": "1", "order_date": "2026-02-24", "location_external_id": "S",
        "customer": {"external_id": "C", "type": "x"}, "channel": "c", "status": "s",
        "lines": [{"product_external_id": "P", "qty": 1, "unit_price": 1, "updates": [
            {"type": "t", "date": "2026-03-01", "qty_delta": 1, "value_delta": 1}]}]}"#;
    let files = [
        ("products.json", product),
        (
            "customers.json",
            r#"{"external_id": "C", "type": "x", "is_active": false}"#,
        ),
        (
            "locations.json",
            r#"{"external_id": "L", "name": "l", "type": "store", "status": "open"}"#,
        ),
        ("sales_orders.json", document),
    ];
    let mut seen = BTreeSet::new();
    for (name, record) in files {
        let whole = deliver(&canonical(), name, format!("[{record}]"));
        assert_eq!(problems(&whole), [""; 0]);
        for table in whole.output.rows.keys() {
            seen.insert(*table);
            let numbers = |name: &str| {
                let there = table.table().position(name).is_some();
                let cells = if there {
                    column(&whole, *table, name)
                } else {
                    Vec::new()
                };
                cells.into_iter().map(|cell| cell.parse::<i64>().unwrap())
            };
            assert!(numbers("id").all(|id| id >= 0));
            assert!(numbers("raw_position").all(|position| position > 0));
            assert!(numbers("source_rank").all(|rank| (0..=3).contains(&rank)));
            assert!(numbers("update_no").all(|number| number >= 0));
            if table.table().position("is_active").is_some() {
                let active = column(&whole, *table, "is_active");
                assert_eq!(active, column(&whole, *table, "declared_active"));
            }
        }
    }
    assert_eq!(seen, written().collect());
}
