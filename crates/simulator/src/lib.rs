//! A simulated retailer: what its ERP says each day, as the files that it would deliver, and the
//! totals that a right program finds in them.
//!
//! It speaks the canonical records, so that its mapping is empty. The same settings give the same
//! bytes on every machine. It is as untidy as real sources are: documents arrive late, are sent
//! twice and are corrected, products and customers come and go, a day is delivered a second time,
//! and some records are wrong. Its own totals are kept while it writes, by the plain rule that the
//! newest version of a document counts, and share no code with what they are compared with.
//!
//! ```
//! use catwing_simulator::{History, Settings};
//!
//! let mut history = History::new(Settings::demo("CW-000200".parse()?, 7));
//! let first = history.next().expect("a history has days");
//! assert_eq!(first.day.to_string(), "2026-01-05");
//! let names: Vec<_> = first.files.iter().map(|file| file.name.as_str()).collect();
//! assert_eq!(names, ["products.json", "locations.json", "customers.json", "sales_orders.json"]);
//! for _later_day in history.by_ref() {}
//! assert!(history.totals().documents["sale"].documents > 1_000);
//! # Ok::<(), catwing_domain::DomainError>(())
//! ```

mod dirt;
mod document;
mod history;
mod masters;
mod totals;

pub use history::{DayFile, DayOfHistory, History, Settings};
pub use totals::{DocumentTotals, Totals};
