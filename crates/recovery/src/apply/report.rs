//! What an apply did.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use catwing_domain::{DriftKind, Entity, Reject};
use catwing_load::{DriftNote, LoadReport, PhaseSeconds, RecordCounts};
use catwing_transform::Summary;
use serde::Serialize;

use super::Pending;

/// Kinds of problems and unknown fields that a report names.
const REPORTED_MAX: usize = 100;

/// What an apply did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ApplyReport {
    /// Deliveries that were applied.
    pub deliveries: usize,
    /// Deliveries that the ledger had already.
    pub already_applied: usize,
    /// Raw bytes that were read.
    pub read_bytes: u64,
    /// What became of records, by entity.
    pub records: BTreeMap<&'static str, RecordTotals>,
    /// Rows inserted or updated, by table.
    pub rows_written: BTreeMap<&'static str, u64>,
    /// Refused records by entity, rule and field.
    pub refused: BTreeMap<String, u64>,
    /// Fields of sources that no mapping uses, with how many deliveries showed them.
    pub unknown_fields: BTreeMap<String, u64>,
    /// Fields that no mapping uses, or that are missed, which the tenant's journal did not have.
    pub new_drift: Vec<NewDrift>,
    /// Keys of objects that no mapping names.
    pub unmapped: Vec<String>,
    /// Seconds by phase.
    pub seconds: BTreeMap<&'static str, f64>,
}

/// A field that a mapping does not use, or misses, as it showed first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewDrift {
    /// What the records feed.
    pub entity: &'static str,
    /// `unknown` or `missing`.
    pub kind: &'static str,
    /// The field.
    pub field: String,
    /// The key of the first object that showed it.
    pub object: String,
    /// The first record of that, from 0.
    pub ordinal: u64,
    /// Records of the delivery that showed it.
    pub records: u64,
}

/// What became of the records of an entity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RecordTotals {
    /// Rows of the sources.
    pub source_rows: u64,
    /// Records in them.
    pub read: u64,
    /// Records that are in the database now.
    pub won: u64,
    /// Records that a newer one had replaced already.
    pub superseded: u64,
    /// Records that the same delivery has again.
    pub duplicate: u64,
    /// Refused records.
    pub quarantined: u64,
    /// Rows that the mapping leaves out.
    pub rows_skipped: u64,
}

impl RecordTotals {
    fn add_counts(&mut self, counts: &RecordCounts) {
        self.source_rows += counts.source.source_rows;
        self.read += counts.source.records_read;
        self.won += counts.won;
        self.superseded += counts.superseded;
        self.duplicate += counts.duplicate;
        self.quarantined += counts.source.records_quarantined;
        self.rows_skipped += counts.source.rows_skipped;
    }

    fn add(&mut self, other: Self) {
        self.source_rows += other.source_rows;
        self.read += other.read;
        self.won += other.won;
        self.superseded += other.superseded;
        self.duplicate += other.duplicate;
        self.quarantined += other.quarantined;
        self.rows_skipped += other.rows_skipped;
    }
}

impl ApplyReport {
    /// Counts refused records by what is wrong with them first.
    pub(super) fn count_refused(&mut self, rejects: &[Reject]) {
        for reject in rejects {
            let Some(problem) = reject.problems.first() else {
                continue;
            };
            let field = problem.field.as_deref().map(without_indexes);
            let (entity, rule) = (reject.entity.name(), problem.rule.name());
            let kind = format!("{entity} {rule} {}", field.unwrap_or_default());
            count(&mut self.refused, kind.trim_end(), 1);
        }
    }

    /// Counts a delivery, and what of it no mapping uses.
    pub(super) fn count_delivery(&mut self, pending: &Pending, summary: &Summary) {
        self.deliveries += 1;
        let unknown = summary
            .drift
            .keys()
            .filter(|field| field.kind == DriftKind::Unknown);
        // A dataset that feeds several entities tells of each.
        let unknown: BTreeSet<_> = unknown.map(|field| field.path.as_str()).collect();
        for field in unknown {
            count(&mut self.unknown_fields, field, 1);
        }
        let objects = summary.unmapped.iter();
        let objects = objects.filter_map(|index| pending.delivery.objects.get(*index));
        let room = REPORTED_MAX.saturating_sub(self.unmapped.len());
        self.unmapped
            .extend(objects.take(room).map(|object| object.key.clone()));
    }

