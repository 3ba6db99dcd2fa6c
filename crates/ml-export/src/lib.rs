//! Parquet for data scientists: daily facts of products at places, and what models learn from them.
//!
//! [`export`] writes, below `ml-output/<client>/<run date>/`:
//!
//! - `features.parquet`: what is known of a product at a location on a day,
//! - `targets.parquet`: how much of it was asked for on the day and after it,
//! - `_manifest.json`: last, so that where it is the files are whole ([`ExportManifest`]).
//!
//! Both files are of one moment of the database, seen by the tenant's reader role, and are sorted by
//! product, location and date by the bytes of their identifiers: the same database gives the same
//! bytes. They are streamed: memory does not grow with the facts. Measured on 4,000,000 rows of each
//! file: 92 MiB at the peak for the whole process, the embedded S3 server included.
//!
//! ```no_run
//! use catwing_ml_export::{Window, export};
//! use catwing_raw_store::{Store, StoreSettings};
//! use sea_orm::sqlx::PgPool;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let pool = PgPool::connect("postgres://localhost/catwing").await?;
//! let secret = "secret".to_owned().into();
//! let store = Store::connect(StoreSettings::at("http://127.0.0.1:9000", "key", secret)).await?;
//! let window = Window { from: None, run_date: "2026-02-24".parse()? };
//! let report = export(&pool, &store, "CW-000200".parse()?, window).await?;
//! for file in &report.files {
//!     println!("{}: {} rows", file.key, file.rows);
//! }
//! # Ok(())
//! # }
//! ```
//!
#![doc = include_str!("../COLUMNS.md")]

mod batch;
mod column;
mod copy;
mod error;
mod export;
mod manifest;
mod parquet_file;
mod snapshot;

pub use column::{Column, ColumnType, FEATURES, TARGETS, schema};
pub use error::ExportError;
pub use export::{ExportReport, ExportedFile, Window, export, export_prefix, manifest_key};
pub use manifest::{ColumnEntry, ExportManifest, FileEntry, MANIFEST_VERSION, Position};
pub use parquet_file::{BATCH_ROWS, ROW_GROUP_BYTES, ROW_GROUP_ROWS};
