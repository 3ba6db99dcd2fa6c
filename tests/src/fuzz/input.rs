//! Deliveries of one object of fuzzed bytes, and what must hold of whatever they come to.

use std::collections::BTreeMap;

use catwing_domain::{
    BusinessDay, Drift, Entity, ObjectCounts, ObjectName, Output, RawPosition, Reject, Rows,
    TableId, Unit,
    manifest::{Completeness, RawObject, Sha256Hash, SourceFacts},
    tenant_file::TenantFile,
};
use catwing_transform::{Mapping, Transform};

/// The business day of every delivery.
const DAY: &str = "2026-02-24";
/// The head of a tenant's file.
const HEAD: &str = "client = \"CW-000200\"\nname = \"Corner shop\"\ntime_zone = \"Europe/Sofia\"\nbase_currency = \"EUR\"\n";

/// All that is compared of what a delivery came to.
#[derive(Debug, PartialEq)]
pub(super) struct Outcome {
    rows: BTreeMap<TableId, Vec<String>>,
    units: Vec<Unit>,
    pub(super) rejects: Vec<Reject>,
    counts: BTreeMap<(usize, Entity), ObjectCounts>,
    drift: Drift,
}

impl Outcome {
    /// Records that were taken.
    pub(super) fn taken(&self) -> usize {
        self.units.len()
    }
}

pub(super) fn day() -> BusinessDay {
    DAY.parse().expect("a day")
}

/// The mapping of a tenant with these datasets.
pub(super) fn mapping(datasets: &str) -> Mapping {
    let file = TenantFile::parse(&format!("{HEAD}{datasets}")).expect("a tenant's file");
    Mapping::compile(&file).expect("a mapping")
}

/// Reads bytes whole and in small pieces: the same must come of them, and every record and row must be
/// accounted for.
pub(super) fn delivered(mapping: &Mapping, name: &str, bytes: &[u8]) -> Outcome {
    let whole = read(mapping, name, bytes, usize::MAX);
    // Which sizes, follows from the bytes.
    for piece in [1 + bytes.len() % 7, 16 + bytes.len() % 41] {
        let pieces = read(mapping, name, bytes, piece);
        assert_eq!(whole, pieces, "in pieces of {piece}");
    }
    whole
}

fn read(mapping: &Mapping, name: &str, bytes: &[u8], piece: usize) -> Outcome {
    let name: ObjectName = name.parse().expect("an object's name");
    let mut transform = Transform::new(mapping, day(), vec![described(mapping, &name, bytes)]);
    let (mut output, mut stretches) = (Output::default(), 0);
    while let Some(stretch) = transform.next_stretch() {
        stretches += 1;
        assert!(stretches < 100, "a small object is read again and again");
        for index in &stretch.objects {
            transform.begin_object(&stretch, *index);
            for part in bytes.chunks(piece) {
                transform
                    .feed(part, false, &mut output)
                    .expect("bytes are told of in rejects");
            }
            transform
                .feed(&[], true, &mut output)
                .expect("bytes are told of in rejects");
        }
        while transform
            .assemble(&stretch, &mut output)
            .expect("documents are told of in rejects")
        {}
        transform.presence(&stretch).expect("positions fit");
    }
    let summary = transform
        .finish(&mut output)
        .expect("source rows are conserved");
    let outcome = Outcome {
        rows: output
            .rows
            .iter()
            .map(|(table, rows)| (*table, shown(rows)))
            .collect(),
        units: output.units,
        rejects: output.rejects,
        counts: summary.counts,
        drift: summary.drift,
    };
    outcome.conserved();
    outcome
}

impl Outcome {
    /// Records read = taken + refused, by entity; a refused record has a reason, and is refused once.
    fn conserved(&self) {
        for ((object, entity), counts) in &self.counts {
            let of = |reject: &&Reject| reject.object == *object && reject.entity == *entity;
            let rejects: Vec<_> = self.rejects.iter().filter(of).collect();
            let units = self
                .units
                .iter()
                .filter(|unit| unit.object == *object && unit.table == entity.table());
            assert_eq!(counts.records_quarantined, rejects.len() as u64);
            assert_eq!(counts.records_read, (units.count() + rejects.len()) as u64);
            let rows: u64 = rejects.iter().map(|reject| reject.source_rows).sum();
            assert_eq!(counts.rows_quarantined, rows);
        }
        let mut places: Vec<(RawPosition, Entity)> = Vec::new();
        for reject in &self.rejects {
            let first = reject.problems.first().expect("a reason");
            assert!(!first.message.is_empty());
            places.push((reject.position, reject.entity));
        }
        places.sort();
        places.dedup();
        assert_eq!(
            places.len(),
            self.rejects.len(),
            "a record is refused twice"
        );
    }
}

fn shown(rows: &Rows) -> Vec<String> {
    rows.iter()
        .map(|row| format!("{:?}", row.collect::<Vec<_>>()))
        .collect()
}

pub(super) fn described(mapping: &Mapping, name: &ObjectName, bytes: &[u8]) -> RawObject {
    RawObject {
        key: name.key("CW-000200".parse().expect("a tenant"), day()),
        dataset: name.dataset.clone(),
        revision: name.revision,
        page: name.page,
        size_bytes: bytes.len() as u64,
        sha256: Sha256Hash::of(bytes),
        version_id: None,
        record_count: None,
        completeness: mapping
            .completeness(&name.dataset)
            .unwrap_or(Completeness::Delta),
        source: SourceFacts::default(),
    }
}
