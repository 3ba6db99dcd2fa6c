//! The mapping's language, an example for each of its words: an expression, a record, and what the
//! field becomes.

use catwing_domain::TableId;

use crate::fixture::{cases, column, deliver, mapping, problems, sales_rows};

/// What a field becomes by an expression, or why the record is refused. Texts are identifiers, so
/// that nothing but the expression changes them.
fn evaluated(field: &str, expression: &str, record: &str) -> String {
    let (toml, table, name) = match field {
        "text" => (
            format!("customer = {{ external_id = {expression} }}"),
            TableId::Customers,
            "external_id",
        ),
        "number" => (
            format!("freight_value = {expression}"),
            TableId::SalesOrders,
            "freight_value",
        ),
        "date" => (
            format!("requested_date = {expression}"),
            TableId::SalesOrders,
            "requested_date",
        ),
        "instant" => (
            format!("updated_at = {expression}"),
            TableId::SalesOrders,
            "source_version",
        ),
        other => panic!("{other}"),
    };
    let mapping = mapping(&format!(
        r#"
        [datasets.sales]
        number = 20
        format = {{ type = "ndjson" }}
        [datasets.sales.feeds.sales_orders.fields]
        external_id = {{ value = "1" }}
        order_date = {{ value = "2026-02-24" }}
        location_external_id = {{ value = "S1" }}
        {toml}
        "#
    ));
    let whole = deliver(&mapping, "sales.json", record);
    match problems(&whole).first() {
        Some(problem) => problem.clone(),
        None => column(&whole, table, name)
            .first()
            .cloned()
            .unwrap_or("-".to_owned()),
    }
}

/// Checks a table of field, expression, record and result.
fn check(table: &str) {
    for [field, expression, record, expected] in cases(table) {
        let found = evaluated(field, expression, record);
        assert_eq!(found, expected, "{expression} of {record}");
    }
}

const ORIGINS: &str = r##"
text | "a" | {"a": "007"} | 007
text | "a.b" | {"a": {"b": "x"}} | x
text | "a.b" | {"a": "x"} | -
text | { path = "a" } | {"a": 7.50} | 7.50
text | { path = "a" } | {"a": true} | type customer.external_id "true" is not a text
text | { path = "a" } | {"a": {}} | type customer.external_id "a list or record" is not a text
text | { value = "x" } | {} | x
text | { value = 7 } | {} | 7
number | { value = 7.25 } | {} | 7.2500
text | { first_of = ["a", "b"] } | {"a": "", "b": "y"} | y
text | { first_of = ["a", "b"] } | {"a": null} | -
text | { join = ["a", "b", "c"], separator = "-" } | {"a": "x", "b": null, "c": 7} | x-7
text | { join = ["a", "b"] } | {"a": "x", "b": "y"} | xy
text | { join = ["a", "b"] } | {} | -
text | { join = ["a", "b"] } | {"a": "x", "b": []} | type customer.external_id "a list or record" is not a single value
number | { add = ["a", "b", { value = 1 }] } | {"a": 0.1, "b": "0.2"} | 1.3000
number | { subtract = ["a", "b"] } | {"a": 1, "b": 0.9} | 0.1000
number | { multiply = ["a", { value = -1 }] } | {"a": 1e2} | -100.0000
number | { divide = ["grams", { value = 1000 }] } | {"grams": 250} | 0.2500
number | { divide = ["a", "b"], round = 4 } | {"a": 2, "b": 3} | 0.6667
number | { divide = ["a", "b"] } | {"a": 2, "b": 3} | range freight_value "0.6666666666666666666666666667" does not fit money: at most four decimals and 14 digits before them; where rounding is meant, say round = 4
number | { divide = ["a", "b"] } | {"a": 2, "b": 0} | type freight_value "0" takes the computation out of range, or divides by zero
number | { multiply = ["a", "a"] } | {"a": 1e28} | type freight_value "1e28" takes the computation out of range, or divides by zero
number | { add = ["a", "b"] } | {"a": 2} | -
number | { add = ["a", "b"] } | {"a": 2, "b": true} | type freight_value "true" is not a number
"##;

