//! Products, suppliers, locations and prices: their rules, each with its
//! whole problem, and their rows.

use catwing_domain::{DriftField, DriftKind, RowKey, TableId};
use catwing_transform::Whole;

use crate::fixture::{DAY, canonical, cases, column, deliver, mapping, problems, shared};

/// A record of a dataset, with what is wrong with it.
const REFUSED: &str = r##"
products | {"external_id": "P", "name": "p", "cost": -1, "price": "-0.5"} | range cost "-1" is negative; range price "-0.5" is negative
products | {"external_id": "P", "name": "p", "attributes": ["red"]} | type attributes - is not an object of texts by name
products | {"external_id": "P", "name": "p", "attributes": {"colour": ["red"]}} | type attributes "a list or record" is not a text
products | {"external_id": "P", "name": "p", "attributes": {" ": "red"}} | missing attributes "red" is the value of no name
products | {"external_id": "P", "name": "p", "attributes": {"colour": "red", "colour ": "blue"}} | repeated attributes "colour" is there twice: names differ in more than how they are encoded
products | {"external_id": "P", "name": "p", "images": [{"s3_key": "k"}, {"s3_key": "k"}]} | repeated images[1].s3_key "k" is the key of an earlier image of the product
products | {"external_id": "P", "name": "p", "translations": [{"language": "bg", "field": "name", "value": "a"}, {"language": "bg", "field": "name", "value": "b"}]} | repeated translations[1].field "name" is translated to bg already
products | {"external_id": "P", "name": "p", "translations": [{"language": "Bulgarian", "field": "name", "value": "a"}]} | word translations[0].language "Bulgarian" is no language tag such as en or pt-BR
suppliers | {"external_id": "S", "name": "s", "brands": "Lego"} | type brands - is not a list: expected an array of words
suppliers | {"external_id": "S", "name": "s", "brands": ["Lego", {}]} | type brands[1] "a list or record" is not a text
suppliers | {"external_id": "S", "name": "s", "brands": ["Lego", "Lego "]} | repeated brands[1] "Lego" is an earlier brand of the supplier
suppliers | {"external_id": "S", "name": "s", "products": [{"product_external_id": "P", "unit_cost": 1}, {"product_external_id": "P", "unit_cost": 2}]} | repeated products[1].product_external_id "P" is offered by an earlier line: a supplier offers a product once
suppliers | {"external_id": "S", "name": "s", "products": [{"product_external_id": "P", "unit_cost": -1, "package_qty": 0}]} | range products[0].unit_cost "-1" is negative; range products[0].package_qty "0" is a package of nothing
locations | {"external_id": "L", "name": "l", "type": "store", "relationships": [{"parent_external_id": "D", "type": "supplies"}, {"parent_external_id": "D", "type": "supplies"}]} | repeated relationships[1].parent_external_id "D" is the parent of an earlier relationship "supplies" already
products | {"external_id": "P", "name": "p", "category": {"external_id": "C", "parent_external_id": "C"}} | consistency category.parent_external_id "C" is the category itself: where roots name themselves, map that to nothing
transfer_orders | {"external_id": "1", "from_location_external_id": "L", "to_location_external_id": "L", "ship_date": "2026-02-24"} | consistency to_location_external_id "L" is from_location_external_id too: nothing is moved
store_orders | {"external_id": "1", "location_external_id": "L", "source_location_external_id": "L", "order_date": "2026-02-24"} | consistency source_location_external_id "L" is location_external_id too: nothing is moved
weather | {"city": "Oslo", "observation_date": "2026-02-24", "temperature_min": 4, "temperature_max": 3.5, "apparent_temperature_min": 1, "apparent_temperature_max": 0} | consistency temperature_max "3.5" is below temperature_min, 4; consistency apparent_temperature_max "0" is below apparent_temperature_min, 1
pricing_lists | {"product_external_id": "P", "price_kind": "promo", "price": -1, "from_date": "2026-02-24", "thru_date": "2026-02-23"} | range price "-1" is negative; consistency thru_date "2026-02-23" is before from_date, 2026-02-24
inventory | {"product_external_id": "P", "location_external_id": "L", "on_hand_qty": 1, "snapshot_date": "2026-02-25"} | range snapshot_date "2026-02-25" is after the business day of the delivery, 2026-02-24: stock is counted
market_data | {"market_data_source": "m"} | consistency - - is a record of exactly one of product_external_id and category_external_id: it has none of them, or several
market_data | {"product_external_id": "P", "category_external_id": "C", "market_data_source": "m"} | consistency - - is a record of exactly one of product_external_id and category_external_id: it has none of them, or several
market_data | 7 | format - - not an object with fields: it is a number
market_data | {"product_external_id": "P", "market_data_source": "m", "market_price": -1, "search_interest": 101} | range market_price "-1" is negative; range search_interest "101" is not a number from 0 to 100
market_data | {"category_external_id": "C", "market_data_source": "m", "demand_index": -1} | range demand_index "-1" is not a number from 0 on
analytics | {"location_external_id": "L", "sessions": 1, "page_views": 1, "add_to_carts": 1, "purchases": 1, "conversion_rate": 2} | range conversion_rate "2" is not a number from 0 to 1
currency_rates | {"from_currency": "EUR", "to_currency": "EUR", "rate": 1, "effective_date": "2026-02-24"} | consistency to_currency "EUR" is from_currency too: a rate is between two currencies
currency_rates | {"from_currency": "USD", "to_currency": "EUR", "rate": 0, "effective_date": "2026-02-24"} | range rate "0" is not above zero, as a rate of exchange is
currency_rates | {"from_currency": "USD", "to_currency": "EUR", "rate": "-0.00", "effective_date": "2026-02-24"} | range rate "-0.00" is not above zero, as a rate of exchange is
"##;

