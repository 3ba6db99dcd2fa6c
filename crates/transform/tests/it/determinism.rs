//! The same bytes give the same rows, however they are cut, held or ordered; whatever the bytes are,
//! nothing is lost and nothing panics.

use std::collections::BTreeMap;

use catwing_domain::{
    BusinessDay, DaySet, Drift, Entity, ObjectCounts, Output, PresenceScope, Reject, TableId, Unit,
};
use catwing_transform::{Mapping, Summary, Transform};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::{
    fixture::{DAY, canonical, described, mapping, sales_rows, shown},
    joins,
};

/// All that a delivery came to, comparable.
#[derive(Debug, PartialEq)]
struct Outcome {
    /// Each table's rows, with the document that a part belongs to.
    rows: BTreeMap<TableId, Vec<(Vec<String>, i64)>>,
    units: Vec<Unit>,
    present: Vec<(TableId, i64)>,
    currencies: Vec<String>,
    languages: Vec<String>,
    days: Vec<DaySet>,
    rejects: Vec<Reject>,
    presence: Vec<PresenceScope>,
    counts: BTreeMap<(usize, Entity), ObjectCounts>,
    drift: Drift,
}

impl Outcome {
    fn new(output: &Output, presence: Vec<PresenceScope>, summary: Summary) -> Self {
        let rows = output.rows.iter().map(|(table, rows)| {
            let units = output.part_units.get(table);
            let row = |(index, cells): (usize, _)| {
                let cells: Vec<String> = Iterator::map(cells, shown).collect();
                let unit = units.map_or(0, |units| units[index].bits());
                (cells, unit)
            };
            (*table, rows.iter().enumerate().map(row).collect::<Vec<_>>())
        });
        Self {
            rows: rows
                .filter(|(_, rows): &(_, Vec<_>)| !rows.is_empty())
                .collect(),
            units: output.units.clone(),
            present: output
                .present
                .iter()
                .map(|mark| (mark.table, mark.id.bits()))
                .collect(),
            currencies: output.currencies.keys().cloned().collect(),
            languages: output.languages.keys().cloned().collect(),
            days: output.inventory_sets.iter().cloned().collect(),
            rejects: output.rejects.clone(),
            presence,
            counts: summary.counts,
            drift: summary.drift,
        }
    }

    /// Without the order in which things were handed on.
    fn unordered(mut self) -> Self {
        self.rows.values_mut().for_each(|rows| rows.sort());
        self.units.sort_by_key(|unit| unit.version.raw_position);
        self.present.sort();
        self.rejects
            .sort_by_key(|reject| (reject.position, reject.entity));
        self.presence.sort_by_key(|scope| scope.table);
        self
    }

    /// Every record is a unit or a reject, and every source row is accounted for.
    fn conserved(&self) {
        for ((object, entity), counts) in &self.counts {
            let units = self.units.iter();
            let units = units.filter(|unit| unit.object == *object && unit.table == entity.table());
            let rejects = self.rejects.iter();
            let rejects: Vec<_> = rejects
                .filter(|reject| reject.object == *object && reject.entity == *entity)
                .collect();
            assert_eq!(counts.records_quarantined, rejects.len() as u64);
            assert_eq!(counts.records_read, (units.count() + rejects.len()) as u64);
            assert!(rejects.iter().all(|reject| !reject.problems.is_empty()));
        }
        let sum = |of: fn(&ObjectCounts) -> u64| self.counts.values().map(of).sum::<u64>();
        let quarantined: u64 = self.rejects.iter().map(|reject| reject.source_rows).sum();
        assert_eq!(sum(|counts| counts.rows_quarantined), quarantined);
        assert!(
            sum(|counts| counts.rows_quarantined + counts.rows_skipped)
                <= sum(|counts| counts.source_rows)
        );
        let mut places: Vec<_> = self
            .rejects
            .iter()
            .map(|reject| (reject.position, reject.entity))
            .collect();
        places.sort();
        places.dedup();
        assert_eq!(
            places.len(),
            self.rejects.len(),
            "one record is refused twice"
        );
    }
}

