//! Every mistake that a tenant's file can have, each with its place and its whole message.

use catwing_domain::tenant_file::TenantFile;
use catwing_transform::Mapping;

use crate::fixture::{cases, tenant};

/// What is wrong with a file, `at: message` for each mistake.
fn mistakes_of(file: &str) -> Vec<String> {
    match Mapping::compile(&TenantFile::parse(file).unwrap()) {
        Ok(_) => Vec::new(),
        Err(mistakes) => mistakes.iter().map(ToString::to_string).collect(),
    }
}

/// What is wrong with the datasets of a file.
pub fn in_datasets(datasets: &str) -> Vec<String> {
    mistakes_of(&tenant(datasets))
}

const SALES: &str = "datasets.sales.feeds.sales_orders";

/// What is wrong with a good sales mapping over rows once these settings and fields are added.
pub fn in_feed(format: &str, feed: &str, fields: &[(&str, &str)]) -> Vec<String> {
    let good = [
        ("external_id", "\"doc\""),
        ("order_date", "\"day\""),
        ("location_external_id", "{ value = \"S1\" }"),
        (
            "lines",
            "{ rows = true, fields = { product_external_id = \"sku\", qty = \"n\", unit_price = \"p\" } }",
        ),
    ];
    let kept = good
        .iter()
        .filter(|(name, _)| fields.iter().all(|(changed, _)| changed != name));
    let lines: Vec<_> = kept
        .chain(fields)
        .filter(|(_, toml)| !toml.is_empty())
        .map(|(name, toml)| format!("{name} = {toml}"))
        .collect();
    let fields = lines.join("\n");
    let told = in_datasets(&format!(
        "[datasets.sales]\nnumber = 20\nformat = {format}\n[{SALES}]\n{feed}\n[{SALES}.fields]\n{fields}"
    ));
    let short = |told: &String| {
        told.replace(&format!("{SALES}."), "")
            .replace(SALES, "feed")
    };
    told.iter().map(short).collect()
}

/// What is wrong with one field of a good sales mapping.
pub fn in_field(name: &str, toml: &str) -> Vec<String> {
    in_feed("{ type = \"csv\" }", "document = \"doc\"", &[(name, toml)])
}

#[test]
fn a_good_mapping_has_none() {
    assert_eq!(in_field("status", "\"status\""), [""; 0]);
    assert_eq!(in_datasets("[datasets.products]\nnumber = 1"), [""; 0]);
}

#[test]
fn what_stands_around_the_datasets() {
    let file = tenant("");
    let cases = [
        (
            file.replace("Europe/Sofia", "Sofia"),
            r#"time_zone: time zone "Sofia" is unknown: use an IANA name such as Europe/London"#
                .to_owned(),
        ),
        (
            file.replace("EUR", "eur"),
            r#"base_currency: "eur" is no ISO 4217 code: three capital letters"#.to_owned(),
        ),
        (
            file.replace("Corner shop", " "),
            "name: the tenant needs a name".to_owned(),
        ),
        (
            file.replace("Corner shop", &"\u{44f}".repeat(1_001)),
            "name: the name is longer than 1000 characters".to_owned(),
        ),
        (
            file.replace("Corner shop", "a\\u0000b"),
            "name: the name holds a NUL character".to_owned(),
        ),
    ];
    for (file, expected) in cases {
        assert_eq!(mistakes_of(&file), [expected], "{file}");
    }
    let longest = file.replace("Corner shop", &"\u{44f}".repeat(1_000));
    assert_eq!(mistakes_of(&longest), [""; 0]);
}

