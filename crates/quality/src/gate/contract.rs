//! A contract that says `freeze`: a delivery has the fields that its mapping speaks of, and no others.

use catwing_domain::{DriftField, DriftKind, DriftSeen};

use super::{Context, Measurement, Sample};
use crate::profile::SAMPLES_MAX;

impl Context<'_> {
    /// The fields that differ.
    pub(super) fn contract(&self) -> Measurement {
        let drift = self.delivered.drift.iter();
        let own = drift.filter(|(field, _)| field.entity == self.check.entity);
        let fields: Vec<_> = own.collect();
        let named: Vec<_> = fields
            .iter()
            .take(SAMPLES_MAX)
            .map(|(field, _)| format!("{:?}", field.path))
            .collect();
        let more = if fields.len() > named.len() {
            ", ..."
        } else {
            ""
        };
        let message = match fields.len() {
            0 => "it has the fields of its contract".to_owned(),
            count => format!(
                "its contract is frozen, and {count} of its fields differ: {}{more}; \
                 use them in the mapping, or loosen the contract",
                named.join(", ")
            ),
        };
        let affected = fields.iter().map(|(_, seen)| seen.records).max();
        Measurement {
            value: fields.len() as f64,
            observed: fields.len() as f64,
            expected: None,
            affected_rows: affected.unwrap_or_default(),
            message,
            samples: fields
                .iter()
                .take(SAMPLES_MAX)
                .filter_map(|(field, seen)| self.drifted(field, seen))
                .collect(),
        }
    }

    fn drifted(&self, field: &DriftField, seen: &DriftSeen) -> Option<Sample> {
        let told = match field.kind {
            DriftKind::Unknown => "the mapping does not use it",
            DriftKind::Missing => "no record of the delivery has it",
        };
        Some(Sample {
            object: self.delivered.objects.get(seen.object)?.key.clone(),
            ordinal: seen.ordinal,
            key: None,
            field: Some(field.path.clone()),
            value: None,
            message: Some(told.to_owned()),
            record: None,
        })
    }
}
