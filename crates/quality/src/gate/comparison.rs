//! Checks of a delivery against those before it.

use std::collections::BTreeMap;

use super::{Brought, Context, Measurement};
use crate::{
    baseline::{Past, mean_and_deviation, median, ninth_tenth},
    check::{RECORDS_MIN, main_measure, tables_of},
};

/// Deliveries that a median is of.
const HISTORY: usize = 28;
/// Deliveries that there must have been, for a median to say something.
const HISTORY_MIN: usize = 7;
/// Days of the same weekday that are compared.
const WEEKDAYS: usize = 8;
/// Such days that there must have been.
const WEEKDAYS_MIN: usize = 4;
/// A deviation is at least so much of the average: days that were all alike make no alarm of a small
/// difference.
const DEVIATION_MIN: f64 = 0.1;
/// The measure that the sum of a delivery's main quantity is kept under.
const SUM: &str = "sum";

impl Context<'_> {
    /// The dataset whose records differ most from the median of its last deliveries.
    pub(super) fn volume(&self) -> Option<Measurement> {
        let compare = |one: &Brought| {
            let past: Vec<_> = self.past(one).iter().map(|past| past.records).collect();
            let past = past.get(..past.len().min(HISTORY))?;
            let expected = median(past).filter(|_| past.len() >= HISTORY_MIN)?;
            let records = one.counts.records_read as f64;
            let more = records.max(expected);
            (more >= RECORDS_MIN as f64).then(|| Measurement {
                value: records.min(expected) / more,
                observed: records,
                expected: Some(expected),
                affected_rows: one.counts.records_read,
                message: format!(
                    "{} brought {records} records; the median of its last {} deliveries is {expected}",
                    one.dataset,
                    past.len()
                ),
                samples: Vec::new(),
            })
        };
        least(self.brought.iter().filter_map(compare))
    }

    /// The snapshot that lost most of the one before.
    pub(super) fn shrinkage(&self) -> Option<Measurement> {
        let compare = |one: &Brought| {
            let before = self.past(one).first()?;
            let records = one.counts.records_read as f64;
            (before.records >= RECORDS_MIN as f64).then(|| Measurement {
                value: records / before.records,
                observed: records,
                expected: Some(before.records),
                affected_rows: (before.records - records).max(0.0) as u64,
                message: format!(
                    "the snapshot of {} has {records} records; that of {} had {}",
                    one.dataset, before.day, before.records
                ),
                samples: Vec::new(),
            })
        };
        let snapshots = self.brought.iter().filter(|one| one.is_snapshot);
        least(snapshots.filter_map(compare))
    }

    /// By column that may be empty, the share of rows in which it is.
    pub(super) fn null_shares(&self) -> BTreeMap<String, f64> {
        let mut shares = BTreeMap::new();
        for table in tables_of(self.check.entity) {
            let Some(profile) = self.delivered.profile.tables.get(&table) else {
                continue;
            };
            if profile.rows < RECORDS_MIN {
                continue;
            }
            let nullable = profile.columns.iter().filter(|(column, _)| column.nullable);
            shares.extend(nullable.map(|(column, counted)| {
                let share = counted.nulls as f64 / profile.rows as f64;
                (format!("{}.{}", table.name(), column.name), share)
            }));
        }
        shares
    }

    /// The column that is emptier than it used to be.
    pub(super) fn nulls(&self, shares: &BTreeMap<String, f64>) -> Option<Measurement> {
        let compare = |(column, share): (&String, &f64)| {
            let before: Vec<_> = self
                .baseline
                .measured(&self.check.name, column)
                .iter()
                .take(HISTORY)
                .map(|measured| measured.value)
                .collect();
            let expected = ninth_tenth(&before).filter(|_| before.len() >= HISTORY_MIN)?;
            let rows = column
                .split_once('.')
                .and_then(|(table, _)| {
                    let mut tables = self.delivered.profile.tables.iter();
                    tables.find(|(id, _)| id.name() == table)
                })
                .map_or(0, |(_, profile)| profile.rows);
            Some(Measurement {
                value: share - expected,
                observed: *share,
                expected: Some(expected),
                affected_rows: (share * rows as f64).round() as u64,
                message: format!(
                    "{column} is empty in {:.1} % of {rows} rows; nine of ten of the last {} days had {:.1} % at most",
                    100.0 * share,
                    before.len(),
                    100.0 * expected
                ),
                samples: Vec::new(),
            })
        };
        greatest(shares.iter().filter_map(compare))
    }

    /// The sum of what the records are about.
    pub(super) fn main_sum(&self) -> BTreeMap<String, f64> {
        let sum = main_measure(self.check.entity).and_then(|(table, column)| {
            let profile = self.delivered.profile.tables.get(&table)?;
            let numbers = profile.column(column)?.numbers;
            (profile.rows >= RECORDS_MIN).then_some(numbers.sum)
        });
        sum.map(|sum| (SUM.to_owned(), sum)).into_iter().collect()
    }

    /// How unusual the records, or their quantity, are among the same weekdays.
    pub(super) fn anomaly(&self, sums: &BTreeMap<String, f64>) -> Option<Measurement> {
        let weekday = self.delivered.day.number() % 7;
        let counted = self.brought.iter().filter_map(|one| {
            let past = self.past(one).iter();
            let same = past.filter(|past| past.day.number() % 7 == weekday);
            let past: Vec<_> = same.map(|past| past.records).take(WEEKDAYS).collect();
            let records = one.counts.records_read as f64;
            let what = format!("records of {}", one.dataset);
            self.unusual(&what, records, &past)
        });
        let summed = sums.get(SUM).and_then(|sum| {
            let measured = self.baseline.measured(&self.check.name, SUM).iter();
            let same = measured.filter(|measured| measured.day.number() % 7 == weekday);
            let past: Vec<_> = same.map(|one| one.value).take(WEEKDAYS).collect();
            let (table, column) = main_measure(self.check.entity)?;
            let what = format!("as the sum of {}.{column}", table.name());
            self.unusual(&what, *sum, &past)
        });
        greatest(counted.chain(summed))
    }

    fn unusual(&self, what: &str, value: f64, past: &[f64]) -> Option<Measurement> {
        let (mean, deviation) = mean_and_deviation(past).filter(|_| past.len() >= WEEKDAYS_MIN)?;
        if value.abs().max(mean.abs()) < RECORDS_MIN as f64 {
            return None;
        }
        let deviation = deviation.max(DEVIATION_MIN * mean.abs()).max(1.0);
        let score = (value - mean).abs() / deviation;
        Some(Measurement {
            value: score,
            observed: value,
            expected: Some(mean),
            affected_rows: self.records(),
            message: format!(
                "{value} {what}, where the last {} days of the same weekday had {mean:.1} on average: \
                 {score:.1} standard deviations",
                past.len()
            ),
            samples: Vec::new(),
        })
    }

    fn past(&self, one: &Brought) -> &[Past] {
        let key = (one.dataset.clone(), self.check.entity);
        self.baseline.volumes.get(&key).map_or(&[], Vec::as_slice)
    }
}

fn least(of: impl Iterator<Item = Measurement>) -> Option<Measurement> {
    of.min_by(|one, other| one.value.total_cmp(&other.value))
}

fn greatest(of: impl Iterator<Item = Measurement>) -> Option<Measurement> {
    of.max_by(|one, other| one.value.total_cmp(&other.value))
}
