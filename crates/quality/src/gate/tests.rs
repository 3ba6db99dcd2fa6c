//! Each check at its threshold: the last value that passes, and the first that fails.

mod contract;

use std::collections::BTreeMap;

use catwing_domain::{
    BusinessDay, Cell, Drift, Entity, ObjectCounts, Output, PresenceMark, Problem, Quantity,
    RawPosition, Reject, Revision, Rows, Rule, TableId, Unit, Version,
    manifest::{Completeness, EntryNumber, RawObject, Sha256Hash, SourceFacts},
    tenant_file::{Contract, QualityFile},
};
use jiff::Timestamp;

use super::{Delivered, Finding, judge};
use crate::{
    baseline::{Baseline, Measured, Past},
    check::{Severity, in_force},
    profile::Profile,
    store::Decision,
};

const DATASET: u64 = 5;

/// A delivery of one dataset in one object.
struct Case {
    entity: Entity,
    object: RawObject,
    counts: ObjectCounts,
    output: Output,
    baseline: Baseline,
    drift: Drift,
    is_frozen: bool,
}

fn day() -> BusinessDay {
    "2026-02-01".parse().unwrap()
}

fn back(days: u16) -> BusinessDay {
    BusinessDay::from_number(day().number() - days)
}

fn position(ordinal: u64) -> RawPosition {
    let place = catwing_domain::Place {
        page: None,
        ordinal,
    };
    let dataset = DATASET.try_into().unwrap();
    RawPosition::new(day(), Revision::FIRST, dataset, place).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

impl Case {
    fn of(entity: Entity, records: u64) -> Self {
        let name = entity.name();
        let object = RawObject {
            key: format!("raw-data/CW-000200/2026-02-01/{name}.json"),
            dataset: name.parse().unwrap(),
            revision: Revision::FIRST,
            page: None,
            size_bytes: 1,
            sha256: Sha256Hash::of(b""),
            version_id: None,
            record_count: None,
            completeness: Completeness::Delta,
            source: SourceFacts::default(),
        };
        let counts = ObjectCounts {
            source_rows: records,
            records_read: records,
            ..ObjectCounts::default()
        };
        Self {
            entity,
            object,
            counts,
            output: Output::default(),
            baseline: Baseline::default(),
            drift: Drift::new(),
            is_frozen: false,
        }
    }

    fn contracts(&self) -> BTreeMap<String, Contract> {
        let contract = match self.is_frozen {
            true => Contract::Freeze,
            false => Contract::Evolve,
        };
        [(self.entity.name().to_owned(), contract)].into()
    }

    /// The same with so many deliveries before, of so many records each.
    fn after(mut self, days: u16, records: f64) -> Self {
        let past = (1..=days).map(|days| Past {
            day: back(days),
            records,
        });
        let key = (self.entity.name().to_owned(), self.entity);
        self.baseline.volumes.insert(key, past.collect());
        self
    }

    /// The same with a number that was measured of so many days before, each a step apart.
    fn measured(mut self, check: &str, measure: &str, days: u16, step: u16, value: f64) -> Self {
        let measured = (1..=days).map(|days| Measured {
            day: back(days * step),
            value,
        });
        let key = (
            format!("{}.{check}", self.entity.name()),
            measure.to_owned(),
        );
        self.baseline.measures.insert(key, measured.collect());
        self
    }

    /// Adds a record of its own under a number.
    fn unit(&mut self, number: u64, ordinal: u64, updated_at: &str) {
        let table = self.entity.table();
        self.output.units.push(Unit {
            table,
            id: catwing_domain::RowKey::of(table, "", &[Some(&number.to_string())]).unwrap(),
            version: Version {
                source_version: at(updated_at),
                raw_position: position(ordinal),
            },
            content: 0,
            object: 0,
        });
    }

    /// Adds a row of a table: these cells by their columns, and null elsewhere.
    fn row(&mut self, table: TableId, ordinal: u64, cells: &[(&str, Cell<'_>)]) {
        let rows = self
            .output
            .rows
            .entry(table)
            .or_insert_with(|| Rows::new(table));
        let mut writer = rows.row();
        for column in table.table().columns {
            let told = cells.iter().find(|(name, _)| *name == column.name);
            let cell = match column.name {
                "raw_position" => Cell::Key(position(ordinal).bits()),
                "id" => Cell::Key(i64::try_from(ordinal).unwrap()),
                _ => told.map_or(Cell::Null, |(_, cell)| *cell),
            };
            writer = writer.cell(cell);
        }
    }

    fn findings(&self) -> Vec<Finding> {
        let mut profile = Profile::new(day());
        profile.look(&self.output);
        let delivered = Delivered {
            entry: EntryNumber(7),
            day: day(),
            objects: std::slice::from_ref(&self.object),
            counts: &BTreeMap::from([((0, self.entity), self.counts)]),
            drift: &self.drift,
            profile: &profile,
        };
        judge(
            &in_force(&QualityFile::default(), &self.contracts()),
            &delivered,
            &self.baseline,
        )
    }

    fn finding(&self, check: &str) -> Option<Finding> {
        let name = format!("{}.{check}", self.entity.name());
        self.findings().into_iter().find(|one| one.check == name)
    }

    fn passes(&self, check: &str) -> bool {
        self.finding(check).expect("the check is made").is_passed
    }
}

#[test]
fn volume_is_compared_with_the_median_of_seven_deliveries_or_more() {
    let volume = |records, days, before| Case::of(Entity::Products, records).after(days, before);
    assert!(volume(20, 7, 100.0).passes("volume"));
    let few = volume(19, 7, 100.0).finding("volume").unwrap();
    assert!(!few.is_passed && !few.is_critical());
    assert_eq!((few.observed, few.expected), (Some(19.0), Some(100.0)));
    assert!(volume(500, 7, 100.0).passes("volume"));
    assert!(!volume(501, 7, 100.0).passes("volume"));
    assert_eq!(volume(19, 6, 100.0).finding("volume"), None);
    assert_eq!(volume(1, 7, 19.0).finding("volume"), None, "too few to say");
}

#[test]
fn half_of_the_records_may_be_refused_and_a_twentieth_is_told() {
    let refused = |records, refused| {
        let mut case = Case::of(Entity::Products, records);
        case.counts.records_quarantined = refused;
        case
    };
    assert!(refused(100, 50).passes("refused"));
    assert!(refused(100, 51).finding("refused").unwrap().is_critical());
    assert!(refused(100, 5).passes("refused_some"));
    assert!(!refused(100, 6).passes("refused_some"));
    assert_eq!(refused(19, 19).finding("refused"), None);
}

#[test]
fn a_refused_record_is_shown_with_its_place() {
    let mut case = Case::of(Entity::Products, 20);
    case.counts.records_quarantined = 11;
    let problem = Problem {
        rule: Rule::Missing,
        field: Some("name".to_owned()),
        value: None,
        message: "the name is missing".to_owned(),
    };
    case.output.rejects.push(Reject {
        position: position(3),
        object: 0,
        ordinal: 3,
        entity: Entity::Products,
        record_key: Some("P3".to_owned()),
        source_rows: 1,
        problems: vec![problem],
        record: "{}".to_owned(),
    });
    let finding = case.finding("refused").unwrap();
    let sample = finding.samples.first().unwrap();
    assert_eq!((&sample.object, sample.ordinal), (&case.object.key, 3));
    assert_eq!(sample.key.as_deref(), Some("P3"));
    assert_eq!(sample.message.as_deref(), Some("the name is missing"));
    assert_eq!(Decision::of(&case.findings()), Decision::Halted);
}

#[test]
fn a_column_that_used_to_be_filled_is_missed() {
    let empty = |empty: u64, days| {
        let mut case = Case::of(Entity::Products, 100);
        for ordinal in 0..100 {
            let brand = if ordinal < empty {
                Cell::Null
            } else {
                Cell::Key(9)
            };
            let cells = [("source_rank", Cell::Small(3)), ("brand_id", brand)];
            case.row(TableId::Products, ordinal, &cells);
        }
        case.measured("nulls", "products.brand_id", days, 1, 0.1)
    };
    assert!(empty(40, 7).passes("nulls"));
    let emptier = empty(41, 7).finding("nulls").unwrap();
    assert!(!emptier.is_passed);
    assert_eq!(
        (emptier.observed, emptier.expected),
        (Some(0.41), Some(0.1))
    );
    let unjudged = empty(41, 6).finding("nulls").unwrap();
    assert!(unjudged.is_passed && unjudged.observed.is_none());
    assert_eq!(unjudged.measures["products.brand_id"], 0.41);
}

#[test]
fn keys_that_come_twice_are_counted() {
    let repeated = |times: u64| {
        let mut case = Case::of(Entity::Customers, 100);
        for ordinal in 0..100 {
            let number = if ordinal < times { 99 } else { ordinal };
            case.unit(number, ordinal, "2026-02-01T12:00:00Z");
        }
        case
    };
    assert!(repeated(5).passes("repeated_keys"));
    let many = repeated(6).finding("repeated_keys").unwrap();
    assert_eq!((many.is_passed, many.affected_rows), (false, 6));
    assert_eq!(many.samples.first().map(|one| one.ordinal), Some(1));
}

#[test]
fn two_products_with_one_sku_are_told() {
    let shared = |shared: u64| {
        let mut case = Case::of(Entity::Products, 100);
        for ordinal in 0..100 {
            case.unit(ordinal, ordinal, "2026-02-01T12:00:00Z");
            let sku = format!("S{}", if ordinal < shared { 99 } else { ordinal });
            let cells = [
                ("source_rank", Cell::Small(3)),
                ("external_id", Cell::Text("P")),
                ("product_sku", Cell::Text(&sku)),
            ];
            case.row(TableId::Products, ordinal, &cells);
        }
        case
    };
    assert!(shared(1).passes("shared_skus"));
    let two = shared(2).finding("shared_skus").unwrap();
    assert_eq!((two.is_passed, two.affected_rows), (false, 2));
    let sample = two.samples.first().unwrap();
    assert_eq!(sample.value.as_deref(), Some("S99"));
}

fn stock(rows: u64, odd: u64, qty: Quantity) -> Case {
    let mut case = Case::of(Entity::Inventory, rows);
    for ordinal in 0..rows {
        case.unit(ordinal, ordinal, "2026-02-01T12:00:00Z");
        let qty = if ordinal < odd {
            qty
        } else {
            Quantity::from_units(1_000)
        };
        let cells = [("on_hand_qty", Cell::Quantity(qty))];
        case.row(TableId::InventoryQuantities, ordinal, &cells);
    }
    case
}

#[test]
fn stock_below_zero_and_absurd_quantities_are_found() {
    let below = Quantity::from_units(-1);
    assert!(stock(200, 2, below).passes("negative"));
    let negative = stock(200, 3, below).finding("negative").unwrap();
    assert!(!negative.is_passed && !negative.is_critical());
    assert_eq!(
        negative.samples[0].field.as_deref(),
        Some("inventory_quantities.on_hand_qty")
    );
    assert_eq!(negative.samples[0].value.as_deref(), Some("-0.001"));
    let just_fits = Quantity::from_units(10_000_000_000);
    assert!(stock(200, 200, just_fits).passes("absurd_quantity"));
    let absurd = Quantity::from_units(10_000_000_001);
    assert!(stock(200, 2, absurd).passes("absurd_quantity"));
    let many = stock(200, 3, absurd).finding("absurd_quantity").unwrap();
    assert!(many.is_critical());
}

#[test]
fn large_real_quantities_are_not_absurd() {
    let case = stock(200, 200, Quantity::from_units(74_215_000));
    assert!(case.passes("absurd_quantity"));
}

#[test]
fn what_happened_has_not_happened_the_day_after_tomorrow() {
    let ahead = |days: i32, rows: u64| {
        let mut case = Case::of(Entity::SalesOrders, 200);
        for ordinal in 0..200 {
            let ahead = if ordinal < rows { days } else { 0 };
            let date = i32::from(day().number()) + ahead;
            case.row(
                TableId::SalesOrders,
                ordinal,
                &[("order_date", Cell::Date(date))],
            );
        }
        case
    };
    assert!(ahead(1, 200).passes("future_dates"));
    assert!(ahead(2, 2).passes("future_dates"));
    let late = ahead(2, 3).finding("future_dates");
    assert!(late.is_some_and(|late| !late.is_passed && late.affected_rows == 3));
}

#[test]
fn products_that_nobody_described_are_counted_as_unknown() {
    let unknown = |referred: u64, known| {
        let mut case = Case::of(Entity::SalesOrders, 100);
        for ordinal in 0..100 {
            let rank = if ordinal < referred { 0 } else { 2 };
            case.row(
                TableId::Products,
                ordinal,
                &[("source_rank", Cell::Small(rank))],
            );
        }
        case.baseline.products_known = known;
        case
    };
    assert!(unknown(10, 0).passes("unknown_products"));
    assert!(!unknown(11, 0).passes("unknown_products"));
    assert!(unknown(100, 90).passes("unknown_products"));
}

#[test]
fn records_that_are_all_old_are_told() {
    let updated = |newest: &str| {
        let mut case = Case::of(Entity::Products, 20);
        case.unit(1, 0, "2025-01-01T00:00:00Z");
        case.unit(2, 1, newest);
        case
    };
    assert!(updated("2026-01-30T00:00:00Z").passes("freshness"));
    let old = updated("2026-01-29T23:59:59Z")
        .finding("freshness")
        .unwrap();
    assert_eq!((old.is_passed, old.observed), (false, Some(3.0)));
}

#[test]
fn a_day_is_compared_with_its_weekday() {
    let on = |records, days| {
        let mut case = Case::of(Entity::SalesOrders, records).after(days, 50.0);
        let key = ("sales_orders".to_owned(), Entity::SalesOrders);
        let past = case.baseline.volumes.get_mut(&key).unwrap();
        for past in past
            .iter_mut()
            .filter(|past| past.day.number() % 7 == day().number() % 7)
        {
            past.records = 100.0;
        }
        case
    };
    // A tenth of the average is the least deviation: four of them are 40.
    assert!(on(140, 28).passes("anomaly"));
    assert!(on(60, 28).passes("anomaly"));
    let odd = on(141, 28).finding("anomaly").unwrap();
    assert_eq!((odd.is_passed, odd.expected), (false, Some(100.0)));
    assert_eq!(odd.severity, Severity::Warning);
    assert_eq!(on(141, 27).finding("anomaly"), None, "three such days only");
}

#[test]
fn the_sum_of_quantities_is_compared_too() {
    let sum = |qty: i64| {
        let case = stock(20, 20, Quantity::from_units(qty * 1_000));
        case.measured("anomaly", "sum", 4, 7, 200.0)
    };
    assert!(sum(14).passes("anomaly"));
    let odd = sum(15).finding("anomaly").unwrap();
    assert_eq!((odd.is_passed, odd.observed), (false, Some(300.0)));
    assert_eq!(odd.measures["sum"], 300.0);
}

#[test]
fn every_record_that_the_source_announced_must_have_come() {
    let announced = |total| {
        let mut case = Case::of(Entity::Customers, 3);
        case.object.source.announced_total = total;
        case
    };
    assert!(announced(Some(3)).passes("control_total"));
    for wrong in [2, 4] {
        let finding = announced(Some(wrong)).finding("control_total").unwrap();
        assert!(finding.is_critical(), "{wrong}: {finding:?}");
        assert_eq!(finding.affected_rows, 1);
    }
    assert_eq!(announced(None).finding("control_total"), None);
}

#[test]
fn a_snapshot_may_lose_half_and_a_delta_anything() {
    let snapshot = |records, before| {
        let mut case = Case::of(Entity::Products, records).after(1, before);
        case.object.completeness = Completeness::Snapshot {
            scope: String::new(),
        };
        case
    };
    assert!(snapshot(50, 100.0).passes("shrinkage"));
    let shrunk = snapshot(49, 100.0).finding("shrinkage").unwrap();
    assert!(shrunk.is_critical());
    assert_eq!(
        (shrunk.observed, shrunk.expected),
        (Some(49.0), Some(100.0))
    );
    assert_eq!(snapshot(1, 19.0).finding("shrinkage"), None);
    let delta = Case::of(Entity::Products, 1).after(1, 100.0);
    assert_eq!(delta.finding("shrinkage"), None);
}

#[test]
fn nothing_is_said_of_what_did_not_come() {
    let mut case = Case::of(Entity::Products, 100).after(28, 100.0);
    case.output.present.push(PresenceMark {
        table: TableId::Products,
        id: catwing_domain::RowKey::of(TableId::Products, "", &[Some("P")]).unwrap(),
    });
    assert!(
        case.findings()
            .iter()
            .all(|finding| finding.check.starts_with("products."))
    );
    assert_eq!(Decision::of(&case.findings()), Decision::Passed);
}
