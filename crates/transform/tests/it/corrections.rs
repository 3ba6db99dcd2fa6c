//! Corrected records of every form: what they replace, what comes out, and what can't be corrected.

use catwing_domain::{
    Entity, ObjectName, RawPosition, TableId,
    manifest::{Fix, Sha256Hash},
};
use catwing_transform::{FoundRecord, Mapping, TransformError, Whole, correct, find, transform};

use crate::fixture::{DAY, canonical, column, mapping, problems, sales_rows, shared};

type Objects<'o> = &'o [(&'o str, &'o str)];

fn named<'o>(objects: Objects<'o>) -> Vec<(ObjectName, &'o [u8])> {
    let object = |(name, text): &(&str, &'o str)| (name.parse().unwrap(), text.as_bytes());
    objects.iter().map(object).collect()
}

/// A correction of what is said to lie at a place of the first object.
fn fix(objects: Objects<'_>, ordinal: u64, bad: &str, record: &str) -> Fix {
    let name: ObjectName = objects[0].0.parse().unwrap();
    Fix {
        object: name.key("CW-000200".parse().unwrap(), DAY.parse().unwrap()),
        ordinal,
        sha256: Sha256Hash::of(bad.as_bytes()),
        number: 1,
        record: record.to_owned(),
        by: "ana@shop.example".to_owned(),
    }
}

fn corrected(mapping: &Mapping, objects: Objects<'_>, fix: &Fix) -> Result<Whole, TransformError> {
    let (day, objects) = (DAY.parse().unwrap(), named(objects));
    let whole = correct(mapping, day, &objects, fix);
    // What a correction replaces is what is found at its place, and the other way round.
    let found = find(mapping, day, &objects, (&fix.object, fix.ordinal));
    let is_there = |found: Vec<FoundRecord>| {
        let bytes = |record: &FoundRecord| Sha256Hash::of(&record.bytes) == record.sha256;
        assert!(found.iter().all(bytes), "{found:?}");
        found.iter().any(|record| record.sha256 == fix.sha256)
    };
    let unfound = |error: &TransformError| matches!(error, TransformError::Correction { .. });
    match &whole {
        Ok(_) => assert!(is_there(found?)),
        Err(error) if unfound(error) => assert!(!found.is_ok_and(is_there) || fix.number != 1),
        Err(_) => {}
    }
    whole
}

fn delivered(mapping: &Mapping, objects: Objects<'_>) -> Whole {
    transform(mapping, DAY.parse().unwrap(), &named(objects)).unwrap()
}

/// Place and number of the positions of a table's rows.
fn positions(whole: &Whole, table: TableId) -> Vec<(u64, u8)> {
    let positions = column(whole, table, "raw_position");
    let position = |text: &String| RawPosition::from_bits(text.parse().unwrap());
    let told = positions.iter().map(position);
    told.map(|at| (at.place(false).ordinal, at.fix())).collect()
}

const PRODUCTS: &[(&str, &str)] = &[(
    "products.json",
    r#"[{"external_id": "A", "name": "n"}, {"external_id": "B", "name": "n", "cost": "x"}, 7, {"external_id": "C", "name": "n"}]"#,
)];

#[test]
fn a_json_record_is_replaced_by_itself() {
    let mapping = canonical();
    let bad = r#"{"external_id": "B", "name": "n", "cost": "x"}"#;
    let good = r#" {"external_id": "B", "name": "Bell", "cost": 3, "supplier_external_id": "V"} "#;
    let whole = corrected(&mapping, PRODUCTS, &fix(PRODUCTS, 1, bad, good)).unwrap();
    assert_eq!(problems(&whole), [""; 0]);
    assert_eq!(column(&whole, TableId::Products, "product_name"), ["Bell"]);
    assert_eq!(positions(&whole, TableId::Products), [(1, 1)]);
    assert_eq!(positions(&whole, TableId::Suppliers), [(1, 1)]);
    let counts: Vec<_> = whole.summary.counts.iter().collect();
    let [((0, Entity::Products), counts)] = counts[..] else {
        panic!("{counts:?}");
    };
    assert_eq!((counts.source_rows, counts.records_read), (1, 1));
    // The key is there for the snapshot of the object, which retires nothing that it did not.
    assert_eq!(whole.output.present.len(), 1);
    let [presence] = &whole.presence[..] else {
        panic!("{:?}", whole.presence);
    };
    let delivery = &delivered(&mapping, PRODUCTS).presence[0];
    assert_eq!(
        (presence.position, presence.retires),
        (delivery.position, false)
    );
}

#[test]
fn what_is_no_record_can_be_one() {
    let mapping = canonical();
    let whole = corrected(
        &mapping,
        PRODUCTS,
        &fix(PRODUCTS, 2, "7", r#"{"external_id": "D", "name": "n"}"#),
    );
    assert_eq!(positions(&whole.unwrap(), TableId::Products), [(2, 1)]);
    // The rest of an object that breaks off.
    let broken = &[(
        "products.json",
        r#"[{"external_id": "A", "name": "n"}, {"external_id": "#,
    )];
    let rest = r#"{"external_id": "#;
    let bad = &delivered(&mapping, broken).output.rejects[0];
    assert_eq!((bad.ordinal, bad.record.trim()), (1, rest.trim()));
    let of = fix(
        broken,
        1,
        &bad.record,
        r#"{"external_id": "B", "name": "n"}"#,
    );
    let whole = corrected(&mapping, broken, &of).unwrap();
    assert_eq!(column(&whole, TableId::Products, "external_id"), ["B"]);
}

#[test]
fn a_correction_that_is_refused_says_so_at_its_own_place() {
    let mapping = canonical();
    let whole =
        |record: &str| corrected(&mapping, PRODUCTS, &fix(PRODUCTS, 2, "7", record)).unwrap();
    for (record, told) in [
        (
            r#"{"external_id": "D", "name": "n", "cost": "y"}"#,
            "type cost",
        ),
        (
            r#"{"external_id": "D", "name": "n"} {"external_id": "E", "name": "n"}"#,
            "a correction is one record, and this is 2",
        ),
        (
            r#"{"external_id": "D", "name": "n""#,
            "the document ends in the middle: it was cut off, deliver it whole",
        ),
        ("", "the correction is empty"),
        ("[]", "not an object with fields: it is a list"),
    ] {
        let whole = whole(record);
        let [reject] = &whole.output.rejects[..] else {
            panic!("{record}: {:?}", whole.output.rejects);
        };
        assert!(
            problems(&whole)[0].contains(told),
            "{record}: {:?}",
            problems(&whole)
        );
        assert_eq!((reject.position.fix(), reject.ordinal), (1, 2));
        assert_eq!(reject.record, record.trim());
        assert!(whole.output.units.is_empty());
    }
}

#[test]
fn a_row_of_delimited_text_is_replaced_in_its_encoding() {
    let mapping = mapping(
        r#"
        [datasets.goods]
        number = 1
        format = { type = "csv", delimiter = ";", encoding = "windows-1251" }
        [datasets.goods.feeds.products.fields]
        external_id = "code"
        name = "name"
        cost = "cost"
        "#,
    );
    let (text, _, _) = encoding_rs::WINDOWS_1251.encode("code;name;cost\nA;Чаша;1\nB;Звънец;x\n");
    let objects = [("goods.csv".parse().unwrap(), text.as_ref())];
    let of = fix(&[("goods.csv", "")], 1, "B;Звънец;x", "B;Звънец;2,5");
    let again = Fix {
        record: "B;Звънец;2.5".to_owned(),
        number: 15,
        ..of.clone()
    };
    let corrected = |fix| correct(&mapping, DAY.parse().unwrap(), &objects, fix).unwrap();
    assert!(problems(&corrected(&of))[0].contains("cost"));
    let whole = corrected(&again);
    assert_eq!(
        column(&whole, TableId::Products, "product_name"),
        ["Звънец"]
    );
    assert_eq!(positions(&whole, TableId::Products), [(1, 15)]);
}

const SALES: &[(&str, &str)] = &[(
    "sales.csv",
    "doc,day,sku,pieces,price\n1,2026-02-24,A,1,1\n2,2026-02-24,A,x,1\n1,2026-02-24,B,1,1\n2,2026-02-24,B,2,1\n,2026-02-24,C,1,1\n",
)];
const BAD_SALE: &str = "2,2026-02-24,A,x,1\n2,2026-02-24,B,2,1";

#[test]
fn a_document_that_is_spread_over_rows_is_replaced_as_a_whole() {
    let mapping = sales_rows("{ type = \"csv\" }", "");
    let bad = &delivered(&mapping, SALES).output.rejects;
    let refused: Vec<_> = bad.iter().map(|reject| reject.record.as_str()).collect();
    assert_eq!(refused, [",2026-02-24,C,1,1", BAD_SALE]);
    let good = "2,2026-02-24,A,3,1\n2,2026-02-24,B,2,1\n2,2026-02-24,D,1,1\n";
    let whole = corrected(&mapping, SALES, &fix(SALES, 1, BAD_SALE, good)).unwrap();
    assert_eq!(problems(&whole), [""; 0]);
    assert_eq!(column(&whole, TableId::SalesOrders, "external_id"), ["2"]);
    assert_eq!(
        column(&whole, TableId::SalesOrderLines, "qty"),
        ["3.000", "2.000", "1.000"]
    );
    assert_eq!(positions(&whole, TableId::SalesOrderLines), [(1, 1); 3]);
    let counts = &whole.summary.counts[&(0, Entity::SalesOrders)];
    assert_eq!((counts.source_rows, counts.records_read), (3, 1));
    // A row that does not say whose it is can be corrected with all of its document.
    let good = "1,2026-02-24,A,1,1\n1,2026-02-24,B,1,1\n1,2026-02-24,C,1,1";
    let whole = corrected(&mapping, SALES, &fix(SALES, 4, ",2026-02-24,C,1,1", good)).unwrap();
    assert_eq!(positions(&whole, TableId::SalesOrders), [(4, 1)]);
}

#[test]
fn rows_of_an_object_without_columns_can_not_be_corrected() {
    let mapping = sales_rows("{ type = \"csv\" }", "");
    let empty = &[("sales.csv", "")];
    let whole = corrected(&mapping, empty, &fix(empty, 0, "", "1,2026-02-24,A,1,1")).unwrap();
    let told = problems(&whole).concat();
    let why = "no header row of the dataset was delivered: nobody can say what is what";
    assert!(told.contains(why), "{told}");
}

#[test]
fn rows_of_a_correction_are_one_document() {
    let mapping = sales_rows("{ type = \"csv\" }", "");
    let two = "2,2026-02-24,A,3,1\n3,2026-02-24,B,2,1";
    let whole = corrected(&mapping, SALES, &fix(SALES, 1, BAD_SALE, two)).unwrap();
    assert_eq!(whole.output.rejects[0].source_rows, 2);
    assert_eq!(whole.output.rejects.len(), 1);
    let told = problems(&whole).concat();
    assert!(
        told.contains("a correction is one document, and an earlier row is of \"2\""),
        "{told}"
    );
    let nobodys = "2,2026-02-24,A,3,1\n,2026-02-24,B,2,1\n2,2026";
    let whole = corrected(&mapping, SALES, &fix(SALES, 1, BAD_SALE, nobodys)).unwrap();
    assert_eq!(whole.output.rejects[0].source_rows, 3);
    assert_eq!(whole.output.rejects.len(), 1);
}

#[test]
fn documents_are_found_in_whichever_part_of_the_keys_they_are() {
    let mapping = sales_rows("{ type = \"json\" }", "");
    let row = |doc: u32, pieces: &str| {
        format!(
            r#"{{"doc": {doc}, "day": "2026-02-24", "sku": "A", "pieces": "{pieces}", "price": 1}}"#
        )
    };
    let rows: Vec<_> = (0..300)
        .map(|n| row(n % 100, if n == 142 { "x" } else { "1" }))
        .collect();
    let text = format!("[{}]", rows.join(",\n"));
    let objects = &[("sales.json", text.as_str())];
    let bad = [42, 142, 242].map(|n: usize| rows[n].as_str()).join("\n");
    let good = format!("{}\n{}", row(42, "5"), row(42, "6"));
    let of = fix(objects, 42, &bad, &good);
    let described = named(objects);
    let day = DAY.parse().unwrap();
    let whole = correct(&mapping, day, &described, &of).unwrap();
    assert_eq!(
        column(&whole, TableId::SalesOrderLines, "qty"),
        ["5.000", "6.000"]
    );
    assert_eq!(positions(&whole, TableId::SalesOrders), [(42, 1)]);
}

fn joined() -> Mapping {
    mapping(
        r#"
        [datasets.orders]
        number = 1
        format = { type = "csv" }
        [datasets.orders.feeds.sales_orders]
        document = "id"
        [datasets.orders.feeds.sales_orders.fields]
        external_id = "id"
        order_date = "day"
        location_external_id = "shop"
        currency = { lookup = { dataset = "shops", key = "code", equals = "shop", path = "money" } }
        lines = { dataset = "details", on = "order", fields = { product_external_id = "sku", qty = "n", unit_price = { value = 1 } } }
        [datasets.details]
        number = 2
        format = { type = "ndjson" }
        [datasets.shops]
        number = 3
        format = { type = "csv" }
        "#,
    )
}

const ORDERS: (&str, &str) = ("orders.csv", "id,day,shop\n1,2026-02-24,S\n2,soon,S\n");
const DETAILS: (&str, &str) = (
    "details.ndjson",
    "{\"order\": 1, \"sku\": \"A\", \"n\": 1}\n{\"order\": 2, \"sku\": \"A\", \"n\": 2}\n{\"order\": 9, \"sku\": \"B\", \"n\": 3}\n",
);
const SHOPS: (&str, &str) = ("shops.csv", "code,money\nS,BGN\n,EUR\n");

#[test]
fn a_record_and_its_lines_of_another_dataset_are_replaced_together() {
    let (mapping, objects) = (joined(), &[ORDERS, DETAILS, SHOPS]);
    let bad = "2,soon,S\n{\"order\": 2, \"sku\": \"A\", \"n\": 2}";
    let refused = delivered(&mapping, objects).output.rejects;
    assert!(
        refused.iter().any(|reject| reject.record == bad),
        "{refused:?}"
    );
    let good = "2,2026-02-23,S\n{\"order\": 2, \"sku\": \"A\", \"n\": 4}\n{\"order\": 2, \"sku\": \"B\", \"n\": 5}";
    let whole = corrected(&mapping, objects, &fix(objects, 1, bad, good)).unwrap();
    assert_eq!(problems(&whole), [""; 0]);
    assert_eq!(
        column(&whole, TableId::SalesOrders, "order_date"),
        ["2026-02-23"]
    );
    assert_eq!(
        column(&whole, TableId::SalesOrderLines, "qty"),
        ["4.000", "5.000"]
    );
    assert_eq!(whole.output.currencies.keys().collect::<Vec<_>>(), ["BGN"]);
    // Lines without their record get it by a correction, at the place of the first line.
    let objects = &[DETAILS, ORDERS, SHOPS];
    let bad = "{\"order\": 9, \"sku\": \"B\", \"n\": 3}";
    let good = format!("9,2026-02-24,S\n{bad}");
    let whole = corrected(&mapping, objects, &fix(objects, 2, bad, &good)).unwrap();
    assert_eq!(problems(&whole), [""; 0]);
    assert_eq!(column(&whole, TableId::SalesOrders, "external_id"), ["9"]);
    let position = column(&whole, TableId::SalesOrders, "raw_position");
    let position = RawPosition::from_bits(position[0].parse().unwrap());
    assert_eq!(
        (
            position.dataset(),
            position.place(false).ordinal,
            position.fix()
        ),
        (2, 2, 1)
    );
}

#[test]
fn what_values_are_only_looked_up_in_is_delivered_again() {
    let (mapping, objects) = (joined(), &[SHOPS, ORDERS, DETAILS]);
    let error = corrected(&mapping, objects, &fix(objects, 1, ",EUR", "T,EUR")).unwrap_err();
    let told = error.to_string();
    assert!(
        told.contains(
            "shops has no record there that makes rows: what is only looked up is delivered again"
        ),
        "{told}"
    );
}

#[test]
fn each_feed_compares_its_own_record() {
    let mapping = mapping(
        r#"
        [datasets.sales]
        number = 20
        format = { type = "csv" }
        [datasets.sales.feeds.products.fields]
        external_id = "sku"
        name = "sku"
        cost = "pieces"
        [datasets.sales.feeds.sales_orders]
        document = "doc"
        [datasets.sales.feeds.sales_orders.fields]
        external_id = "doc"
        order_date = "day"
        location_external_id = { value = "S1" }
        lines = { rows = true, fields = { product_external_id = "sku", qty = "pieces", unit_price = "price" } }
        "#,
    );
    let entities = |bad: &str, good: &str, ordinal: u64| {
        let whole = corrected(&mapping, SALES, &fix(SALES, ordinal, bad, good)).unwrap();
        let units = whole.output.units.iter().map(|unit| unit.table);
        units.collect::<Vec<_>>()
    };
    let good = "2,2026-02-24,A,3,1\n2,2026-02-24,B,2,1";
    assert_eq!(entities(BAD_SALE, good, 1), [TableId::SalesOrders]);
    let row = "2,2026-02-24,A,x,1";
    assert_eq!(entities(row, "2,2026-02-24,A,3,1", 1), [TableId::Products]);
}

#[test]
fn a_correction_of_something_else_is_refused_by_name() {
    let mapping = canonical();
    let of = fix(PRODUCTS, 1, "other", "{}");
    let told = |fix: &Fix| corrected(&mapping, PRODUCTS, fix).unwrap_err().to_string();
    assert!(told(&of).contains("record 1 of raw-data/CW-000200/2026-02-24/products.json"));
    let other = Sha256Hash::of(br#"{"external_id": "B", "name": "n", "cost": "x"}"#);
    let shas = format!(
        "the record there has the SHA-256 {other}, and the correction is of {}",
        of.sha256
    );
    assert!(told(&of).contains(&shas), "{}", told(&of));
    assert!(
        told(&Fix {
            ordinal: 9,
            ..of.clone()
        })
        .contains("products has no record there")
    );
    let elsewhere = Fix {
        object: "raw-data/x".to_owned(),
        ..of.clone()
    };
    assert!(told(&elsewhere).contains("the delivery has no such object"));
    for number in [0, 16] {
        assert!(
            told(&Fix {
                number,
                ..of.clone()
            })
            .contains("its number is not one of 1 to 15")
        );
    }
}

#[test]
fn what_tenants_share_is_corrected_too() {
    let mapping = shared();
    let name: ObjectName = "currency_rates.json".parse().unwrap();
    let text = r#"[{"from_currency": "EUR", "to_currency": "USD", "effective_date": "2026-02-24", "rate": -1}]"#;
    let bad = text.trim_matches(['[', ']']);
    let of = Fix {
        object: name.key("CW-GLOBAL".parse().unwrap(), DAY.parse().unwrap()),
        ..fix(
            &[("currency_rates.json", "")],
            0,
            bad,
            &bad.replace("-1", "1.1"),
        )
    };
    let objects = [(name, text.as_bytes())];
    let whole = correct(&mapping, DAY.parse().unwrap(), &objects, &of).unwrap();
    assert_eq!(problems(&whole), [""; 0]);
    assert_eq!(positions(&whole, TableId::CurrencyRates), [(0, 1)]);
}