const STEPS: &str = r##"
text | { path = "a", null = "NULL" } | {"a": "NULL"} | -
text | { path = "a", null = ["", "-"] } | {"a": "-"} | -
text | { path = "a", null = "NULL" } | {"a": "null"} | null
text | { path = "a", trim = true } | {"a": "\t x "} | x
text | { path = "a", trim = true } | {"a": "  "} | -
text | { path = "a", strip = '\.0$' } | {"a": "17850.0"} | 17850
text | { path = "a", strip = '^0+' } | {"a": "0007"} | 7
text | { path = "a", extract = '^(\d+)-' } | {"a": "77-b"} | 77
text | { path = "a", extract = '^(\d+)-' } | {"a": "b"} | -
text | { path = "a", case = "lower" } | {"a": "Éa"} | éa
text | { path = "a", case = "upper" } | {"a": "éa"} | ÉA
text | { path = "a", words = { PAID = "paid" } } | {"a": "PAID"} | paid
text | { path = "a", words = { PAID = "paid" } } | {"a": "OPEN"} | OPEN
text | { path = "a", words = { PAID = "paid" }, otherwise = "other" } | {"a": "OPEN"} | other
text | { path = "a", words = { PAID = "paid" }, otherwise = false } | {"a": "OPEN"} | type customer.external_id "OPEN" is not in the mapping's list of words: add it, or set otherwise
text | { path = "a", words = { PAID = "paid" }, otherwise = "other" } | {"a": ""} | -
text | { path = "a", words = { true = "yes" } } | {"a": true} | yes
# Trimmed, then taken apart, then folded.
text | { path = "a", words = { x = "good" }, case = "lower", extract = '^(\w)', trim = true } | {"a": "  X1"} | good
text | { path = "a", trim = true } | {"a": []} | type customer.external_id "a list or record" is not a single value
number | { path = "a", round = 2 } | {"a": 1.005} | 1.0100
number | { path = "a", round = 0 } | {"a": "-2.5"} | -3.0000
text | { path = "a", default = "none" } | {"a": ""} | none
number | { path = "a", number = { decimal = "," }, default = 0 } | {} | 0.0000
text | { path = "a", when = { path = "b", eq = "y" } } | {"a": "x", "b": "y"} | x
text | { path = "a", when = { path = "b", eq = "y" } } | {"a": "x", "b": "n"} | -
"##;

const NUMBERS: &str = r##"
number | { path = "a", number = { decimal = ",", group = "." } } | {"a": "-1.234.567,89"} | -1234567.8900
number | { path = "a", number = { decimal = ",", group = "." } } | {"a": "1234,5"} | 1234.5000
number | { path = "a", number = { decimal = ",", group = "." } } | {"a": "1.23,5"} | type freight_value "1.23,5" is not grouped in thousands as the mapping declares
number | { path = "a", number = { decimal = "," } } | {"a": "1.5"} | type freight_value "1.5" has a point where ',' is the decimal sign
number | { path = "a", number = { group = "," } } | {"a": "12,34,567.8"} | 1234567.8000
number | { path = "a", number = { group = "'" } } | {"a": "1'234.50"} | 1234.5000
number | { path = "a", number = { decimal = ",", group = " " } } | {"a": "1\u00a0234,5"} | 1234.5000
number | { path = "a", number = { decimal = ",", group = " " } } | {"a": "1\u202f234,5"} | 1234.5000
number | { path = "a", number = { percent = true } } | {"a": "12.5 %"} | 0.1250
number | { path = "a", number = { percent = true } } | {"a": "12.5"} | 0.1250
number | "a" | {"a": "1e5"} | 100000.0000
number | "a" | {"a": 1.0} | 1.0000
number | "a" | {"a": -0} | 0.0000
number | "a" | {"a": "1,234.50"} | type freight_value "1,234.50" is not a number: declare how it is written, number = { decimal = "," }
number | "a" | {"a": "NaN"} | type freight_value "NaN" is not a number: declare how it is written, number = { decimal = "," }
number | "a" | {"a": "\u0661\u0662"} | type freight_value "١٢" is not a number: declare how it is written, number = { decimal = "," }
number | "a" | {"a": 123456789012345678901234567890} | type freight_value "123456789012345678901234567890" has more digits than the 28 that a decimal holds
number | "a" | {"a": 1234567890123456} | range freight_value "1234567890123456" does not fit money: at most four decimals and 14 digits before them
# SAP writes the minus behind, an accountant writes parentheses.
number | { first_of = [{ multiply = [{ path = "a", extract = '^(.*)-$' }, { value = -1 }] }, "a"] } | {"a": "12.50-"} | -12.5000
number | { first_of = [{ multiply = [{ path = "a", extract = '^\((.*)\)$' }, { value = -1 }] }, "a"] } | {"a": "(12.50)"} | -12.5000
number | { path = "a", strip = '[£€$ ]' } | {"a": "£ 12.50"} | 12.5000
"##;

