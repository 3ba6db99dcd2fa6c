//! The raw store: an archive in one S3 bucket whose objects are put once and never changed, with
//! a manifest per tenant that says, in a chain of numbered entries, what exists.
//!
//! - [`Store`] is the bucket: create-only puts, streams that prove what they carry, listings.
//! - [`Manifest`] is a tenant's chain of entries.
//! - [`Landing`] puts the objects of a business day and seals them together, whatever else lands
//!   at the same time and wherever it is killed.
//! - [`Draft`] is a dataset whose pages are put as they come, and sealed when all are there.
//! - [`Store::seal_verdict`], [`Store::seal_fix`] and [`Store::seal_remap`] decide on what is sealed.
//! - [`verify`] holds the manifest against the bucket.
//! - [`Upload`] replaces an output, which is no part of the archive.
//!
//! The crate reads no environment: whoever uses it passes [`StoreSettings`].
//!
//! ```no_run
//! use catwing_domain::{SystemClock, manifest::{Completeness, SourceFacts}};
//! use catwing_raw_store::{Author, Incoming, Landing, Payload, Store, StoreSettings};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let secret = "secret".to_owned().into();
//! let store = Store::connect(StoreSettings::at("http://127.0.0.1:9000", "key", secret)).await?;
//! let tenant = "CW-000200".parse()?;
//! let day = "2026-02-24".parse()?;
//! let mapping = store.put_config(tenant, "timezone = \"UTC\"").await?;
//! let landed = Landing::new(&store, tenant, [day])
//!     .land(
//!         day,
//!         mapping,
//!         Author { run_id: "run-1", clock: &SystemClock },
//!         &[Incoming {
//!             dataset: "products".parse()?,
//!             page: None,
//!             extension: "json".into(),
//!             payload: Payload::from_file("products.json").await?,
//!             completeness: Completeness::Snapshot { scope: String::new() },
//!             source: SourceFacts { name: "erp".into(), ..SourceFacts::default() },
//!             record_count: None,
//!         }],
//!     )
//!     .await?;
//! assert_eq!(landed.objects[0].key, "raw-data/CW-000200/2026-02-24/products.json");
//! # Ok(())
//! # }
//! ```

mod config;
mod decision;
mod draft;
mod error;
mod landing;
mod manifest;
mod multipart;
mod object;
mod payload;
mod sealed;
mod store;
mod ui_event;
mod upload;
mod verify;

pub use config::{CONFIG_BYTES_MAX, config_key};
pub use decision::Correction;
pub use draft::{Draft, DraftOf, DraftPage};
pub use error::RawStoreError;
pub use landing::{Incoming, Landed, LandedObject, Landing, Outcome};
pub use manifest::{
    APPENDS_MAX, Author, ENTRIES_IN_FLIGHT, ENTRY_BYTES_MAX, Manifest, ManifestHead, SealedEntry,
};
pub use object::{
    Head, ObjectBody, Put, SINGLE_PUT_BYTES_MAX, UPLOAD_BYTES_PER_SECOND_MIN, VerifiedBody,
};
pub use payload::Payload;
pub use store::{
    ATTEMPT_TIMEOUT, ATTEMPTS_MAX, BUCKET_DEFAULT, CONNECT_TIMEOUT, Listed, STALL_TIMEOUT, Store,
    StoreSettings,
};
pub use ui_event::Writes;
pub use upload::{Published, UPLOAD_PART_BYTES, Upload};
pub use verify::{Finding, Progress, Report, State, VerifyOptions, verify};