    /// Takes over what the journal of drift did not have.
    pub(super) fn tell_drift(&mut self, new: Vec<DriftNote>) {
        let room = REPORTED_MAX.saturating_sub(self.new_drift.len());
        self.new_drift
            .extend(new.into_iter().take(room).map(|note| NewDrift {
                entity: note.field.entity.name(),
                kind: note.field.kind.name(),
                field: note.field.path,
                object: note.object_key,
                ordinal: note.seen.ordinal,
                records: note.seen.records,
            }));
    }

    /// Takes over what load says of the transaction, and how long everything took.
    pub(super) fn count_load(
        &mut self,
        loaded: &LoadReport,
        reading: Duration,
        transforming: Duration,
    ) {
        self.add_load(loaded);
        for (phase, took) in [("read", reading), ("transform", transforming)] {
            *self.seconds.entry(phase).or_default() += took.as_secs_f64();
        }
    }

    /// Adds what a load has done to deliveries that were counted before, as the end of a bulk load does.
    pub(crate) fn add_load(&mut self, loaded: &LoadReport) {
        for delivery in &loaded.deliveries {
            for ((_, entity), counts) in &delivery.counts {
                let totals = self.records.entry(entity.name()).or_default();
                totals.add_counts(counts);
            }
        }
        for (table, rows) in &loaded.rows_written {
            *self.rows_written.entry(table.name()).or_default() += rows;
        }
        for (phase, seconds) in seconds(loaded.phases) {
            *self.seconds.entry(phase).or_default() += seconds;
        }
    }

    /// Takes over what another transaction did.
    pub fn add(&mut self, other: Self) {
        self.deliveries += other.deliveries;
        self.already_applied += other.already_applied;
        self.read_bytes += other.read_bytes;
        for (entity, totals) in other.records {
            self.records.entry(entity).or_default().add(totals);
        }
        for (table, rows) in other.rows_written {
            *self.rows_written.entry(table).or_default() += rows;
        }
        for (kind, times) in other.refused {
            count(&mut self.refused, &kind, times);
        }
        for (field, times) in other.unknown_fields {
            count(&mut self.unknown_fields, &field, times);
        }
        let room = REPORTED_MAX.saturating_sub(self.new_drift.len());
        self.new_drift
            .extend(other.new_drift.into_iter().take(room));
        let room = REPORTED_MAX.saturating_sub(self.unmapped.len());
        self.unmapped.extend(other.unmapped.into_iter().take(room));
        for (phase, seconds) in other.seconds {
            *self.seconds.entry(phase).or_default() += seconds;
        }
    }

    /// Records of all entities together.
    #[must_use]
    pub fn totals(&self) -> RecordTotals {
        let mut totals = RecordTotals::default();
        self.records
            .values()
            .for_each(|records| totals.add(*records));
        totals
    }

    /// What became of the records of one entity.
    #[must_use]
    pub fn of(&self, entity: Entity) -> RecordTotals {
        self.records.get(entity.name()).copied().unwrap_or_default()
    }
}

fn seconds(phases: PhaseSeconds) -> [(&'static str, f64); 7] {
    [
        ("copy", phases.copy),
        ("merge", phases.merge),
        ("presence", phases.presence),
        ("derive", phases.derive),
        ("account", phases.account),
        ("index", phases.index),
        ("commit", phases.commit),
    ]
}

/// Counts as many names as are reported.
fn count(names: &mut BTreeMap<String, u64>, name: &str, times: u64) {
    if let Some(count) = names.get_mut(name) {
        *count += times;
    } else if names.len() < REPORTED_MAX {
        names.insert(name.to_owned(), times);
    }
}

/// `lines[3].qty` as `lines[].qty`, so that alike problems are counted together.
fn without_indexes(field: &str) -> String {
    let mut plain = String::with_capacity(field.len());
    let mut within = false;
    for character in field.chars() {
        within = within && character != ']';
        if !within {
            plain.push(character);
        }
        within |= character == '[';
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::without_indexes;

    #[test]
    fn alike_problems_are_counted_together() {
        assert_eq!(
            without_indexes("lines[3].updates[12].date"),
            "lines[].updates[].date"
        );
        assert_eq!(without_indexes("order_date"), "order_date");
    }
}
