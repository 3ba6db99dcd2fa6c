//! Keys, versions, units, references and presence, as one delivery says them.

use catwing_domain::{RowKey, TableId, tenant_file::TenantFile};
use catwing_transform::{Mapping, Whole, transform};

use crate::fixture::{DAY, canonical, column, deliver, problems, sales_rows, tenant};

/// The end of the business day in Sofia.
const DAY_END: &str = "2026-02-24T21:59:59.999999Z";

fn document(fields: &str) -> String {
    format!(
        r#"{{"external_id": "1", "order_date": "2026-02-24", "location_external_id": "S1", {fields}}}"#
    )
}

fn documents(records: &[String]) -> Whole {
    let whole = deliver(
        &canonical(),
        "sales_orders.json",
        format!("[{}]", records.join(",")),
    );
    assert_eq!(problems(&whole), [""; 0]);
    whole
}

/// The ordinals of the raw records that rows of a table came from.
fn ordinals(whole: &Whole, table: TableId) -> Vec<u64> {
    let positions = column(whole, table, "raw_position");
    let ordinal = |bits: &String| {
        catwing_domain::RawPosition::from_bits(bits.parse().unwrap())
            .place(false)
            .ordinal
    };
    positions.iter().map(ordinal).collect()
}

#[test]
fn a_row_s_key_is_that_of_its_natural_key_and_salt() {
    let line =
        r#""lines": [{"line_no": 7, "product_external_id": "P", "qty": 1, "unit_price": 1}]"#;
    let salted = tenant("key_salt = \"2\"\n[datasets.sales_orders]\nnumber = 20");
    let salted = Mapping::compile(&TenantFile::parse(&salted).unwrap()).unwrap();
    for (mapping, salt) in [(canonical(), ""), (salted, "2")] {
        let whole = deliver(
            &mapping,
            "sales_orders.json",
            format!("[{}]", document(line)),
        );
        let parts: [(TableId, &[Option<&str>]); 4] = [
            (TableId::SalesOrders, &[Some("1")]),
            (TableId::SalesOrderLines, &[Some("1"), Some("7")]),
            (TableId::Products, &[Some("P")]),
            (TableId::SalesOrderTypes, &[Some("sale")]),
        ];
        for (table, parts) in parts {
            let key = RowKey::of(table, salt, parts).unwrap().bits().to_string();
            assert_eq!(column(&whole, table, "id"), [key], "{table:?} {salt:?}");
        }
        // Currencies belong to all tenants, so no tenant's salt is in their keys.
        let euro = RowKey::of_shared("currencies", &[Some("EUR")]).unwrap();
        assert_eq!(whole.output.currencies, [("EUR".to_owned(), euro)].into());
    }
}