/// Transforms objects in pieces of these sizes, over and over, with so much memory for a partition.
fn run(
    mapping: &Mapping,
    objects: &[(&str, &[u8])],
    pieces: &[usize],
    partition_bytes: u64,
) -> Outcome {
    let day: BusinessDay = DAY.parse().unwrap();
    let mut transform = Transform::new(mapping, day, described(mapping, objects))
        .with_partition_bytes(partition_bytes);
    let (mut output, mut presence) = (Output::default(), Vec::new());
    while let Some(stretch) = transform.next_stretch() {
        for index in &stretch.objects {
            transform.begin_object(&stretch, *index);
            let mut rest = objects[*index].1;
            for size in pieces.iter().cycle() {
                let (piece, behind) = rest.split_at(rest.len().min(*size));
                rest = behind;
                transform.feed(piece, rest.is_empty(), &mut output).unwrap();
                if rest.is_empty() {
                    break;
                }
            }
        }
        while transform.assemble(&stretch, &mut output).unwrap() {}
        presence.extend(transform.presence(&stretch).unwrap());
    }
    let summary = transform.finish(&mut output).unwrap();
    let outcome = Outcome::new(&output, presence, summary);
    outcome.conserved();
    outcome
}

const WHOLE: &[usize] = &[usize::MAX];
const HUGE: u64 = 1 << 40;

