//! Settings: what people set in the UI, read and written.
//!
//! Rows are only added; the newest of a key is in force, and older ones are the audit trail. A write goes
//! to raw first, as a ui event, and then the way of every delivery, so that a rebuild brings it back. It
//! acts on the next run. Before it is saved, [`Settings::plan`] says how far it goes and which steps the
//! next run will make because of it.
//!
//! ```no_run
//! use catwing_domain::{SystemClock, TenantId, manifest::Sha256Hash, tenant_file::TenantFile};
//! use catwing_raw_store::{Store, StoreSettings};
//! use catwing_settings::{Change, Settings, Writer};
//! use catwing_transform::Mapping;
//! use sea_orm::sqlx::PgPool;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let store = Store::connect(StoreSettings::at("http://127.0.0.1:9000", "key", "secret".into())).await?;
//! let pool = PgPool::connect("postgres://localhost/catwing").await?;
//! let bytes = std::fs::read("retailer.toml")?;
//! let file = TenantFile::parse(std::str::from_utf8(&bytes)?)?;
//! let mapping = Mapping::compile(&file).map_err(|mistakes| format!("{mistakes:?}"))?;
//! let settings = Settings {
//!     store: &store,
//!     pool: &pool,
//!     tenant: file.client,
//!     mapping: (Sha256Hash::of(&bytes), &mapping),
//!     clock: &SystemClock,
//! };
//!
//! let change = Change::parse("product_settings", &["product=P001".into(), "package_qty=6".into()])?;
//! let plan = settings.plan(&change, "ana@shop.example").await?;
//! println!("{:?}: steps {:?}", plan.severity, plan.steps);
//! let writer = Writer { user: "ana@shop.example", event_id: "7", run_id: "ui-7" };
//! let saved = settings.save(&change, writer).await?;
//! assert!(saved.applied);
//! # Ok(())
//! # }
//! ```

mod change;
mod error;
mod reading;
mod settings;
mod table;

pub use change::{Change, FieldChange, Plan};
pub use error::SettingsError;
pub use reading::{ROWS_MAX, SettingRow};
pub use settings::{Saved, Settings, Writer};
pub use table::{FieldRule, KeyPart, SettingsTable, Severity, TABLES, ValueKind};