#[test]
fn keys_that_are_equal_once_composed_are_one_document() {
    let bytes = "doc,day,sku,pieces,price\ncaf\u{e9},2026-02-24,X,1,1\ncafe\u{301},2026-02-24,Y,1,1\nCAF\u{c9},2026-02-24,Y,1,1\n";
    let whole = deliver(&sales_rows(r#"{ type = "csv" }"#, ""), "sales.csv", bytes);
    let keys = column(&whole, TableId::SalesOrders, "external_id");
    assert_eq!(keys, ["caf\u{e9}", "CAF\u{c9}"]);
    assert_eq!(
        column(&whole, TableId::SalesOrderLines, "line_no"),
        ["1", "2", "1"]
    );
}

#[test]
fn a_version_is_the_record_s_own_time_or_the_end_of_its_day() {
    let cases = [
        (r#""type": "sale""#, DAY_END, 0),
        (
            r#""updated_at": "2026-02-20T08:00:00+02:00""#,
            "2026-02-20T06:00:00Z",
            0,
        ),
        // A day after the day's end is believed, and a moment more is not.
        (
            r#""updated_at": "2026-02-25T21:59:59.999999Z""#,
            "2026-02-25T21:59:59.999999Z",
            0,
        ),
        (r#""updated_at": "2026-02-25T22:00:00Z""#, DAY_END, 1),
        // Nothing finer than the database keeps decides.
        (
            r#""updated_at": "2026-02-20T08:00:00.123456789Z""#,
            "2026-02-20T08:00:00.123456Z",
            0,
        ),
    ];
    for (field, version, cut) in cases {
        let whole = documents(&[document(field)]);
        let found = column(&whole, TableId::SalesOrders, "source_version");
        assert_eq!(found, [version], "{field}");
        let counts = whole.summary.counts.values().next().unwrap();
        assert_eq!(counts.versions_cut, cut, "{field}");
    }
}

#[test]
fn a_line_is_placed_where_it_stands_and_belongs_to_its_header_s_version() {
    let bytes =
        "doc,day,sku,pieces,price\na,2026-02-24,X,1,1\nb,2026-02-24,X,1,1\na,2026-02-24,X,1,1\n";
    let whole = deliver(&sales_rows(r#"{ type = "csv" }"#, ""), "sales.csv", bytes);
    assert_eq!(ordinals(&whole, TableId::SalesOrders), [0, 1]);
    // Identical lines are separate lines.
    assert_eq!(
        column(&whole, TableId::SalesOrderLines, "line_no"),
        ["1", "2", "1"]
    );
    assert_eq!(ordinals(&whole, TableId::SalesOrderLines), [0, 2, 1]);
    let units = &whole.output.part_units[&TableId::SalesOrderLines];
    let units: Vec<_> = units.iter().map(|unit| unit.place(false).ordinal).collect();
    assert_eq!(units, [0, 0, 1]);
    assert_eq!(whole.output.units.len(), 2);
}

#[test]
fn references_keep_the_earliest_and_embedded_records_the_newest() {
    let named = |name: &str| {
        format!(r#"[{{"product": {{"external_id": "P"{name}}}, "qty": 1, "unit_price": 1}}]"#)
    };
    let at = |hour: u8, more: &str, lines: &str| {
        document(&format!(
            r#""updated_at": "2026-02-20T{hour:02}:00:00Z", "customer": {{"external_id": "C"}}, {more} "lines": {lines}"#
        ))
        .replace(r#""external_id": "1""#, &format!(r#""external_id": "{hour}""#))
    };
    let product = |records: &[String]| {
        let whole = documents(records);
        let cell = |name: &str| column(&whole, TableId::Products, name).concat();
        let customer = column(&whole, TableId::Customers, "source_version").concat();
        (
            format!(
                "{} {} {}",
                cell("product_name"),
                cell("source_rank"),
                cell("source_version")
            ),
            customer,
        )
    };
    let (found, customer) = product(&[
        at(2, "", &named("")),
        at(1, "", &named("")),
        at(3, "", &named("")),
    ]);
    assert_eq!(found, "P 0 2026-02-20T01:00:00Z");
    assert_eq!(customer, "2026-02-20T01:00:00Z");
    let [old, new] = [r#", "name": " old ""#, r#", "name": "new""#].map(named);
    let (found, _) = product(&[at(3, "", &new), at(1, "", &old), at(4, "", &named(""))]);
    assert_eq!(found, "new 2 2026-02-20T03:00:00Z");
    // What returns, and documents that were cancelled, write there are notes.
    for note in [r#""type": "return","#, r#""status": "Cancelled","#] {
        let (found, _) = product(&[at(1, "", &old), at(5, note, &new)]);
        assert_eq!(found, "old 2 2026-02-20T01:00:00Z", "{note}");
    }
    let (found, _) = product(&[
        at(1, "", &named(r#", "kind": "service""#)),
        at(2, "", &named("")),
    ]);
    assert_eq!(found, "P 1 2026-02-20T01:00:00Z");
}

#[test]
fn a_snapshot_counts_refused_records_as_present_and_retires_nothing_if_a_key_was_unreadable() {
    let cases = [
        (
            r#"[{"external_id": "A", "name": "a"}, {"external_id": "B"}]"#,
            2,
            true,
        ),
        (
            r#"[{"external_id": "A", "name": "a"}, {"name": "b"}]"#,
            1,
            false,
        ),
        (r#"[{"external_id": "A", "name": "a"}, 7]"#, 1, false),
        (r#"[{"external_id": "A", "name": "a"}"#, 1, false),
        ("[]", 0, true),
    ];
    for (bytes, present, retires) in cases {
        let whole = deliver(&canonical(), "products.json", bytes);
        assert_eq!(whole.output.present.len(), present, "{bytes}");
        assert_eq!(whole.presence.len(), 1, "{bytes}");
        assert_eq!(whole.presence[0].retires, retires, "{bytes}");
    }
    // A delta says who is there, and never who is not.
    let whole = deliver(
        &canonical(),
        "locations.json",
        r#"[{"external_id": "L", "name": "l", "type": "store"}]"#,
    );
    assert_eq!(whole.output.present.len(), 1);
    assert!(!whole.presence[0].retires);
    // A document has no presence, and what it refers to is no key of a snapshot.
    let whole = documents(&[document(r#""lines": []"#)]);
    assert!(whole.output.present.is_empty() && whole.presence.is_empty());
}

#[test]
fn records_that_differ_only_in_how_they_are_written_are_equal() {
    let content = |record: &str| documents(&[record.to_owned()]).output.units[0].content;
    let one = document(r#""freight_value": 1.50, "status": "open", "currency": null"#);
    let same = r#"{"status" : " open", "location_external_id":"S1", "order_date":"2026-02-24",
        "unknown": 1, "freight_value":"1.5", "external_id":"1"}"#;
    assert_eq!(content(&one), content(same));
    for other in [
        r#""freight_value": 1.51, "status": "open""#,
        r#""freight_value": 1.50"#,
    ] {
        assert_ne!(content(&one), content(&document(other)), "{other}");
    }
}

#[test]
fn an_object_that_no_mapping_names_is_listed_and_left_alone() {
    let objects = [
        ("stock.json".parse().unwrap(), &b"[{\"a\": 1}]"[..]),
        ("customers.json".parse().unwrap(), &b"[]"[..]),
    ];
    let whole = transform(&canonical(), DAY.parse().unwrap(), &objects).unwrap();
    assert_eq!(whole.summary.unmapped, [0]);
    assert!(whole.output.rejects.is_empty() && whole.output.units.is_empty());
}
