//! Every mistake that a field's expression or a condition can have, each with its whole message.

use crate::{
    fixture::cases,
    mistakes::{in_datasets, in_feed, in_field},
};

/// The value of `status`, and what is wrong with it.
const EXPRESSIONS: &str = r##"
3 | status: 3 is no expression: write a column's name in quotes, or { value = ... } for a constant
"" | status: a path can't be empty: name a column or a key
{ path = 3 } | status.path: a path is a string: a column's name, or keys joined by dots
{ path = "^x" } | status.path: "^x" leads out of the record: there is no record around it
{ trim = true } | status: an expression needs exactly one of path, value, first_of, join, add, subtract, multiply, divide, lookup; found none
{ path = "x", value = 1 } | status: an expression needs exactly one of path, value, first_of, join, add, subtract, multiply, divide, lookup; found path and value
{ path = "x", trimm = true } | status: unknown setting "trimm": did you mean "trim"?
{ value = [1] } | status.value: a constant is a text, a number, true or false
{ path = "x", default = {} } | status.default: a constant is a text, a number, true or false
{ value = nan } | status.value: NaN is no decimal number: write it in quotes
{ first_of = "x" } | status.first_of: first_of takes a list of expressions
{ join = [] } | status.join: join takes a list of expressions
{ add = ["x"] } | status.add: add takes two expressions or more
{ first_of = ["x", { path = "y", pick = "least" }] } | status.first_of[1].pick: pick goes with the whole expression, not with a part of it
{ path = "x", pick = "last" } | status.pick: pick is "first", "greatest" or "least"
{ path = "x", separator = "-" } | status.separator: separator is a text that goes with join
{ join = ["x"], separator = 1 } | status.separator: separator is a text that goes with join
"##;

/// A step, and what is wrong with it.
const STEPS: &str = r##"
null = 0 | null: null takes a text or a list of texts
null = [0] | null: null takes a text or a list of texts
trim = 1 | trim: trim is true or false
strip = 1 | strip: a pattern is a regular expression in quotes
extract = 'x' | extract: the pattern needs exactly one group in parentheses
extract = '(a)(b)' | extract: the pattern needs exactly one group in parentheses
case = "title" | case: case is "lower" or "upper"
words = ["a"] | words: words is a table of texts, { PAID = "paid" }
words = { a = 1 } | words: words is a table of texts, { PAID = "paid" }
otherwise = "x" | otherwise: otherwise goes with words
words = { a = "b" }, otherwise = true | otherwise: otherwise is a word, or false to refuse words that are not in the list
number = "," | number: number is a table such as { decimal = ",", group = ".", percent = true }
number = { decimal = ",," } | number: number is a table such as { decimal = ",", group = ".", percent = true }
number = { percent = 1 } | number: number is a table such as { decimal = ",", group = ".", percent = true }
number = { deciml = "," } | number: unknown setting "deciml": did you mean "decimal"?
number = { decimal = ",", group = "," } | number: decimal and group can't be the same character
round = 7 | round: round is a number of decimal places, 0 to 6
round = -1 | round: round is a number of decimal places, 0 to 6
date = [] | date: takes a format such as "%d.%m.%Y", or a list of formats
instant = 1 | instant: takes a format such as "%d.%m.%Y", or a list of formats
date = "%Y-%m" | date: the format "%Y-%m" holds no whole date: it needs year, month and day
instant = "%Y-%m-%d" | instant: the format "%Y-%m-%d" holds no time of day
instant = "%Y-%m-%d %I:%M" | instant: the format "%Y-%m-%d %I:%M" holds no time of day
instant = "%Y-%m-%dT%H:%M:%SZ" | instant: the format "%Y-%m-%dT%H:%M:%SZ" takes Z for a mere letter, and the time for the tenant's own: use "rfc3339"
date = "DD.MM.YYYY" | date: the format "DD.MM.YYYY" holds no whole date: it needs year, month and day
"##;

