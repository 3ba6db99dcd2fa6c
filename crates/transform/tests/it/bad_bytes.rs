//! Every kind of bad bytes, each with its whole problem and its place.

use catwing_domain::TableId;
use catwing_transform::{Mapping, RECORD_BYTES_MAX, Whole};

use crate::fixture::{canonical, column, deliver, drifted, mapping, problems, sales_rows};

const HEADER: &str = "doc,day,sku,pieces,price\n";

fn csv() -> Mapping {
    sales_rows(r#"{ type = "csv" }"#, "")
}

/// Document, ordinal and source rows of every reject.
fn places(whole: &Whole) -> Vec<(Option<&str>, u64, u64)> {
    let place = |reject: &'_ catwing_domain::Reject| (reject.ordinal, reject.source_rows);
    whole
        .output
        .rejects
        .iter()
        .map(|reject| {
            let (ordinal, rows) = place(reject);
            (reject.record_key.as_deref(), ordinal, rows)
        })
        .collect()
}

fn documents(whole: &Whole) -> Vec<String> {
    column(whole, TableId::SalesOrders, "external_id")
}

/// A good document before and one behind, and between them a row: its one problem.
fn bad_row(row: impl AsRef<[u8]>) -> String {
    let mut bytes = format!("{HEADER}a,2026-02-24,X,1,2.50\n").into_bytes();
    bytes.extend_from_slice(row.as_ref());
    bytes.extend_from_slice(b"\nz,2026-02-24,X,1,2.50\n");
    let whole = deliver(&csv(), "sales.csv", &bytes);
    assert_eq!(documents(&whole), ["a", "z"], "{:?}", problems(&whole));
    let reject = &whole.output.rejects[0];
    assert_eq!(reject.ordinal, 1);
    assert_eq!(reject.position.place(false).ordinal, 1);
    assert_eq!(reject.object, 0);
    let told = problems(&whole);
    assert_eq!(told.len(), 1, "{told:?}");
    told[0].clone()
}

#[test]
fn rows_of_delimited_text() {
    let long = "x".repeat(257);
    let composed = "e\u{301}".repeat(129);
    let cases: Vec<(Vec<u8>, String)> = vec![
        (
            "b,2026-02-24,X,1".into(),
            "format - - the row has 4 fields where the header has 5".into(),
        ),
        (
            "b,2026-02-24,X,1,2,3".into(),
            "format - - the row has 6 fields where the header has 5".into(),
        ),
        (
            "b,2026-02-24,X,one,2".into(),
            r#"type lines[0].qty "one" is not a number: declare how it is written, number = { decimal = "," }"#.into(),
        ),
        (
            "b,2026-02-24,X,1,\"2,50\"".into(),
            r#"type lines[0].unit_price "2,50" is not a number: declare how it is written, number = { decimal = "," }"#.into(),
        ),
        (
            "b,2026-02-24,X,0.0001,1".into(),
            r#"range lines[0].qty "0.0001" does not fit a quantity: at most three decimals and 12 digits before them; where rounding is meant, say round = 3"#.into(),
        ),
        (
            "b,2026-02-24,X,1,0.00001".into(),
            r#"range lines[0].unit_price "0.00001" does not fit money: at most four decimals and 14 digits before them; where rounding is meant, say round = 4"#.into(),
        ),
        (
            "b,24.02.2026,X,1,2".into(),
            r#"type order_date "24.02.2026" is not a date YYYY-MM-DD: declare its form, date = "%d.%m.%Y""#.into(),
        ),
        (
            "b,2026-02-30,X,1,2".into(),
            r#"type order_date "2026-02-30" is not a date YYYY-MM-DD: declare its form, date = "%d.%m.%Y""#.into(),
        ),
        (
            "b,0010-02-24,X,1,2".into(),
            r#"range order_date "0010-02-24" is not a date between the years 1900 and 2199"#.into(),
        ),
        (
            "b,,X,1,2".into(),
            "missing order_date - is required and absent, null or empty".into(),
        ),
        (
            "b,2026-02-24,,1,2".into(),
            "missing lines[0].product_external_id - is required, or product with its external_id".into(),
        ),
        (
            format!("b,2026-02-24,{long},1,2").into(),
            format!(
                "limit lines[0].product_external_id {:?} is longer than the 256 bytes that a key may have",
                format!("{}\u{2026}", "x".repeat(200))
            ),
        ),
        // Two bytes each once they are composed, three before.
        (
            format!("b,2026-02-24,{composed},1,2").into(),
            format!(
                "limit lines[0].product_external_id {:?} is longer than the 256 bytes that a key may have",
                "\u{e9}".repeat(129)
            ),
        ),
        (
            "b,2026-02-24,X\0Y,1,2".into(),
            r#"type lines[0].product_external_id "X␀Y" holds a NUL character, which no text may"#.into(),
        ),
        (
            b"b,2026-02-24,caf\xe9,1,2".to_vec(),
            "format - - not UTF-8 at byte 16 of the record: declare its encoding".into(),
        ),
        (
            "b,2026-02-24,caf\u{fffd},1,2".into(),
            "format - - holds bytes that its encoding does not have, or the replacement character".into(),
        ),
        (
            ",2026-02-24,X,1,2".into(),
            "missing document - the row does not say which document it belongs to".into(),
        ),
        (
            "b,2026-02-24,X,-1,2".into(),
            r#"range lines[0].qty "-1" is negative in a sale: map returns to type "return", or to updates of the line"#.into(),
        ),
        (
            "b,2026-02-24,X,999999999999,99999999999999".into(),
            r#"range lines[0].line_value "99999999999899000000000001.00" does not fit money: at most four decimals and 14 digits before them"#.into(),
        ),
    ];
    for (row, expected) in cases {
        let shown = String::from_utf8_lossy(&row).into_owned();
        assert_eq!(bad_row(row), expected, "{shown}");
    }
}

#[test]
fn a_key_of_256_bytes_in_its_normal_form_is_taken() {
    let row = format!("a,2026-02-24,{},1,2", "e\u{301}".repeat(128));
    let whole = deliver(&csv(), "sales.csv", format!("{HEADER}{row}\n"));
    assert_eq!(problems(&whole), [""; 0]);
    let product = column(&whole, TableId::Products, "external_id");
    assert_eq!(product, ["\u{e9}".repeat(128)]);
}

#[test]
fn a_documents_key_leaves_room_for_its_lines() {
    for (length, taken) in [(236, true), (237, false)] {
        let key = "k".repeat(length);
        let bytes = format!("{HEADER}{key},2026-02-24,X,1,2\n");
        let whole = deliver(&csv(), "sales.csv", bytes);
        assert_eq!(documents(&whole).len(), usize::from(taken));
        if !taken {
            let shown = format!("{}\u{2026}", "k".repeat(200));
            let expected = format!(
                "limit external_id {shown:?} is longer than the 236 bytes that a document's key may have beside its line numbers"
            );
            assert_eq!(problems(&whole), [expected]);
        }
    }
}

#[test]
fn a_missing_column_is_named_with_those_that_are_there() {
    let whole = deliver(
        &csv(),
        "sales.csv",
        "doc,day,sku,quantity,price\na,2026-02-24,X,1,2\n",
    );
    let expected = r#"missing lines[0].qty - is required, and the file has no column "pieces": it has "doc", "day", "sku", "quantity", "price""#;
    assert_eq!(problems(&whole), [expected]);
    let meant = HEADER.replace("pieces", " PIECE");
    let whole = deliver(&csv(), "sales.csv", format!("{meant}a,2026-02-24,X,1,2\n"));
    let expected = r#"missing lines[0].qty - is required, and the file has no column "pieces" (did you mean "PIECE"?): it has "doc", "day", "sku", "PIECE", "price""#;
    assert_eq!(problems(&whole), [expected]);
    let whole = deliver(
        &csv(),
        "sales.csv",
        "doc,day,sku,quantity,price\na,2026-02-24,X,1,2\n",
    );
    assert_eq!(places(&whole), [(Some("a"), 0, 1)]);
    let drift = ["missing pieces 0:0 1", "unknown quantity 0:0 1"];
    assert_eq!(
        drifted(&whole),
        drift.map(|told| format!("sales_orders {told}"))
    );

    let whole = deliver(&csv(), "sales.csv", "number,day\na,2026-02-24\n");
    let expected = r#"missing document - is required, and the file has no column "doc": it has "number", "day""#;
    assert_eq!(problems(&whole), [expected]);

    let names: Vec<_> = (0..30).map(|n| format!("c{n}")).collect();
    let bytes = format!("{}\n{}\n", names.join(","), ["1"; 30].join(","));
    let whole = deliver(&csv(), "sales.csv", bytes);
    let columns: Vec<_> = (0..20).map(|n| format!("\"c{n}\"")).collect();
    let expected = format!(
        r#"format - - the header row has no column "doc": it has {}, and 10 more; none of the mapping's columns is there: check delimiter, encoding and header"#,
        columns.join(", ")
    );
    assert_eq!(problems(&whole), [expected]);
}

#[test]
fn headers() {
    let cases = [
        (
            "doc,day,sku,price,pieces,price\na,2026-02-24,X,1,2,3\n",
            vec!["format - - the header row has the column \"price\" twice"],
        ),
        // What the mapping does not use may be there twice.
        (
            "doc,day,note,sku,pieces,price,note\na,2026-02-24,,X,1,2,\n",
            vec![],
        ),
        (
            "doc;day;sku\n",
            vec![
                r#"format - - the header row has no column "doc": it has "doc;day;sku"; none of the mapping's columns is there: check delimiter, encoding and header"#,
            ],
        ),
        (
            "",
            vec!["format - - the file is empty: not even a header row is there"],
        ),
        (
            "\u{feff}",
            vec!["format - - the file is empty: not even a header row is there"],
        ),
        (HEADER, vec![]),
    ];
    for (bytes, expected) in cases {
        let whole = deliver(&csv(), "sales.csv", bytes);
        assert_eq!(problems(&whole), expected, "{bytes:?}");
    }
    let wide = vec!["c"; 5_000].join(",");
    let whole = deliver(&csv(), "sales.csv", format!("{wide}\nx\n"));
    let expected = "format - - the header row has more than 4096 columns";
    assert_eq!(problems(&whole), [expected]);
    let whole = deliver(&csv(), "sales.csv", b"doc,\xff\na,b\n");
    let expected =
        "format - - the header row is not UTF-8 at byte 4 of the record: declare its encoding";
    assert_eq!(problems(&whole), [expected]);
}

#[test]
fn line_ends_quotes_and_marks_that_are_no_mistakes() {
    for bytes in [
        "doc,day,sku,pieces,price\na,2026-02-24,X,1,2.50",
        "\u{feff}doc,day,sku,pieces,price\na,2026-02-24,X,1,2.50\n",
        "doc,day,sku,pieces,price\r\na,2026-02-24,X,1,2.50\r\n\r\n",
        "doc,day,sku,pieces,price\ra,2026-02-24,X,1,2.50\r",
        "\"doc\",\"day\",sku,pieces,price\n\"a\",2026-02-24,\"X\",\"1\",2.50\n",
    ] {
        let whole = deliver(&csv(), "sales.csv", bytes);
        assert_eq!(problems(&whole), [""; 0], "{bytes:?}");
        assert_eq!(documents(&whole), ["a"], "{bytes:?}");
        assert_eq!(
            column(&whole, TableId::SalesOrders, "total_value"),
            ["2.5000"]
        );
    }
    let quoted = format!("{HEADER}\"a\nb\",2026-02-24,\"X \"\"1\"\"\",1,2\n");
    let whole = deliver(&csv(), "sales.csv", quoted);
    assert_eq!(documents(&whole), ["a\nb"]);
    let products = column(&whole, TableId::Products, "external_id");
    assert_eq!(products, ["X \"1\""]);
}

#[test]
fn a_quote_that_is_never_closed_takes_its_own_line_only() {
    let bytes = format!(
        "{HEADER}a,2026-02-24,X,1,2\nb,2026-02-24,\"X,1,2\nb,2026-02-24,Y,1,2\nc,2026-02-24,Z,1,2\n"
    );
    let whole = deliver(&csv(), "sales.csv", bytes);
    assert_eq!(documents(&whole), ["a", "c"]);
    // The document's good line goes with it.
    assert_eq!(places(&whole), [(Some("b"), 1, 2)]);
    assert_eq!(
        problems(&whole)[0],
        "format - - a quote is opened and never closed"
    );
    let record = "b,2026-02-24,\"X,1,2\nb,2026-02-24,Y,1,2";
    assert_eq!(whole.output.rejects[0].record, record);
}

#[test]
fn a_wrong_encoding_is_told_where_it_shows() {
    let bytes = format!("{HEADER}a,2026-02-24,X,1,2\n");
    let utf16 = sales_rows(r#"{ type = "csv", encoding = "utf-16le" }"#, "");
    let whole = deliver(&utf16, "sales.csv", &bytes);
    // Two bytes that were meant for one each: one long header row and nothing else.
    assert_eq!(documents(&whole), [""; 0]);
    let told = problems(&whole);
    assert_eq!(told.len(), 1);
    assert!(
        told[0].starts_with("format - - the header row has no column \"doc\": it has "),
        "{told:?}"
    );
    assert!(
        told[0].ends_with(
            "; none of the mapping's columns is there: check delimiter, encoding and header"
        ),
        "{told:?}"
    );
    let greek = sales_rows(r#"{ type = "csv", encoding = "windows-1253" }"#, "");
    let whole = deliver(
        &greek,
        "sales.csv",
        b"doc,day,sku,pieces,price\na,2026-02-24,\xaa,1,2\n",
    );
    let expected =
        "format - - holds bytes that its encoding does not have, or the replacement character";
    assert_eq!(problems(&whole), [expected]);
}

#[test]
fn an_endless_record_is_one_reject_and_the_reader_goes_on() {
    let long = "x".repeat(RECORD_BYTES_MAX);
    let expected = "format - - longer than the 16777216 bytes that a record may have";
    let bytes = format!("{HEADER}b,2026-02-24,{long},1,2\nz,2026-02-24,X,1,2\n");
    let whole = deliver(&csv(), "sales.csv", bytes);
    assert_eq!(documents(&whole), ["z"]);
    assert_eq!(problems(&whole)[0], expected);
    assert_eq!(whole.output.rejects[0].record.chars().count(), 4_001);
    let counts = whole.summary.counts.values().next().unwrap();
    assert_eq!((counts.source_rows, counts.rows_quarantined), (2, 1));

    let bytes =
        format!("[{{\"external_id\": \"{long}\"}}, {{\"external_id\": \"P\", \"name\": \"p\"}}]");
    let whole = deliver(&canonical(), "products.json", bytes);
    assert_eq!(problems(&whole), [expected]);
    assert_eq!(column(&whole, TableId::Products, "external_id"), ["P"]);
    assert!(!whole.presence[0].retires);
}

#[test]
fn broken_json_documents() {
    let good = r#"{"external_id": "P", "name": "p"}"#;
    let cases = [
        (
            String::new(),
            0,
            "the document ends in the middle: it was cut off, deliver it whole",
        ),
        (
            format!("[{good}, {{\"external"),
            1,
            "the document ends in the middle: it was cut off, deliver it whole",
        ),
        (
            format!("[{good},"),
            1,
            "the document ends in the middle: it was cut off, deliver it whole",
        ),
        (
            format!("[{good}] [{good}]"),
            1,
            "something follows the document: a file holds one",
        ),
        (
            format!("[{good} {good}]"),
            1,
            "expected `,` or `]` after a record",
        ),
        (format!("[{good},]"), 1, "expected a record, found `]`"),
        (
            good.to_owned(),
            0,
            "expected an array of records, `[`, found an object: where the array lies at one of its keys, declare it, records = \"key\"",
        ),
        (
            format!("[7, {good}]"),
            1,
            "not an object with fields: it is a number",
        ),
        (
            format!("[[], {good}]"),
            1,
            "not an object with fields: it is a list",
        ),
        (
            format!("[{{\"external_id\": \"P\", \"name\": \"a\", \"name\": \"b\"}}, {good}]"),
            1,
            "the key \"name\" is there twice",
        ),
        (
            format!("[{{\"external_id\": \"P\", \"name\": NaN}}, {good}]"),
            1,
            r#"not JSON: expected value at byte 29 of the record, "NaN}"; JSON has no such number: deliver null"#,
        ),
        (
            format!("[{{\"external_id\": \"P\", \"name\": \"\\ud800\"}}, {good}]"),
            1,
            r#"not JSON: unexpected end of hex escape at byte 36 of the record, "\"}"; one half of a character stands alone: deliver both, or none"#,
        ),
        (
            format!(
                "[{{\"a\": {}{}}}, {good}]",
                "[".repeat(100),
                "]".repeat(100)
            ),
            1,
            "nested deeper than 64 levels",
        ),
        (
            format!("[{{\"external_id\": \"P\" \"name\": \"a\"}}, {good}]"),
            1,
            r#"not JSON: expected `,` or `}` at byte 20 of the record, "\"name\": \"a\"}""#,
        ),
    ];
    for (bytes, taken, message) in cases {
        let whole = deliver(&canonical(), "products.json", &bytes);
        assert_eq!(
            problems(&whole),
            [format!("format - - {message}")],
            "{bytes}"
        );
        let products = column(&whole, TableId::Products, "external_id");
        assert_eq!(products.len(), taken, "{bytes}");
        assert!(!whole.presence[0].retires, "{bytes}");
    }
    let whole = deliver(
        &canonical(),
        "products.json",
        b"[{\"external_id\": \"\xff\"}]",
    );
    let expected = "format - - not UTF-8 at byte 17 of the record: JSON comes in UTF-8";
    assert_eq!(problems(&whole), [expected]);
}

#[test]
fn envelopes() {
    let envelope = mapping(
        "[datasets.products]\nnumber = 1\nformat = { type = \"json\", records = \"data.items\" }",
    );
    let cases = [
        (
            r#"{"data": {"rows": []}}"#,
            r#"the key "items", which leads to the records, is absent"#,
        ),
        (
            r#"{}"#,
            r#"the key "data", which leads to the records, is absent"#,
        ),
        (r#"[]"#, r#"expected an object with the key "data""#),
        (
            r#"{"data": {"items": {}}}"#,
            r#"expected an array of records, `[`, found an object: where the array lies at one of its keys, declare it, records = "key""#,
        ),
        (
            r#"{"data": {"items": []}"#,
            "the document ends in the middle: it was cut off, deliver it whole",
        ),
        (
            r#"{"data": {"items": []}} {"data": {"items": []}}"#,
            "something follows the document: a file holds one",
        ),
        (
            r#"{"data": {"items": [], "items": []}}"#,
            r#"the key "items" is there twice"#,
        ),
        (r#"{"data" 1}"#, "expected `:`"),
        (r#"{data: 1}"#, "expected a key"),
        (r#"{"meta": 1 "data": 2}"#, "expected `,` or `}`"),
    ];
    for (bytes, message) in cases {
        let whole = deliver(&envelope, "products.json", bytes);
        assert_eq!(
            problems(&whole),
            [format!("format - - {message}")],
            "{bytes}"
        );
        assert_eq!(places(&whole), [(None, 0, 1)], "{bytes}");
    }
    let large = format!(
        r#"{{"meta": "{}", "data": {{"items": [{{"external_id": "P", "name": "p"}}]}}}}"#,
        "x".repeat(RECORD_BYTES_MAX + 1)
    );
    let whole = deliver(&envelope, "products.json", large);
    assert_eq!(problems(&whole), [""; 0]);
    assert_eq!(column(&whole, TableId::Products, "external_id"), ["P"]);
}