pub fn delivered(dataset: &str, records: &str) -> Whole {
    let mapping = match dataset {
        "currency_rates" | "weather" => shared(),
        _ => canonical(),
    };
    deliver(&mapping, &format!("{dataset}.json"), format!("[{records}]"))
}

pub fn accepted(dataset: &str, records: &str) -> Whole {
    let whole = delivered(dataset, records);
    assert_eq!(problems(&whole), [""; 0], "{records}");
    whole
}

#[test]
fn records_that_are_refused() {
    for [dataset, record, expected] in cases(REFUSED) {
        let whole = delivered(dataset, record);
        assert_eq!(problems(&whole).join("; "), expected, "{record}");
        assert_eq!(whole.output.rejects.len(), 1, "{record}");
        assert!(whole.output.rows.is_empty(), "{record}");
        let read: u64 = whole
            .summary
            .counts
            .values()
            .map(|counts| counts.records_read)
            .sum();
        assert_eq!(read, 1, "{record}");
    }
}

/// A record whose natural key, or that of one of its parts, is a byte too long.
const LONG: &str = r##"
pricing_lists | {"product_external_id": "P", "location_external_id": "L", "price_kind": "@", "price": 1, "from_date": "2026-02-24"} | 245 | product_external_id
inventory | {"product_external_id": "P", "location_external_id": "@", "on_hand_qty": 1} | 246 | product_external_id
suppliers | {"external_id": "S", "name": "s", "brands": ["@"]} | 256 | brands[0]
suppliers | {"external_id": "S", "name": "s", "products": [{"product_external_id": "@", "unit_cost": 1}]} | 246 | products[0].product_external_id
social_ads | {"category_external_id": "@", "social_ad_platform": "f", "impressions": 1, "clicks": 1, "conversions": 1, "spend": 1} | 246 | category_external_id
"##;

#[test]
fn a_key_of_several_parts_has_a_limit_for_all_of_them() {
    for [dataset, record, bytes, field] in cases(LONG) {
        let with = |bytes: usize| delivered(dataset, &record.replace('@', &"k".repeat(bytes)));
        let bytes: usize = bytes.parse().unwrap();
        let told = problems(&with(bytes));
        let expected = "makes a key of 257 bytes; 256 are admitted in all its parts";
        assert_eq!(told.len(), 1, "{record}");
        assert!(
            told[0].starts_with(&format!("limit {field} ")) && told[0].ends_with(expected),
            "{told:?}"
        );
        assert_eq!(problems(&with(bytes - 1)), [""; 0], "{record}");
    }
}

