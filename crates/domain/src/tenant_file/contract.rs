//! What becomes of records that have other fields than the mapping speaks of.

use serde::{Deserialize, Serialize};

/// A tenant's contract with the sources of one entity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contract {
    /// Unknown and missing fields are told of, and loaded around.
    #[default]
    Evolve,
    /// A delivery with unknown or missing fields is for the quality gate to halt.
    Freeze,
    /// A record with an unknown field is refused.
    Quarantine,
}

impl Contract {
    /// Its name in the tenant's file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Evolve => "evolve",
            Self::Freeze => "freeze",
            Self::Quarantine => "quarantine",
        }
    }
}
