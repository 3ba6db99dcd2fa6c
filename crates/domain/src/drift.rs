//! Drift: what a source delivers differs from what its mapping speaks of.

use std::collections::BTreeMap;

use crate::Entity;

/// Fields that one delivery tells of; more are not told.
pub const DRIFT_FIELDS_MAX: usize = 1_000;

/// How a field differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DriftKind {
    /// The source has it, and the mapping does not use it.
    Unknown,
    /// The mapping names it, and no record of the delivery has it.
    Missing,
}

impl DriftKind {
    /// The kind's name in the journal.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Missing => "missing",
        }
    }
}

/// A field of a source's records that differs from what the mapping speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DriftField {
    /// What the records feed. A dataset that feeds several entities tells of each.
    pub entity: Entity,
    /// How it differs.
    pub kind: DriftKind,
    /// A column, or keys joined by dots; `[]` stands for the elements of a list.
    pub path: String,
}

/// Where a drifted field showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DriftSeen {
    /// The first object that showed it, by its index in the delivery.
    pub object: usize,
    /// The first record of that, from 0.
    pub ordinal: u64,
    /// Records of the delivery that showed it: of a missing field, all that were read.
    pub records: u64,
}

/// The drift of a delivery: at most [`DRIFT_FIELDS_MAX`] fields.
pub type Drift = BTreeMap<DriftField, DriftSeen>;
