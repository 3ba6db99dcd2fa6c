//! The judgement: every check that is in force, made on one delivery.

mod comparison;
mod contract;
mod share;

use std::collections::BTreeMap;

use catwing_domain::{
    BusinessDay, Drift, Entity, ObjectCounts,
    manifest::{Completeness, EntryNumber, RawObject},
};
use serde::Serialize;

use crate::{
    baseline::Baseline,
    check::{Check, CheckKind, Severity},
    profile::{Finds, Profile, Spot},
};

/// What the last digits of a value may be off: 0.4 less 0.1 is a little more than 0.3.
const ROUNDING: f64 = 1e-9;

/// A delivery that was read.
pub struct Delivered<'d> {
    /// Its entry.
    pub entry: EntryNumber,
    /// Its business day.
    pub day: BusinessDay,
    /// Its objects.
    pub objects: &'d [RawObject],
    /// What transform counted by object and entity.
    pub counts: &'d BTreeMap<(usize, Entity), ObjectCounts>,
    /// Fields that differ from what the mapping speaks of.
    pub drift: &'d Drift,
    /// What it looks like.
    pub profile: &'d Profile,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The check's name.
    pub check: String,
    /// The delivery.
    pub entry: EntryNumber,
    /// How grave it is to fail it.
    pub severity: Severity,
    /// Whether it passed.
    pub is_passed: bool,
    /// What was measured.
    pub observed: Option<f64>,
    /// What was expected, in the same unit: of a comparison what came before, else the threshold.
    pub expected: Option<f64>,
    /// Records or rows that the finding is about.
    pub affected_rows: u64,
    /// What it means, for a person.
    pub message: String,
    /// Numbers that later deliveries are compared with.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub measures: BTreeMap<String, f64>,
    /// Where it was seen first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub samples: Vec<Sample>,
}

/// A place that a finding points to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// The object's key.
    pub object: String,
    /// The record's ordinal in it.
    pub ordinal: u64,
    /// Its natural key, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Why the record was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The refused record's own text, shortened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
}

/// What a delivery of one dataset brought of one kind of record.
#[derive(Clone, Debug)]
pub(crate) struct Brought {
    pub(crate) dataset: String,
    pub(crate) counts: ObjectCounts,
    pub(crate) is_snapshot: bool,
    /// What the source announced, and the rows that came, of all kinds of record.
    pub(crate) announced: Option<u64>,
    pub(crate) source_rows: u64,
}

/// What a check measured, before it is known whether that is too much.
pub(crate) struct Measurement {
    /// What the threshold is for.
    pub(crate) value: f64,
    pub(crate) observed: f64,
    /// Of a comparison what came before; the threshold is told where there is none.
    pub(crate) expected: Option<f64>,
    pub(crate) affected_rows: u64,
    pub(crate) message: String,
    pub(crate) samples: Vec<Sample>,
}

impl Finding {
    /// Whether the delivery is refused for it.
    #[must_use]
    pub fn is_critical(&self) -> bool {
        !self.is_passed && self.severity == Severity::Critical
    }
}

/// Makes every check that is active and of which the delivery, and what it is compared with, has enough.
#[must_use]
pub fn judge(checks: &[Check], delivered: &Delivered<'_>, baseline: &Baseline) -> Vec<Finding> {
    let brought = brought(delivered);
    let mut findings = Vec::new();
    for check in checks.iter().filter(|check| check.is_active) {
        let Some(brought) = brought.get(&check.entity) else {
            continue;
        };
        let context = Context {
            check,
            delivered,
            baseline,
            brought,
        };
        findings.extend(context.finding());
    }
    findings
}

/// All that one check is made of.
pub(crate) struct Context<'c> {
    pub(crate) check: &'c Check,
    pub(crate) delivered: &'c Delivered<'c>,
    pub(crate) baseline: &'c Baseline,
    pub(crate) brought: &'c [Brought],
}

