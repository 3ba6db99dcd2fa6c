//! What a tenant's file says of the quality gate: only what differs from the defaults.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// `[quality]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QualityFile {
    /// Checks by name, as in `[quality.checks."sales_orders.volume"]`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub checks: BTreeMap<String, CheckFile>,
}

/// One check of the quality gate; what is absent is as by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckFile {
    /// The value beyond which it fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// How grave it is to fail it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<SeverityFile>,
    /// Whether it is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

/// How grave a failed check is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeverityFile {
    /// It is told.
    Info,
    /// It is told, and the run goes on.
    Warning,
    /// The delivery is refused and the run halts.
    Critical,
}