#[test]
fn datasets() {
    let long = "\u{e9}".repeat(501);
    let cases = [
        (
            "[datasets.ui_events]\nnumber = 1".to_owned(),
            "datasets.ui_events: this name is that of writes made in the UI: give the dataset another",
        ),
        (
            "[datasets.products]\nnumber = 1\n[datasets.customers]\nnumber = 1".to_owned(),
            "datasets.products.number: 1 is the number of dataset customers already: numbers are given once",
        ),
        (
            "[sources.shop]\nkind = \"files\"\n[datasets.products]\nnumber = 1\nsource = \"shp\""
                .to_owned(),
            r#"datasets.products.source: unknown source "shp": did you mean "shop"?"#,
        ),
        (
            "[datasets.products]\nnumber = 1\nsource = \"shop\"".to_owned(),
            r#"datasets.products.source: unknown source "shop": there is none"#,
        ),
        (
            "[datasets.products]\nnumber = 1\nscope = \"north\"".to_owned(),
            r#"datasets.products.scope: a scope goes with completeness = "snapshot""#,
        ),
        (
            format!(
                "[datasets.products]\nnumber = 1\ncompleteness = \"snapshot\"\nscope = \"{long}\""
            ),
            "datasets.products.scope: the scope is longer than 1000 bytes",
        ),
        (
            "[datasets.products]\nnumber = 1\ncompleteness = \"snapshot\"\nscope = \"\\u0000\""
                .to_owned(),
            "datasets.products.scope: the scope holds a NUL character",
        ),
        (
            "[datasets.prodcts]\nnumber = 1".to_owned(),
            r#"datasets.prodcts: unknown entity "prodcts": did you mean "products"?"#,
        ),
        (
            "[datasets.stock]\nnumber = 1\n[datasets.stock.feeds.stock]".to_owned(),
            r#"datasets.stock.feeds.stock: unknown entity "stock": there is products, suppliers, locations, customers, pricing_lists, inventory, sales_orders, purchase_orders, receiving_orders, store_orders, transfer_orders, product_market_observations, category_market_observations, product_web_analytics, location_web_analytics, product_social_ads, category_social_ads, currency_rates, weather, product_settings, category_settings, supplier_settings, location_settings, inventory_strategies, location_relationships, client_settings"#,
        ),
        (
            "[datasets.sales_orders]\nnumber = 1\nformat = { type = \"csv\" }".to_owned(),
            "datasets.sales_orders: rows can't hold lines: give fields and document",
        ),
        (
            "[datasets.inventory]\nnumber = 1\nfeeds = { inventory = { document = \"x\" } }"
                .to_owned(),
            "datasets.inventory.feeds.inventory.document: inventory has no lines: document goes with documents",
        ),
        (
            "[datasets.currency_rates]\nnumber = 1".to_owned(),
            "datasets.currency_rates: currency_rates are shared by all tenants: declare this dataset in the file of CW-GLOBAL",
        ),
        (
            "[datasets.rates]\nnumber = 1\n[datasets.rates.feeds.currency_rates]".to_owned(),
            "datasets.rates.feeds.currency_rates: currency_rates are shared by all tenants: declare this dataset in the file of CW-GLOBAL",
        ),
        (
            "[sources.erp]\nkind = \"rest\"\nbase_url = \"https://erp.example\"\n[datasets.products]\nnumber = 1\nsource = \"erp\"".to_owned(),
            r#"datasets.products: say what to ask erp for: fetch = { path = "/..." }"#,
        ),
        (
            "[datasets.products]\nnumber = 1\nfetch = { path = \"/products\" }".to_owned(),
            "datasets.products.fetch: fetch goes with a source of kind = \"rest\"",
        ),
    ];
    for (toml, expected) in cases {
        assert_eq!(in_datasets(&toml), [expected], "{toml}");
    }
    let longest = format!(
        "[datasets.products]\nnumber = 1\ncompleteness = \"snapshot\"\nscope = \"{}\"",
        "\u{e9}".repeat(500)
    );
    assert_eq!(in_datasets(&longest), [""; 0]);
}

#[test]
fn what_tenants_share_is_fed_by_the_shared_tenant_alone() {
    let shared = |datasets: &str| mistakes_of(&tenant(datasets).replace("CW-000200", "CW-GLOBAL"));
    assert_eq!(shared("[datasets.currency_rates]\nnumber = 1"), [""; 0]);
    let expected = "datasets.products: CW-GLOBAL holds what tenants share: products belong to a tenant of their own";
    assert_eq!(shared("[datasets.products]\nnumber = 1"), [expected]);
}