const TIMES: &str = r##"
date | "a" | {"a": "2024-02-29"} | 2024-02-29
date | "a" | {"a": "2023-02-29"} | type requested_date "2023-02-29" is not a date YYYY-MM-DD: declare its form, date = "%d.%m.%Y"
date | { path = "a", date = ["%d.%m.%Y", "%Y%m%d"] } | {"a": "5.1.2011"} | 2011-01-05
date | { path = "a", date = ["%d.%m.%Y", "%Y%m%d"] } | {"a": 20110105} | 2011-01-05
date | { path = "a", date = ["%d.%m.%Y", "%Y%m%d"] } | {"a": "31.04.2011"} | type requested_date "31.04.2011" is not a date in the form "%d.%m.%Y" or "%Y%m%d"
date | { path = "a", date = "%m/%d/%Y %H:%M" } | {"a": "12/1/2010 8:26"} | 2010-12-01
date | { path = "a", date = "%d %B %Y" } | {"a": "5 January 2011"} | 2011-01-05
date | { path = "a", date = "%d/%m/%y" } | {"a": "05/01/11"} | 2011-01-05
# An instant's date is the tenant's own day: Sofia is two hours ahead in winter.
date | { path = "a", date = "rfc3339" } | {"a": "2011-01-05T23:30:00Z"} | 2011-01-06
date | { path = "a", date = "unix_seconds" } | {"a": 1294270200} | 2011-01-06
date | { path = "a", date = "unix_milliseconds" } | {"a": "1294270200000"} | 2011-01-06
date | { path = "a", date = "rfc3339" } | {"a": "soon"} | type requested_date "soon" is not a date in the form RFC 3339
date | { path = "a", date = "%Y-%m-%d %H:%M %z" } | {"a": "2011-01-05 23:30 +0000"} | 2011-01-06
instant | "a" | {"a": "2011-01-05T08:26:00+02:00"} | 2011-01-05T06:26:00Z
instant | { path = "a", instant = "%Y-%m-%d %H:%M:%S %z" } | {"a": "2011-01-05 08:26:00 -0500"} | 2011-01-05T13:26:00Z
instant | { path = "a", instant = "unix_seconds" } | {"a": 1294215960} | 2011-01-05T08:26:00Z
instant | { path = "a", instant = ["unix_seconds", "unix_milliseconds"] } | {"a": "x"} | type updated_at "x" is not an instant in the form seconds since 1970 or milliseconds since 1970
instant | { path = "a", instant = "%Y-%m-%d %H:%M" } | {"a": "2011-01-05 08:26"} | 2011-01-05T06:26:00Z
# 03:30 does not exist in the night in which clocks go forward: the time an hour later is meant.
instant | { path = "a", instant = "%Y-%m-%d %H:%M" } | {"a": "2011-03-27 03:30"} | 2011-03-27T01:30:00Z
# 03:30 is there twice in the night in which clocks go back: the first is meant.
instant | { path = "a", instant = "%Y-%m-%d %H:%M" } | {"a": "2011-10-30 03:30"} | 2011-10-30T00:30:00Z
instant | { path = "a", instant = "%Y-%m-%d %H:%M" } | {"a": "2011-10-30 04:30"} | 2011-10-30T02:30:00Z
"##;

#[test]
fn origins() {
    check(ORIGINS);
}

