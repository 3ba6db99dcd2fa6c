//! Checks of a delivery by itself: shares of its records, and what its source announced.

use catwing_domain::TableId;

use super::{Context, Measurement};
use crate::{
    check::{CheckKind, RECORDS_MIN, tables_of},
    profile::{Flaw, Watch, watch_of},
};

const MICROS_OF_A_DAY: i64 = 86_400_000_000;

impl Context<'_> {
    /// The share of refused records.
    pub(super) fn refused(&self) -> Option<Measurement> {
        let refused: u64 = self
            .brought
            .iter()
            .map(|one| one.counts.records_quarantined)
            .sum();
        self.share(
            refused,
            self.records(),
            Some(Flaw::Refused),
            "records are refused",
        )
    }

    /// The share of records whose key came before in the same dataset.
    pub(super) fn repeated_keys(&self) -> Option<Measurement> {
        let repeated = self.count(Flaw::RepeatedKey);
        let what = "records have a key that came before in the same dataset";
        self.share(repeated, self.records(), Some(Flaw::RepeatedKey), what)
    }

    /// The share of products whose SKU another has.
    pub(super) fn shared_skus(&self) -> Option<Measurement> {
        let shared = self.count(Flaw::SharedSku);
        let what = "products have a SKU that another product of the delivery has";
        self.share(shared, self.records(), Some(Flaw::SharedSku), what)
    }

    /// The share of rows with something that can't be so.
    pub(super) fn flawed_rows(&self) -> Option<Measurement> {
        let (flaw, what) = match self.check.kind {
            CheckKind::Negative => (
                Flaw::Negative,
                "rows have a stock, price or cost below zero",
            ),
            CheckKind::AbsurdQuantity => (
                Flaw::AbsurdQuantity,
                "rows have a quantity beyond ten million",
            ),
            _ => (
                Flaw::FutureDate,
                "rows are dated more than a day after the business day",
            ),
        };
        let watches = |watch: Watch| match flaw {
            Flaw::Negative => matches!(watch, Watch::Stock | Watch::Price),
            Flaw::AbsurdQuantity => matches!(watch, Watch::Stock | Watch::Quantity),
            _ => watch == Watch::Date,
        };
        let is_watched = |table: &TableId| {
            let mut columns = table.table().columns.iter();
            columns.any(|column| watch_of(*table, column).is_some_and(watches))
        };
        let tables = &self.delivered.profile.tables;
        let rows = tables_of(self.check.entity)
            .filter(is_watched)
            .filter_map(|table| tables.get(&table))
            .map(|table| table.rows)
            .sum();
        self.share(self.count(flaw).min(rows), rows, Some(flaw), what)
    }

    /// The share of products that are referred to and that no record ever described.
    pub(super) fn unknown_products(&self) -> Option<Measurement> {
        let profile = self.delivered.profile;
        let only_referred = profile.only_referred().len() as u64;
        let unknown = only_referred.saturating_sub(self.baseline.products_known);
        let what =
            "products that the delivery refers to are in no record of products, now or before";
        self.share(unknown, profile.products_named(), None, what)
    }

    /// Days from the newest update time to the business day.
    pub(super) fn freshness(&self) -> Option<Measurement> {
        if self.records() < RECORDS_MIN {
            return None;
        }
        let newest = *self
            .delivered
            .profile
            .newest
            .get(&self.check.entity.table())?;
        let day = i64::from(self.delivered.day.number());
        let age = (day - newest.div_euclid(MICROS_OF_A_DAY)).max(0);
        Some(Measurement {
            value: age as f64,
            observed: age as f64,
            expected: Some(0.0),
            affected_rows: if age == 0 { 0 } else { self.records() },
            message: format!(
                "the newest of {} records was updated {age} days before the business day",
                self.records()
            ),
            samples: Vec::new(),
        })
    }

    /// Rows that came against what the source announced; each difference is too much.
    pub(super) fn control_total(&self) -> Option<Measurement> {
        let totals = self
            .brought
            .iter()
            .filter_map(|one| Some((one, one.announced?)));
        let (one, announced) =
            totals.max_by_key(|(one, announced)| announced.abs_diff(one.source_rows))?;
        let difference = announced.abs_diff(one.source_rows);
        Some(Measurement {
            value: difference as f64,
            observed: one.source_rows as f64,
            expected: Some(announced as f64),
            affected_rows: difference,
            message: format!(
                "the source announced {announced} records of {}, and {} came",
                one.dataset, one.source_rows
            ),
            samples: Vec::new(),
        })
    }

    fn count(&self, flaw: Flaw) -> u64 {
        let finds = self.delivered.profile.finds(self.check.entity, flaw);
        finds.map_or(0, |finds| finds.count)
    }

    fn share(&self, part: u64, of: u64, flaw: Option<Flaw>, what: &str) -> Option<Measurement> {
        if of < RECORDS_MIN {
            return None;
        }
        let share = part as f64 / of as f64;
        let finds = flaw.and_then(|flaw| self.delivered.profile.finds(self.check.entity, flaw));
        Some(Measurement {
            value: share,
            observed: share,
            expected: None,
            affected_rows: part,
            message: format!("{part} of {of} {what} ({:.1} %)", 100.0 * share),
            samples: self.samples(finds),
        })
    }
}
