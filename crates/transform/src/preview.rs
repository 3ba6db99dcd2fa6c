//! The first canonical records and rejects of a delivery, for a person to see.

use catwing_domain::{Entity, Problem};

use crate::canonical::{self, Fields};

/// A canonical record, or why there is none, as a preview shows it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Preview {
    /// The entity.
    pub entity: Entity,
    /// The object's key or name.
    pub object: String,
    /// The record's position in its object, from 0.
    pub ordinal: u64,
    /// In canonical shape.
    pub record: serde_json::Value,
    /// What is wrong, `field: value message`; empty for a record that would be loaded.
    pub problems: Vec<String>,
}

/// Keeps so many of each entity's records, and so many of its rejects.
#[derive(Debug, Default)]
pub(crate) struct Previews {
    pub(crate) each_max: usize,
    pub(crate) kept: Vec<Preview>,
}

impl Previews {
    /// Whether one more of this kind is wanted.
    pub(crate) fn wants(&self, entity: Entity, good: bool) -> bool {
        let alike =
            |preview: &&Preview| preview.entity == entity && preview.problems.is_empty() == good;
        self.kept.iter().filter(alike).count() < self.each_max
    }

    pub(crate) fn keep(
        &mut self,
        entity: Entity,
        place: (String, u64),
        record: Fields<'_, '_>,
        problems: &[Problem],
    ) {
        let (object, ordinal) = place;
        self.kept.push(Preview {
            entity,
            object,
            ordinal,
            record: canonical::to_json(record),
            problems: problems.iter().map(told).collect(),
        });
    }
}

fn told(problem: &Problem) -> String {
    let field = problem
        .field
        .as_deref()
        .map(|field| format!("{field}: "))
        .unwrap_or_default();
    let value = problem
        .value
        .as_deref()
        .map(|value| format!("{value:?} "))
        .unwrap_or_default();
    format!("{field}{value}{}", problem.message)
}