pub fn key(table: TableId, parts: &[Option<&str>]) -> String {
    RowKey::of(table, "", parts).unwrap().bits().to_string()
}

#[test]
fn a_product_s_parts_are_those_of_its_own_record() {
    let whole = accepted(
        "products",
        r#"{"external_id": "P", "name": "p", "supplier_external_id": "S", "cost": "1.5", "price": 3, "currency": "USD",
            "attributes": {"size": 7.50, "colour": "red", "eco": true, "none": null},
            "images": [{"s3_key": "p/1.jpg", "type": "main"}, {"s3_key": "p/2.jpg"}],
            "translations": [{"language": "pt-BR", "field": "name", "value": "q"}],
            "updated_at": "2026-02-23T23:30:00Z"},
           {"external_id": "Q", "name": "q", "updated_at": "2026-02-25T10:00:00Z"}"#,
    );
    let attributes = column(&whole, TableId::ProductAttributes, "attribute_name");
    assert_eq!(attributes, ["colour", "eco", "size"]);
    assert_eq!(
        column(&whole, TableId::ProductAttributes, "attribute_value"),
        ["red", "true", "7.50"]
    );
    assert_eq!(
        column(&whole, TableId::ProductImages, "s3_key"),
        ["p/1.jpg", "p/2.jpg"]
    );
    assert_eq!(column(&whole, TableId::ImageTypes, "name"), ["main"]);
    let language = RowKey::of_shared("languages", &[Some("pt-BR")]).unwrap();
    assert_eq!(
        whole.output.languages,
        [("pt-BR".to_owned(), language)].into()
    );
    let translation = key(
        TableId::ProductTranslations,
        &[Some("P"), Some("name"), Some("pt-BR")],
    );
    assert_eq!(
        column(&whole, TableId::ProductTranslations, "id"),
        [translation]
    );
    for (table, parts) in &whole.output.part_units {
        assert_eq!(parts.len(), whole.output.rows[table].len(), "{table:?}");
        assert!(
            parts
                .iter()
                .all(|position| *position == whole.output.units[0].version.raw_position)
        );
    }
    // Without cost and price there is no currency to speak of.
    let dollar = RowKey::of_shared("currencies", &[Some("USD")])
        .unwrap()
        .bits()
        .to_string();
    assert_eq!(
        column(&whole, TableId::Products, "declared_currency_id"),
        [dollar.as_str(), "-"]
    );
    assert_eq!(
        column(&whole, TableId::Products, "declared_cost"),
        ["1.5000", "-"]
    );
    // In Sofia it was the 24th by then; and no record is of a day after its business day.
    let cost = |name| column(&whole, TableId::ProductCostRecords, name);
    assert_eq!(cost("record_date"), [DAY, DAY]);
    assert_eq!(cost("unit_cost"), ["1.5000", "-"]);
    assert_eq!(
        cost("supplier_id"),
        [key(TableId::Suppliers, &[Some("S")]).as_str(), "-"]
    );
    assert_eq!(cost("currency_id"), [dollar.as_str(), "-"]);
    assert_eq!(
        cost("id")[0],
        key(TableId::ProductCostRecords, &[Some("P"), Some(DAY)])
    );
}