impl Context<'_> {
    fn finding(&self) -> Option<Finding> {
        let measures = match self.check.kind {
            CheckKind::Nulls => self.null_shares(),
            CheckKind::Anomaly => self.main_sum(),
            _ => BTreeMap::new(),
        };
        let measured = match self.check.kind {
            CheckKind::Volume => self.volume(),
            CheckKind::Refused | CheckKind::RefusedSome => self.refused(),
            CheckKind::Nulls => self.nulls(&measures),
            CheckKind::RepeatedKeys => self.repeated_keys(),
            CheckKind::SharedSkus => self.shared_skus(),
            CheckKind::Negative | CheckKind::AbsurdQuantity | CheckKind::FutureDates => {
                self.flawed_rows()
            }
            CheckKind::UnknownProducts => self.unknown_products(),
            CheckKind::Freshness => self.freshness(),
            CheckKind::Anomaly => self.anomaly(&measures),
            CheckKind::ControlTotal => self.control_total(),
            CheckKind::Shrinkage => self.shrinkage(),
            CheckKind::Contract => Some(self.contract()),
        };
        // Too little to judge, but something to compare later deliveries with.
        let unjudged = || Measurement {
            value: 0.0,
            observed: 0.0,
            expected: None,
            affected_rows: 0,
            message: "too little history to compare with".to_owned(),
            samples: Vec::new(),
        };
        let is_judged = measured.is_some();
        let measured = measured.or_else(|| (!measures.is_empty()).then(unjudged))?;
        let is_passed = !is_judged || self.passes(measured.value);
        Some(Finding {
            check: self.check.name.clone(),
            entry: self.delivered.entry,
            severity: self.check.severity,
            is_passed,
            observed: is_judged.then_some(measured.observed),
            expected: measured
                .expected
                .or_else(|| is_judged.then_some(self.check.threshold)),
            affected_rows: measured.affected_rows,
            message: measured.message,
            measures,
            samples: measured.samples,
        })
    }

    fn passes(&self, value: f64) -> bool {
        match self.check.kind.fails_below() {
            true => value >= self.check.threshold - ROUNDING,
            false => value <= self.check.threshold + ROUNDING,
        }
    }

    pub(crate) fn records(&self) -> u64 {
        let counts = self.brought.iter().map(|one| one.counts.records_read);
        counts.sum()
    }

    /// Where something was seen first.
    pub(crate) fn samples(&self, finds: Option<&Finds>) -> Vec<Sample> {
        let spots = finds.into_iter().flat_map(|finds| &finds.spots);
        spots.filter_map(|spot| self.sample(spot)).collect()
    }

    fn sample(&self, spot: &Spot) -> Option<Sample> {
        let objects = self.delivered.objects;
        let pages: Vec<_> = objects.iter().map(|object| object.page).collect();
        let found = || self.delivered.profile.place(spot.position, &pages);
        let (object, ordinal) = spot.place.or_else(found)?;
        Some(Sample {
            object: objects.get(object)?.key.clone(),
            ordinal,
            key: spot.key.clone(),
            field: spot.field.clone(),
            value: spot.value.clone(),
            message: spot.message.clone(),
            record: spot.record.clone(),
        })
    }
}

/// By kind of record, what each dataset's delivery brought: of two revisions each is one.
fn brought(delivered: &Delivered<'_>) -> BTreeMap<Entity, Vec<Brought>> {
    let mut rows_of_object = BTreeMap::<usize, u64>::new();
    for ((object, _), counts) in delivered.counts {
        let rows = rows_of_object.entry(*object).or_default();
        *rows = (*rows).max(counts.source_rows);
    }
    let mut totals = BTreeMap::<_, (Option<u64>, u64)>::new();
    for (index, object) in delivered.objects.iter().enumerate() {
        let total = totals
            .entry((&object.dataset, object.revision))
            .or_default();
        total.0 = total.0.max(object.source.announced_total);
        total.1 += rows_of_object.get(&index).copied().unwrap_or_default();
    }
    let mut brought = BTreeMap::<_, BTreeMap<_, Brought>>::new();
    for ((index, entity), counts) in delivered.counts {
        let Some(object) = delivered.objects.get(*index) else {
            continue;
        };
        let of = (&object.dataset, object.revision);
        let (announced, source_rows) = totals.get(&of).copied().unwrap_or_default();
        let one = brought
            .entry(*entity)
            .or_default()
            .entry(of)
            .or_insert_with(|| Brought {
                dataset: object.dataset.to_string(),
                counts: ObjectCounts::default(),
                is_snapshot: matches!(object.completeness, Completeness::Snapshot { .. }),
                announced,
                source_rows,
            });
        one.counts.source_rows += counts.source_rows;
        one.counts.records_read += counts.records_read;
        one.counts.records_quarantined += counts.records_quarantined;
        one.counts.rows_quarantined += counts.rows_quarantined;
    }
    let lists = brought.into_iter();
    lists
        .map(|(entity, of)| (entity, of.into_values().collect()))
        .collect()
}

#[cfg(test)]
mod tests;