#[test]
fn steps_in_their_order() {
    check(STEPS);
    // Nothing trims an identifier unless it is told to.
    assert_eq!(evaluated("text", "\"a\"", r#"{"a": " x "}"#), " x ");
    let kept = evaluated("text", "{ path = \"a\", trim = false }", r#"{"a": " x"}"#);
    assert_eq!(kept, " x");
}

#[test]
fn numbers_as_sources_write_them() {
    check(NUMBERS);
}

#[test]
fn dates_and_instants() {
    check(TIMES);
}

#[test]
fn conditions() {
    let record = r#"{"n": 5, "t": "card", "s": "", "l": [1], "b": true}"#;
    for (condition, expected) in [
        (r#"{ path = "n", eq = 5 }"#, true),
        (r#"{ path = "n", eq = "5" }"#, true),
        (r#"{ path = "n", eq = 5.0 }"#, true),
        (r#"{ path = "n", ne = 5 }"#, false),
        (r#"{ path = "none", ne = 5 }"#, true),
        (r#"{ path = "none", eq = 5 }"#, false),
        (r#"{ path = "n", lt = 5 }"#, false),
        (r#"{ path = "n", le = 5 }"#, true),
        (r#"{ path = "n", gt = 4.5 }"#, true),
        (r#"{ path = "n", ge = 6 }"#, false),
        (r#"{ path = "none", lt = 5 }"#, false),
        (r#"{ path = "t", in = ["cash", "card"] }"#, true),
        (r#"{ path = "t", in = ["cash"] }"#, false),
        (r#"{ path = "t", starts_with = "ca" }"#, true),
        (r#"{ path = "t", ends_with = "ca" }"#, false),
        (r#"{ path = "t", matches = '^c.rd$' }"#, true),
        (r#"{ path = "s", empty = true }"#, true),
        (r#"{ path = "l", empty = true }"#, false),
        (r#"{ path = "b", eq = true }"#, true),
        (
            r#"{ of = { path = "t", case = "upper" }, eq = "CARD" }"#,
            true,
        ),
        (r#"{ of = "t", gt = "cap" }"#, true),
        (r#"{ not = { path = "n", eq = 5 } }"#, false),
        (
            r#"{ all = [{ path = "n", eq = 5 }, { path = "t", eq = "x" }] }"#,
            false,
        ),
        (
            r#"{ any = [{ path = "n", eq = 5 }, { path = "t", eq = "x" }] }"#,
            true,
        ),
    ] {
        let expression = format!("{{ value = \"yes\", when = {condition} }}");
        let expected = if expected { "yes" } else { "-" };
        assert_eq!(
            evaluated("text", &expression, record),
            expected,
            "{condition}"
        );
    }
    let asked = r#"{ value = "yes", when = { path = "l", eq = 1 } }"#;
    let expected = r#"type customer.external_id "a list or record" is not a single value"#;
    assert_eq!(evaluated("text", asked, record), expected);
}

#[test]
fn conditions_over_all_lines_and_picks_among_rows() {
    let fields = r#"
        type = { value = "adjustment", when = { every_line = { path = "price", eq = 0 } } }
        status = { value = "mixed", when = { some_line = { path = "price", eq = 0 } } }
        shipped_date = { path = "day", pick = "greatest" }
        requested_date = { path = "day", pick = "least" }
    "#;
    let whole = deliver(
        &sales_rows(r#"{ type = "csv" }"#, fields),
        "sales.csv",
        "doc,day,sku,pieces,price\na,2026-02-24,X,1,0\nb,2026-02-24,X,1,0\na,2026-02-25,Y,1,3\na,2026-02-23,Y,1,3\n",
    );
    assert_eq!(problems(&whole), [""; 0]);
    let orders = |name| column(&whole, TableId::SalesOrders, name);
    assert_eq!(orders("external_id"), ["a", "b"]);
    assert_eq!(orders("order_date"), ["2026-02-24", "2026-02-24"]);
    assert_eq!(orders("shipped_date"), ["2026-02-25", "2026-02-24"]);
    assert_eq!(orders("requested_date"), ["2026-02-23", "2026-02-24"]);
    assert_eq!(
        column(&whole, TableId::SalesOrderTypes, "name"),
        ["sale", "adjustment"]
    );
    let mixed = orders("sales_order_status_id");
    assert_eq!(mixed[0], mixed[1]);
    assert_eq!(
        column(&whole, TableId::SalesOrderLines, "line_no"),
        ["1", "2", "3", "1"]
    );
}

#[test]
fn where_leaves_rows_out_and_counts_them() {
    let mapping = mapping(
        r#"
        [datasets.sales]
        number = 20
        format = { type = "csv" }
        [datasets.sales.feeds.sales_orders]
        document = "doc"
        where = { all = [{ path = "sku", ne = "TOTAL" }, { path = "price", ge = 0 }] }
        [datasets.sales.feeds.sales_orders.fields]
        external_id = "doc"
        order_date = "day"
        location_external_id = { value = "S1" }
        "#,
    );
    let bytes = "doc,day,sku,price\na,2026-02-24,X,0\na,2026-02-24,TOTAL,0\nb,2026-02-24,TOTAL,1\nc,2026-02-24,X,y\n";
    let whole = deliver(&mapping, "sales.csv", bytes);
    assert_eq!(column(&whole, TableId::SalesOrders, "external_id"), ["a"]);
    let counts = whole.summary.counts.values().next().unwrap();
    let found = (
        counts.source_rows,
        counts.rows_skipped,
        counts.rows_quarantined,
    );
    assert_eq!(found, (4, 2, 1));
    // A row that can't be asked is not left out in silence.
    let expected =
        r#"type where "y" is not a number: declare how it is written, number = { decimal = "," }"#;
    assert_eq!(problems(&whole), [expected]);
}

#[test]
fn one_dataset_feeds_several_entities_each_from_its_own_part() {
    let mapping = mapping(
        r#"
        [datasets.sales]
        number = 20
        format = { type = "json", records = "data.orders" }
        [datasets.sales.feeds.locations.fields]
        external_id = "shop.id"
        name = "shop.title"
        type = { value = "store" }
        [datasets.sales.feeds.sales_orders]
        where = { not = { every_line = { path = "qty", eq = 0 } } }
        [datasets.sales.feeds.sales_orders.fields]
        external_id = "no"
        order_date = { path = "at", date = "rfc3339" }
        location_external_id = "shop.id"
        lines = { each = "items", fields = { external_id = { join = ["^no", "pos"], separator = "/" }, product = { external_id = "sku", name = "title" }, qty = "qty", unit_price = { divide = ["cents", { value = 100 }] }, updates = { each = "refunds", fields = { type = { value = "return" }, date = { path = "^^at", date = "rfc3339" }, qty_delta = "n", value_delta = { multiply = ["n", { divide = ["^cents", { value = 100 }] }] } } } } }
        "#,
    );
    let bytes = r#"{"data": {"page": 1, "orders": [
        {"no": "A", "at": "2026-02-24T22:30:00Z", "shop": {"id": "S", "title": "Main street"},
         "items": [{"pos": 1, "sku": "x", "title": "Ball", "qty": 2, "cents": 250, "refunds": [{"n": -1}]}]},
        {"no": "B", "at": "2026-02-24T10:00:00Z", "shop": {"id": "S", "title": "Main street"},
         "items": [{"pos": 1, "sku": "x", "title": "Ball", "qty": 0, "cents": 250}]}
    ]}}"#;
    let whole = deliver(&mapping, "sales.json", bytes);
    assert_eq!(problems(&whole), [""; 0]);
    let of = |table, name| column(&whole, table, name);
    assert_eq!(of(TableId::Locations, "location_name"), ["Main street"]);
    assert_eq!(of(TableId::SalesOrders, "external_id"), ["A"]);
    assert_eq!(of(TableId::SalesOrders, "order_date"), ["2026-02-25"]);
    assert_eq!(of(TableId::SalesOrderLines, "external_id"), ["A/1"]);
    assert_eq!(of(TableId::SalesOrderLines, "line_value"), ["5.0000"]);
    assert_eq!(
        of(TableId::SalesOrderLineUpdates, "value_delta"),
        ["-2.5000"]
    );
    assert_eq!(
        of(TableId::SalesOrderLineUpdates, "update_date"),
        ["2026-02-25"]
    );
    assert_eq!(of(TableId::Products, "product_name"), ["Ball"]);
    assert!(whole.summary.drift.is_empty(), "{:?}", whole.summary.drift);
}
