//! What a right program finds in a history.

use std::collections::BTreeMap;

use catwing_domain::{Money, Quantity};
use serde::Serialize;

use crate::document::Document;

/// The totals of a history up to the last day that was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Records that were written, by entity; wrong ones and repetitions are among them.
    pub records: BTreeMap<&'static str, u64>,
    /// Records that must be refused, by the reason why.
    pub refused: BTreeMap<&'static str, u64>,
    /// Products, by whether the newest list has them.
    pub products_active: u64,
    /// Products that the newest list lacks.
    pub products_retired: u64,
    /// Locations.
    pub locations: u64,
    /// Customers that any file names.
    pub customers: u64,
    /// Documents in their newest versions, by type.
    pub documents: BTreeMap<&'static str, DocumentTotals>,
}

/// The totals of the documents of a type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DocumentTotals {
    /// Documents.
    pub documents: u64,
    /// Their lines.
    pub lines: u64,
    /// Sum of the lines' quantities.
    pub qty: Quantity,
    /// Sum of the lines' values, discounts taken off.
    pub value: Money,
    /// Changes of lines.
    pub updates: u64,
    /// Sum of the values of those changes.
    pub updates_value: Money,
}

/// Versions of documents as they are delivered; the newest of each counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Newest {
    /// By number: the version's update time and place in the files, and its content.
    documents: BTreeMap<String, ((String, u64), Document)>,
}

impl Newest {
    /// A version that was written at a place; places grow with day, revision and position.
    pub(crate) fn add(&mut self, place: u64, document: &Document) {
        let version = (document.updated_at.clone(), place);
        match self.documents.get_mut(&document.external_id) {
            Some(known) if known.0 >= version => {}
            Some(known) => *known = (version, document.clone()),
            None => {
                let key = document.external_id.clone();
                self.documents.insert(key, (version, document.clone()));
            }
        }
    }

    pub(crate) fn by_type(&self) -> BTreeMap<&'static str, DocumentTotals> {
        let mut totals: BTreeMap<&'static str, DocumentTotals> = BTreeMap::new();
        for (_, document) in self.documents.values() {
            let total = totals.entry(document.kind).or_default();
            total.documents += 1;
            for line in &document.lines {
                total.lines += 1;
                total.qty = Quantity::from_units(total.qty.units() + line.qty * 1_000);
                total.value = Money::from_units(total.value.units() + line.value_units());
                for update in &line.updates {
                    total.updates += 1;
                    let units = total.updates_value.units() + update.value_cents * 100;
                    total.updates_value = Money::from_units(units);
                }
            }
        }
        totals
    }
}