/// A field, its value, and what is wrong with it.
const CONSTANTS: &str = r##"
order_date | { value = "24.02.2026" } | value: "24.02.2026" is not a date YYYY-MM-DD: declare its form, date = "%d.%m.%Y"
type | { value = "retrun" } | value: unknown word "retrun": did you mean "return"?
type | { path = "t", default = "x" } | default: unknown word "x": there is sale, return, adjustment
type | { path = "t", words = { R = "x" } } | words: unknown word "x": there is sale, return, adjustment
type | { path = "t", words = { R = "return" }, otherwise = "sold" } | otherwise: unknown word "sold": there is sale, return, adjustment
type | { first_of = ["t", { value = "x" }] } | first_of[1].value: unknown word "x": there is sale, return, adjustment
currency | { value = "euro" } | value: "euro" is no ISO 4217 code: three capital letters
freight_value | { path = "f", default = "-" } | default: "-" is not a number: declare how it is written, number = { decimal = "," }
status | { value = true } | value: "true" is not a text
status | { path = "s", date = "%Y-%m-%d" } | date: date does not go with this field, which is a word
customer | { external_id = { path = "c", instant = "rfc3339" } } | external_id.instant: instant does not go with this field, which is an identifier
customer | { external_id = "c", name = { path = "c", date = "rfc3339" } } | name.date: date does not go with this field, which is a text
order_date | { path = "d", number = { decimal = "," } } | number: number does not go with this field, which is a date
updated_at | { path = "d", round = 2 } | round: round does not go with this field, which is an instant
type | { path = "d", round = 2 } | round: round does not go with this field, which is one of a few words
currency | { path = "d", round = 2 } | round: round does not go with this field, which is a currency
freight_value | { path = "d", date = "rfc3339" } | date: date does not go with this field, which is money
"##;

/// A condition, and what is wrong with it as a whole.
const CONDITIONS: &str = r##"
"x" | a condition is a table such as { path = "Price", eq = 0 }
{ all = [{ path = "x", eq = 1 }], path = "x" } | one of all, any, not, every_line, some_line stands alone in its table
{ path = "x" } | a condition needs exactly one of empty, eq, ne, lt, le, gt, ge, in, starts_with, ends_with, matches
{ path = "x", eq = 1, ne = 2 } | a condition needs exactly one of empty, eq, ne, lt, le, gt, ge, in, starts_with, ends_with, matches
{ eq = 1 } | a condition asks of a path = "..." or of = EXPRESSION
{ path = 1, eq = 1 } | a condition asks of a path = "..." or of = EXPRESSION
{ of = { trim = true }, eq = 1 } | a condition asks of a path = "..." or of = EXPRESSION
{ path = "x", eq = 1, trim = true } | unknown setting "trim": there is empty, eq, ne, lt, le, gt, ge, in, starts_with, ends_with, matches, all, any, not, every_line, some_line, path, of
"##;

/// A condition, and what is wrong within it.
const WITHIN_CONDITIONS: &str = r##"
{ all = {} } | all: all takes a list of conditions
{ any = [] } | any: any takes a list of conditions
{ any = [{ path = "x", eq = 1 }, 3] } | any[1]: a condition is a table such as { path = "Price", eq = 0 }
{ not = 3 } | not: a condition is a table such as { path = "Price", eq = 0 }
{ path = "x", empty = 1 } | empty: empty is true or false
{ path = "x", in = 1 } | in: in takes a list of constants
{ path = "x", in = [] } | in: in takes a list of constants
{ path = "x", in = [[]] } | in: a constant is a text, a number, true or false
{ path = "x", starts_with = 1 } | starts_with: starts_with takes a text
{ path = "x", ends_with = 1 } | ends_with: ends_with takes a text
{ path = "x", matches = 1 } | matches: a pattern is a regular expression in quotes
{ path = "x", lt = [] } | lt: a constant is a text, a number, true or false
{ path = "", lt = 1 } | path: a path can't be empty: name a column or a key
{ every_line = { path = "x", eq = 1 } } | every_line: every_line asks of all lines of a document: only fields of its header can
{ some_line = { path = "x", eq = 1 } } | some_line: some_line asks of all lines of a document: only fields of its header can
"##;

#[test]
fn expressions() {
    for [toml, expected] in cases(EXPRESSIONS) {
        let expected = format!("fields.{expected}");
        assert_eq!(in_field("status", toml), [expected], "{toml}");
    }
    let lines = "{ rows = true, fields = { product_external_id = \"sku\", qty = \"n\", unit_price = { path = \"p\", pick = \"least\" } } }";
    assert_eq!(
        in_field("lines", lines),
        [
            "fields.lines.fields.unit_price.pick: pick goes with fields of a document's header whose lines are rows"
        ]
    );
    for (path, count) in [
        ("^^x", "there is one record around it"),
        ("^^^x", "there are 2 records around it"),
    ] {
        let updates = format!(
            "{{ each = \"returns\", fields = {{ type = \"t\", date = \"d\", qty_delta = \"q\", value_delta = {path:?} }} }}"
        );
        let lines = |more: &str, price: &str| {
            format!(
                "{{ each = \"items\", fields = {{ product_external_id = \"s\", qty = \"n\", unit_price = {price:?}, {more} }} }}"
            )
        };
        let (toml, at) = if count.contains('2') {
            (
                lines(&format!("updates = {updates}"), "p"),
                "updates.fields.value_delta",
            )
        } else {
            (lines("", path), "unit_price")
        };
        let expected =
            format!("fields.lines.fields.{at}: {path:?} leads out of the record: {count}");
        assert_eq!(in_field("lines", &toml), [expected]);
    }
}

