//! Load: what transform made of deliveries goes into the tenant's schema, whole deliveries in one
//! transaction, with a result that does not hang on their order.
//!
//! Rows are copied to staging in binary form, stretch by stretch, so that memory is bounded however
//! large a delivery is. [`Load::commit`] then merges them set by set in the order of foreign keys,
//! advances presence, accounts for every record that was read, and writes the ledger; a difference
//! rolls all of it back. A killed process leaves whole deliveries or nothing, and a second attempt
//! finds them in the ledger.
//!
//! ```no_run
//! use std::collections::BTreeMap;
//!
//! use catwing_domain::{Output, SystemClock, manifest::{EntryNumber, Sha256Hash}};
//! use catwing_load::{DeliveryHead, Loader};
//! use sea_orm::sqlx::PgPool;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let loader = Loader::new(PgPool::connect("postgres://localhost/catwing").await?);
//! let mut load = loader.begin("CW-000200".parse()?).await?;
//! let head = DeliveryHead {
//!     entry: EntryNumber::FIRST,
//!     kind: "delivery",
//!     entry_sha256: Sha256Hash::of(b"the entry's bytes"),
//!     business_day: "2026-02-24".parse()?,
//!     mapping_sha256: Sha256Hash::of(b"the mapping's bytes"),
//!     transform_version: 1,
//!     run_id: "run-1".into(),
//!     objects: vec!["raw-data/CW-000200/2026-02-24/products.json".into()],
//!     fix: None,
//! };
//! if load.begin_delivery(head).await? {
//!     let output = Output::default(); // what transform found, in as many stretches as it likes
//!     load.stage(&output).await?;
//!     load.end_delivery(&BTreeMap::new(), &[]).await?;
//! }
//! let report = load.commit(&SystemClock).await?;
//! assert_eq!(report.deliveries.len(), 1);
//! # Ok(())
//! # }
//! ```

mod account;
mod bulk;
mod copy;
mod derive;
mod drift;
mod error;
mod ledger;
mod load;
mod loader;
mod merge;
mod presence;
mod quarantine;
mod references;
mod shared;
mod stage;
mod statement;

pub use account::{ObjectEntity, RecordCounts};
pub use bulk::{BulkProgress, BulkStep};
pub use drift::DriftNote;
pub use error::LoadError;
pub use ledger::{AppliedEntry, DeliveryHead, RecordFix};
pub use load::{DeliveryReport, Load, LoadReport, PhaseSeconds};
pub use loader::Loader;
