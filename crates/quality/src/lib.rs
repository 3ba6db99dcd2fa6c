//! The quality gate and the health monitor: what a delivery looks like, what is wrong with it, and what
//! the loaded tables do from one day to the next.
//!
//! A [`Profile`] counts the rows that transform makes of a delivery, in memory that does not grow with it.
//! [`judge`] compares it with a [`Baseline`], the deliveries before, by the checks that [`in_force`] takes
//! from a tenant's file. Only what fails a critical check is refused; the refusal itself is a verdict in
//! the manifest, which is the caller's to seal. [`record`] writes findings to the journals and [`find`]
//! reads them back. [`measure`] looks at what is loaded, and halts nothing.
//!
//! ```
//! use std::collections::BTreeMap;
//! use catwing_domain::{Drift, Output, manifest::EntryNumber, tenant_file::QualityFile};
//! use catwing_quality::{Baseline, Decision, Delivered, Profile, in_force, judge};
//!
//! let day = "2026-01-07".parse()?;
//! let mut profile = Profile::new(day);
//! profile.look(&Output::default());
//! let delivered = Delivered {
//!     entry: EntryNumber(7),
//!     day,
//!     objects: &[],
//!     counts: &BTreeMap::new(),
//!     drift: &Drift::new(),
//!     profile: &profile,
//! };
//! let checks = in_force(&QualityFile::default(), &BTreeMap::new());
//! let findings = judge(&checks, &delivered, &Baseline::default());
//! assert_eq!(Decision::of(&findings), Decision::Passed);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod baseline;
mod check;
mod column;
mod error;
mod found;
mod gate;
mod health;
mod profile;
mod store;

pub use baseline::{Baseline, Measured, Past};
pub use check::{Check, CheckKind, CheckMistake, RECORDS_MIN, Severity, in_force, mistakes};
pub use column::{ColumnProfile, DISTINCT_MAX, Numbers};
pub use error::QualityError;
pub use found::{FoundCheck, FoundRun, find};
pub use gate::{Delivered, Finding, Sample, judge};
pub use health::{HealthReport, HealthSeverity, measure};
pub use profile::{KEYS_MAX, Profile, SAMPLES_MAX, TableProfile};
pub use store::{Decision, GateRun, Judged, record};