#[test]
fn steps() {
    for [step, expected] in cases(STEPS) {
        let name = match step.split(' ').next() {
            Some("date") => "requested_date",
            Some("instant") => "updated_at",
            Some("number" | "round") => "freight_value",
            _ => "status",
        };
        let toml = format!("{{ path = \"x\", {step} }}");
        let told = in_field(name, &toml);
        assert_eq!(told, [format!("fields.{name}.{expected}")], "{toml}");
    }
    // What a library says of a pattern or format is its own.
    let told = in_field("status", "{ path = \"x\", strip = '(' }");
    assert!(
        told[0].starts_with("fields.status.strip: the pattern is not valid: regex parse error"),
        "{told:?}"
    );
    let told = in_field("requested_date", "{ path = \"x\", date = \"%Y-%m-%d%\" }");
    assert!(
        told[0].starts_with("fields.requested_date.date: the format \"%Y-%m-%d%\" is not valid: "),
        "{told:?}"
    );
    let told = in_field("requested_date", "{ path = \"x\", date = \"%Y-%m-%d %q\" }");
    assert!(
        told[0].starts_with(
            "fields.requested_date.date: the format \"%Y-%m-%d %q\" can't be read back: "
        ),
        "{told:?}"
    );
}

#[test]
fn constants_and_steps_that_the_field_can_never_take() {
    for [name, toml, expected] in cases(CONSTANTS) {
        let expected = format!("fields.{name}.{expected}");
        assert_eq!(in_field(name, toml), [expected], "{toml}");
    }
    let of_lines = [
        ("qty", "a quantity"),
        ("discount_rate", "a rate"),
        ("line_no", "a count"),
    ];
    for (name, called) in of_lines {
        let other = if name == "qty" { "" } else { "qty = \"n\", " };
        let toml = format!(
            "{{ rows = true, fields = {{ product_external_id = \"sku\", {other}unit_price = \"p\", {name} = {{ path = \"x\", date = \"rfc3339\" }} }} }}"
        );
        let expected = format!(
            "fields.lines.fields.{name}.date: date does not go with this field, which is {called}"
        );
        assert_eq!(in_field("lines", &toml), [expected]);
    }
    let told = in_datasets(
        "[datasets.c]\nnumber = 1\n[datasets.c.feeds.customers.fields]\nexternal_id = \"x\"\nis_active = { path = \"a\", round = 0 }",
    );
    assert_eq!(
        told,
        [
            "datasets.c.feeds.customers.fields.is_active.round: round does not go with this field, which is true or false"
        ]
    );
}

#[test]
fn conditions() {
    for [toml, expected] in cases(CONDITIONS) {
        let told = in_feed(
            "{ type = \"csv\" }",
            &format!("document = \"doc\"\nwhere = {toml}"),
            &[],
        );
        assert_eq!(told, [format!("where: {expected}")], "{toml}");
    }
    for [toml, expected] in cases(WITHIN_CONDITIONS) {
        let told = in_feed(
            "{ type = \"csv\" }",
            &format!("document = \"doc\"\nwhere = {toml}"),
            &[],
        );
        assert_eq!(told, [format!("where.{expected}")], "{toml}");
    }
    let told = in_field("status", "{ path = \"x\", when = 1 }");
    assert_eq!(
        told,
        ["fields.status.when: a condition is a table such as { path = \"Price\", eq = 0 }"]
    );
}

#[test]
fn all_mistakes_of_a_file_are_told_at_once() {
    let told = in_feed(
        "{ type = \"csv\", encoding = \"x\" }",
        "document = \"doc\"\nwhere = { all = [{ path = \"x\" }, { eq = 1 }] }",
        &[
            ("order_date", ""),
            ("status", "1"),
            ("type", "{ value = 1, path = 2 }"),
        ],
    );
    assert_eq!(told.len(), 6, "{told:#?}");
}