#[test]
fn the_order_of_attributes_says_nothing() {
    let content = |attributes: &str| {
        let record = format!(r#"{{"external_id": "P", "name": "p", "attributes": {attributes}}}"#);
        accepted("products", &record).output.units[0].content
    };
    let one = content(r#"{"a": "1", "b": "2"}"#);
    assert_eq!(one, content(r#"{"b": "2", "a": "1"}"#));
    assert_ne!(one, content(r#"{"a": "2", "b": "1"}"#));
    assert_ne!(one, content(r#"{"a": "1", "b": "2", "c": "3"}"#));
}

#[test]
fn a_feed_that_can_say_nothing_of_cost_says_nothing_of_it() {
    let says = |fields: &str| {
        let mapping = mapping(&format!(
            "[datasets.items]\nnumber = 1\n[datasets.items.feeds.products.fields]\nexternal_id = \"id\"\nname = \"id\"\n{fields}"
        ));
        let whole = deliver(&mapping, "items.json", r#"[{"id": "P"}]"#);
        assert_eq!(problems(&whole), [""; 0]);
        whole.output.rows.contains_key(&TableId::ProductCostRecords)
    };
    assert!(!says("price = \"p\""));
    assert!(says("cost = \"c\""));
    assert!(says("supplier_external_id = \"s\""));
}

#[test]
fn a_supplier_s_offers_are_listed_by_day() {
    let whole = accepted(
        "suppliers",
        r#"{"external_id": "S", "name": "s", "country": "BG", "currency": "BGN", "brands": ["Lego", null, " Duplo "],
            "products": [{"product_external_id": "P", "unit_cost": "1.25", "currency": "USD", "is_default": true, "package_qty": 12},
                         {"product_external_id": "Q", "unit_cost": 2}]},
           {"external_id": "T", "name": "t", "direct_shipment": true, "updated_at": "2026-02-01T12:00:00Z"}"#,
    );
    let shared = |code| {
        RowKey::of_shared("currencies", &[Some(code)])
            .unwrap()
            .bits()
            .to_string()
    };
    assert_eq!(
        column(&whole, TableId::Suppliers, "currency_id"),
        [shared("BGN").as_str(), "-"]
    );
    assert_eq!(
        column(&whole, TableId::Suppliers, "direct_shipment"),
        ["false", "true"]
    );
    assert_eq!(column(&whole, TableId::Brands, "name"), ["Lego", "Duplo"]);
    let offers = column(&whole, TableId::XSupplierProducts, "currency_id");
    assert_eq!(offers, [shared("USD"), shared("BGN")]);
    assert_eq!(
        column(&whole, TableId::XSupplierProducts, "is_default"),
        ["true", "false"]
    );
    assert_eq!(column(&whole, TableId::Products, "source_rank"), ["0", "0"]);
    // An empty list of offers is a list too: it ends what was offered before.
    assert_eq!(
        column(&whole, TableId::SupplierPriceLists, "list_date"),
        [DAY, "2026-02-01"]
    );
    let lines = column(&whole, TableId::SupplierPriceListLines, "id");
    let line = key(
        TableId::SupplierPriceListLines,
        &[Some("S"), Some(DAY), Some("P")],
    );
    assert_eq!((lines.len(), lines.first()), (2, Some(&line)));
    let tables: Vec<_> = whole
        .presence
        .iter()
        .map(|scope| (scope.table, scope.retires))
        .collect();
    assert_eq!(tables, [(TableId::Suppliers, true)]);
    assert_eq!(whole.output.present.len(), 2);
}

#[test]
fn a_location_s_parents_are_inferred() {
    let whole = accepted(
        "locations",
        r#"{"external_id": "L", "name": "l", "type": "store", "city": "Plovdiv", "relationships": [
            {"parent_external_id": "D", "type": "supplies", "priority": 1, "lead_time_days": 2},
            {"parent_external_id": "D", "type": "returns to"}]}"#,
    );
    assert_eq!(
        column(&whole, TableId::Locations, "source_rank"),
        ["3", "0"]
    );
    // Cities are shared: their keys have no salt, and the country is a part of them.
    let city = RowKey::of_shared("cities", &[Some("Plovdiv"), None]).unwrap();
    let city_ids = column(&whole, TableId::Locations, "city_id");
    assert_eq!(city_ids, [city.bits().to_string(), "-".to_owned()]);
    let named: Vec<_> = whole.output.cities.iter().collect();
    assert_eq!(named.len(), 1);
    assert_eq!((named[0].0.name.as_str(), *named[0].1), ("Plovdiv", city));
    let relationship = |name| column(&whole, TableId::LocationRelationships, name);
    let expected = key(
        TableId::LocationRelationships,
        &[Some("D"), Some("L"), Some("supplies"), None],
    );
    assert_eq!(relationship("id")[0], expected);
    assert_eq!(
        relationship("child_location_id")[0],
        key(TableId::Locations, &[Some("L")])
    );
    assert_eq!(relationship("priority"), ["1", "-"]);
}

#[test]
fn a_price_s_key_is_made_of_what_it_refers_to() {
    let whole = accepted(
        "pricing_lists",
        r#"{"product_external_id": "P", "price_kind": "promo", "rank": 5, "price": 2, "from_date": "2026-02-24"},
           {"product_external_id": "P", "location_external_id": "L", "price_kind": "regular", "price": 3, "from_date": "2026-02-24", "is_active": false}"#,
    );
    let everywhere = key(
        TableId::PricingLists,
        &[Some("P"), None, Some("promo"), Some(DAY)],
    );
    let here = key(
        TableId::PricingLists,
        &[Some("P"), Some("L"), Some("regular"), Some(DAY)],
    );
    assert_eq!(
        column(&whole, TableId::PricingLists, "id"),
        [everywhere.clone(), here.clone()]
    );
    assert_eq!(
        column(&whole, TableId::PricingLists, "declared_active"),
        ["true", "false"]
    );
    assert_eq!(column(&whole, TableId::PriceKinds, "rank"), ["5", "0"]);
    assert_eq!(
        column(&whole, TableId::PriceKinds, "source_rank"),
        ["2", "0"]
    );
    let present: Vec<_> = whole
        .output
        .present
        .iter()
        .map(|mark| mark.id.bits().to_string())
        .collect();
    assert_eq!(present, [everywhere, here]);
    // A location that is there and can't be read is not everywhere: the key is unknown.
    let whole = delivered(
        "pricing_lists",
        r#"{"product_external_id": "P", "location_external_id": ["L"], "price_kind": "promo", "price": 2, "from_date": "2026-02-24"}"#,
    );
    assert!(whole.output.present.is_empty() && !whole.presence[0].retires);
    assert_eq!(whole.output.rejects[0].record_key, None);
}

/// What a field of several texts is written as, and what it comes to.
#[test]
fn words_and_texts_by_name_are_mapped() {
    let mapping = mapping(
        r#"
        [datasets.vendors]
        number = 1
        [datasets.vendors.feeds.suppliers.fields]
        external_id = "id"
        name = "id"
        brands = ["brand", { path = "second", case = "upper" }]
        [datasets.makers]
        number = 2
        [datasets.makers.feeds.suppliers.fields]
        external_id = "id"
        name = "id"
        brands = { each = "of.brands" }
        [datasets.items]
        number = 3
        [datasets.items.feeds.products.fields]
        external_id = "id"
        name = "id"
        attributes = { colour = "c", "size in cm" = { path = "s", number = { decimal = "," } } }
        [datasets.things]
        number = 4
        [datasets.things.feeds.products.fields]
        external_id = "id"
        name = "id"
        attributes = "extra"
        "#,
    );
    let brands = |file, record: &str| {
        let whole = deliver(&mapping, file, format!("[{record}]"));
        assert!(whole.summary.drift.is_empty(), "{:?}", whole.summary.drift);
        column(&whole, TableId::Brands, "name")
    };
    assert_eq!(
        brands(
            "vendors.json",
            r#"{"id": "S", "brand": "a", "second": "b"}"#
        ),
        ["a", "B"]
    );
    assert_eq!(
        brands("vendors.json", r#"{"id": "S", "brand": "", "second": "b"}"#),
        ["B"]
    );
    assert_eq!(
        brands(
            "makers.json",
            r#"{"id": "S", "of": {"brands": ["a", "c"]}}"#
        ),
        ["a", "c"]
    );
    assert_eq!(brands("makers.json", r#"{"id": "S"}"#), [""; 0]);
    let attributes = |file, record: &str| {
        let whole = deliver(&mapping, file, format!("[{record}]"));
        // A record may lack what the mapping names.
        let unknown = |field: &&DriftField| field.kind == DriftKind::Unknown;
        assert_eq!(whole.summary.drift.keys().find(unknown), None);
        let names = column(&whole, TableId::ProductAttributes, "attribute_name");
        let values = column(&whole, TableId::ProductAttributes, "attribute_value");
        names
            .into_iter()
            .zip(values)
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        attributes("items.json", r#"{"id": "P", "c": "red", "s": "1,50"}"#),
        ["colour=red", "size in cm=1.5"]
    );
    assert_eq!(
        attributes("items.json", r#"{"id": "P", "s": "1,50"}"#),
        ["size in cm=1.5"]
    );
    assert_eq!(
        attributes("things.json", r#"{"id": "P", "extra": {"z": 1, "a": "x"}}"#),
        ["a=x", "z=1"]
    );
}