/// Every way in which bytes are read, with the name of the object that goes with it.
fn ways() -> Vec<(&'static str, Mapping)> {
    let envelope = "[datasets.products]\nnumber = 1\ncompleteness = \"snapshot\"\nformat = { type = \"json\", records = \"data.items\" }";
    let lines = "[datasets.sales_orders]\nnumber = 20\nformat = { type = \"ndjson\" }";
    let rows_of_json = r#"
        [datasets.sales]
        number = 20
        format = { type = "ndjson" }
        [datasets.sales.feeds.customers]
        where = { path = "pieces", gt = 0 }
        fields = { external_id = "sku" }
        [datasets.sales.feeds.sales_orders]
        document = "doc"
        fields = { external_id = "doc", order_date = "day", location_external_id = { value = "S1" } }
    "#;
    vec![
        ("sales.csv", sales_rows(r#"{ type = "csv" }"#, "")),
        (
            "sales.csv",
            sales_rows(r#"{ type = "csv", delimiter = ";", quote = "'" }"#, ""),
        ),
        (
            "sales.csv",
            sales_rows(r#"{ type = "csv", encoding = "utf-16le" }"#, ""),
        ),
        (
            "sales.csv",
            sales_rows(r#"{ type = "csv", encoding = "gbk" }"#, ""),
        ),
        (
            "sales.csv",
            sales_rows(
                r#"{ type = "csv", columns = ["doc", "day", "sku", "pieces", "price"] }"#,
                "",
            ),
        ),
        ("products.json", canonical()),
        ("sales_orders.json", canonical()),
        ("suppliers.json", canonical()),
        ("inventory.json", canonical()),
        ("market_data.json", canonical()),
        ("products.json", mapping(envelope)),
        ("sales_orders.json", mapping(lines)),
        ("sales.json", mapping(rows_of_json)),
    ]
}

/// Pieces of what the formats are made of, so that chance finds the corners.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let parts: Vec<&[u8]> = vec![
        b"doc,day,sku,pieces,price\n", b"doc;day;sku;pieces;price\r\n", b"a,2026-02-24,X,1,2.50\n",
        b"b;2026-02-24;'Y';1;2.50\r", b"a,2026-02-24,X", b"\n", b"\r\n", b",", b"\"", b"'", b"\"\"",
        b"\xef\xbb\xbf", b"\xff", b"\0", b"\xc3\xa9", b"\xc3", b"e\xcc\x81", b"[", b"]", b"{", b"}",
        b":", b"{\"data\": {\"items\": [", b"\"external_id\": \"P\"", b"\"name\": 1e5", b"\\", b"\\ud800",
        b"[{\"external_id\": \"1\", \"order_date\": \"2026-02-24\", \"location_external_id\": \"S\", \"lines\": [",
        b"{\"product_external_id\": \"P\", \"qty\": 1, \"unit_price\": 2}", b"]}]",
        b"{\"doc\": \"a\", \"day\": \"2026-02-24\", \"sku\": \"X\", \"pieces\": 1}\n", b" ", b"-", b"null", b"1",
    ];
    let part = prop_oneof![
        6 => select(parts).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 0..6),
    ];
    vec(part, 0..40).prop_map(|parts| parts.concat())
}

/// One row of `doc,day,sku,pieces,price`, mostly good.
fn row() -> impl Strategy<Value = Vec<u8>> {
    let good = (
        select(vec!["a", "b", "c", "d", "\u{e9}", "e\u{301}"]),
        select(vec!["X", "Y", "x", "\"Q \"\"1\"\"\"", "\"two\nlines\""]),
        0..5u32,
        select(vec!["0", "2.50", "1e1", "99.9999"]),
    )
        .prop_map(|(doc, sku, pieces, price)| {
            format!("{doc},2026-02-24,{sku},{pieces},{price}").into_bytes()
        });
    let bad: Vec<&[u8]> = vec![
        b"a,2026-02-24,X,1",
        b"b,2026-02-30,X,1,1",
        b",2026-02-24,X,1,1",
        b"c,2026-02-24,X,-1,1",
        b"d,2026-02-24,\xff,1,1",
        b"\xff,2026-02-24,X,1,1",
        b"a,2026-02-24,X,1,1,1",
        b"b,2026-02-24,\"X,1,1",
        b"",
    ];
    prop_oneof![8 => good, 1 => select(bad).prop_map(<[u8]>::to_vec)]
}

/// A row of the joined shop's orders, mostly good.
fn header_row() -> impl Strategy<Value = String> {
    let good = (
        select(vec!["1", "2", "3", "4", "\u{e9}"]),
        select(vec!["", "w", "s", "none"]),
        select(vec!["open", "draft"]),
    )
        .prop_map(|(no, channel, state)| format!("{no},2026-02-24,{channel},{state}\n"));
    let bad = vec![
        ",2026-02-24,w,open\n",
        "1,2026-02-24\n",
        "2,24.02.2026,,open\n",
    ];
    prop_oneof![6 => good, 1 => select(bad).prop_map(str::to_owned)]
}

/// A row of its lines, likewise.
fn item_row() -> impl Strategy<Value = String> {
    let good = (
        select(vec!["1", "\"2\"", "3", "5", "\"e\u{301}\""]),
        select(vec!["A", "B"]),
        0..9u32,
    )
        .prop_map(|(no, sku, pieces)| {
            format!("{{\"order_no\": {no}, \"id\": 1, \"sku\": \"{sku}\", \"pieces\": {pieces}, \"price\": 1}}\n")
        });
    let bad = vec![
        "{\"sku\": \"A\"}\n",
        "nonsense\n",
        "{\"order_no\": 1}\n",
        "{\"order_no\": 2, \"order_no\": 2}\n",
    ];
    prop_oneof![6 => good, 1 => select(bad).prop_map(str::to_owned)]
}

fn file(rows: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = b"doc,day,sku,pieces,price\n".to_vec();
    for row in rows {
        bytes.extend_from_slice(row);
        bytes.push(b'\n');
    }
    bytes
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn any_bytes_in_any_pieces_come_to_the_same(bytes in noise(), pieces in vec(1..9usize, 1..6)) {
        for (name, mapping) in ways() {
            let objects = [(name, bytes.as_slice())];
            let whole = run(&mapping, &objects, WHOLE, HUGE);
            prop_assert_eq!(&whole, &run(&mapping, &objects, WHOLE, HUGE), "{} twice", name);
            prop_assert_eq!(&whole, &run(&mapping, &objects, &pieces, HUGE), "{} in pieces", name);
        }
    }

    #[test]
    fn any_partitions_come_to_the_same(
        first in vec(row(), 0..30),
        second in vec(row(), 0..30),
        pieces in vec(1..64usize, 1..4),
        partition_bytes in 1..400u64,
    ) {
        let mapping = sales_rows(r#"{ type = "csv" }"#, "");
        let (first, second) = (file(&first), file(&second));
        let objects = [("sales.p000002.csv", second.as_slice()), ("sales.p000001.csv", first.as_slice())];
        let whole = run(&mapping, &objects, WHOLE, HUGE).unordered();
        let parted = run(&mapping, &objects, &pieces, partition_bytes).unordered();
        prop_assert_eq!(whole, parted);
    }

    #[test]
    fn any_partitions_of_joined_rows_come_to_the_same(
        orders in vec(header_row(), 0..20),
        items in vec(item_row(), 0..30),
        channels in vec(select(vec!["w;Web", "s;Store", "w;Again", ";Nobody", "x;Y;Z"]), 0..4),
        pieces in vec(1..64usize, 1..4),
        partition_bytes in 1..400u64,
    ) {
        let mapping = joins::shop();
        let lines = |head: &str, rows: &[String]| format!("{head}{}", rows.concat());
        let orders = lines("no,day,channel,state\n", &orders);
        let items = lines("", &items);
        let channels = format!("code;title\n{}\n", channels.join("\n"));
        let objects = [
            ("items.ndjson", items.as_bytes()),
            ("channels.csv", channels.as_bytes()),
            ("orders.csv", orders.as_bytes()),
        ];
        let whole = run(&mapping, &objects, WHOLE, HUGE).unordered();
        let parted = run(&mapping, &objects, &pieces, partition_bytes).unordered();
        prop_assert_eq!(whole, parted);
    }

    #[test]
    fn the_order_of_records_decides_only_positions(
        documents in vec(vec((select(vec!["X", "Y", "Z"]), 1..9u32), 1..5), 1..8),
        seed in any::<u64>(),
    ) {
        let rows = |document: usize| documents[document].iter().map(move |(sku, pieces)| {
            format!("d{document},2026-02-24,{sku},{pieces},1.25").into_bytes()
        });
        let in_order: Vec<_> = (0..documents.len()).flat_map(rows).collect();
        // Rows of a document keep their order; which document's row comes next is shuffled.
        let mut waiting: Vec<Vec<_>> = (0..documents.len()).map(|d| rows(d).rev().collect()).collect();
        let (mut shuffled, mut state) = (Vec::new(), seed);
        while !waiting.is_empty() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let chosen = (state >> 33) as usize % waiting.len();
            shuffled.extend(waiting[chosen].pop());
            waiting.retain(|rows| !rows.is_empty());
        }
        let mapping = sales_rows(r#"{ type = "csv" }"#, "");
        let content = |rows: &[Vec<u8>]| {
            let bytes = file(rows);
            let outcome = run(&mapping, &[("sales.csv", bytes.as_slice())], WHOLE, HUGE);
            let mut units: Vec<_> = outcome.units.iter().map(|unit| (unit.id, unit.content)).collect();
            units.sort();
            let mut rows = Vec::new();
            for (table, found) in outcome.rows {
                let position = table.table().position("raw_position").unwrap();
                rows.extend(found.into_iter().map(|(mut cells, _)| {
                    cells.remove(position);
                    (table, cells)
                }));
            }
            rows.sort();
            (units, rows)
        };
        prop_assert_eq!(content(&in_order), content(&shuffled));
    }
}

#[test]
fn endless_records_come_to_the_same_in_any_pieces() {
    let long = "x".repeat(catwing_transform::RECORD_BYTES_MAX + 100);
    let good = r#"{"external_id": "1", "order_date": "2026-02-24", "location_external_id": "S"}"#;
    let files = [
        (
            "sales.csv",
            format!("doc,day,sku,pieces,price\na,2026-02-24,{long},1,1\nb,2026-02-24,X,1,1\n"),
        ),
        (
            "sales.csv",
            format!("doc,day,sku,pieces,price\na,2026-02-24,\"{long},1,1\nb,2026-02-24,X,1,1\n"),
        ),
        (
            "sales_orders.json",
            format!("[{good}, {{\"external_id\": \"{long}\"}}, {good}]"),
        ),
        ("sales_orders.json", format!("[{good}, \"{long}")),
    ];
    let ways = ways();
    for (name, bytes) in files {
        let (_, mapping) = ways.iter().find(|(other, _)| *other == name).unwrap();
        let objects = [(name, bytes.as_bytes())];
        let whole = run(mapping, &objects, WHOLE, HUGE);
        let pieces = run(mapping, &objects, &[1_000_003, 7], HUGE);
        assert_eq!(whole, pieces, "{name}");
    }
}