#[test]
fn formats() {
    let two = "datasets.sales.format: delimiter and quote are two different ASCII characters";
    let cases = [
        (r#"{ type = "csv", delimiter = "\"" }"#, two),
        (r#"{ type = "csv", delimiter = "\n" }"#, two),
        (r#"{ type = "csv", delimiter = "\u0000" }"#, two),
        (r#"{ type = "csv", delimiter = "€" }"#, two),
        (
            r#"{ type = "csv", encoding = "cp1251x" }"#,
            r#"datasets.sales.format.encoding: unknown encoding "cp1251x": use utf-8, windows-1251, utf-16le, ..."#,
        ),
        (
            r#"{ type = "csv", columns = ["doc", "day", "doc"] }"#,
            r#"datasets.sales.format.columns: the column "doc" is there twice"#,
        ),
    ];
    for (format, expected) in cases {
        assert_eq!(
            in_feed(format, "document = \"doc\"", &[]),
            [expected],
            "{format}"
        );
    }
}

#[test]
fn sources() {
    const REST: &str = "[sources.erp]\nkind = \"rest\"\nbase_url = \"ftp://erp\"\nattempts = 0\n";
    let dataset = |name: &str, number: u8, more: &str| {
        format!("[datasets.{name}]\nnumber = {number}\nsource = \"erp\"\n{more}\n")
    };
    let fetch = "fetch = { path = \"/v1/{day}\" }";
    // The source's own mistakes are told once, with the first of its datasets.
    let file = [
        REST,
        &dataset("customers", 3, ""),
        &dataset("products", 1, fetch),
    ];
    assert_eq!(
        in_datasets(&file.concat()),
        [
            "datasets.customers: say what to ask erp for: fetch = { path = \"/...\" }",
            "sources.erp.base_url: the address must begin with http:// or https://",
            "sources.erp.attempts: it must be at least 1",
            "datasets.products.fetch.path: \"/v1/{day}\" has braces: only {date} stands for something",
        ]
    );
    let files = "[sources.erp]\nkind = \"files\"\n";
    assert_eq!(
        in_datasets(&[files, &dataset("products", 1, fetch)].concat()),
        ["datasets.products.fetch: fetch goes with a source of kind = \"rest\""]
    );
    assert_eq!(
        in_datasets(&dataset("products", 1, "")),
        ["datasets.products.source: unknown source \"erp\": there is none"]
    );
    let good = REST
        .replace("ftp", "http")
        .replace("attempts = 0", "token_env = \"T\"");
    let good = [
        &good,
        &dataset("products", 1, "fetch = { path = \"/v1\" }")[..],
    ]
    .concat();
    assert_eq!(in_datasets(&good), [""; 0]);
}

/// A feed's settings, one of its fields with its value (`-` where there is none), and what is wrong.
const FIELDS: &str = r##"
- | - | - | feed: lines that are rows need document = "...", the column that says whose
document = "doc" | order_date | - | fields.order_date: this field is required: say where it comes from
document = "doc" | order_dat | "day" | fields: unknown canonical field "order_dat": did you mean "order_date"?
document = "doc" | customer | "CustomerID" | fields.customer: this field is a record: give a table of its fields
document = "doc" | customer | { external_id = "c", nme = "n" } | fields.customer: unknown canonical field "nme": did you mean "name"?
document = "doc" | customer | { name = "n" } | fields.customer.external_id: this field is required: say where it comes from
document = "doc" | lines | "items" | fields.lines: a list is { each = "path", fields = { ... } }, { rows = true, fields = { ... } }, or { dataset = "name", on = EXPRESSION, fields = { ... } }
document = "doc" | lines | { rows = false, fields = {} } | fields.lines: a list is { each = "path", fields = { ... } }, { rows = true, fields = { ... } }, or { dataset = "name", on = EXPRESSION, fields = { ... } }
document = "doc" | lines | { each = "^items", fields = { product_external_id = "s", qty = "n", unit_price = "p" } } | fields.lines.each: "^items" leads out of the record: there is no record around it
document = "doc" | lines | { rows = true, row = 1, fields = { product_external_id = "s", qty = "n", unit_price = "p" } } | fields.lines: unknown setting "row": did you mean "rows"?
document = "doc" | lines | { each = "items", fields = { product_external_id = "s", qty = "n", unit_price = "p", updates = { each = "^returns", fields = { type = "t", date = "d", qty_delta = "q", value_delta = "v" } } } } | fields.lines.fields.updates.each: a list lies in its own record: no ^ before its path
"##;

#[test]
fn feeds_and_their_fields() {
    for [feed, name, toml, expected] in cases(FIELDS) {
        let given = |cell: &'static str| if cell == "-" { "" } else { cell };
        let field = [(name, given(toml))];
        let fields = if name == "-" { &[] } else { &field[..] };
        let told = in_feed("{ type = \"csv\" }", given(feed), fields);
        assert_eq!(told, [expected], "{feed} {name} {toml}");
    }
}

/// A supplier's brands or a product's attributes, and what is wrong with them.
const TEXTS: &str = r##"
suppliers | brands | "brand" | fields.brands: a list of words is { each = "path" }, or a list of expressions
suppliers | brands | { each = "b", of = "c" } | fields.brands: unknown setting "of": there is each
suppliers | brands | { each = "^b" } | fields.brands.each: "^b" leads out of the record: there is no record around it
suppliers | brands | ["a", { value = 1, round = 9 }] | fields.brands[1].round: round is a number of decimal places, 0 to 6
products | translations | { each = "t", fields = { language = { path = "l", date = "%Y-%m-%d" }, field = "f", value = "v" } } | fields.translations.fields.language.date: date does not go with this field, which is a language
products | attributes | ["a"] | fields.attributes: texts by name are a path to an object of them, or a table { name = EXPRESSION }
products | attributes | { colour = 1 } | fields.attributes.colour: 1 is no expression: write a column's name in quotes, or { value = ... } for a constant
"##;

#[test]
fn several_texts() {
    for [entity, field, toml, expected] in cases(TEXTS) {
        let feed = format!("datasets.things.feeds.{entity}");
        let told = in_datasets(&format!(
            "[datasets.things]\nnumber = 1\n[{feed}.fields]\nexternal_id = \"i\"\nname = \"n\"\n{field} = {toml}"
        ));
        let told: Vec<_> = told
            .iter()
            .map(|told| told.replace(&format!("{feed}."), ""))
            .collect();
        assert_eq!(told, [expected], "{field} {toml}");
    }
}
