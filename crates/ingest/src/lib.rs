//! Brings what sources deliver into the raw store, byte for byte.
//!
//! - [`plan_import`] says what each file of a directory is, and refuses what is not clear;
//!   [`import`] lands it.
//! - [`RestSource`] is a server that is asked page by page; a [`FetchOrder`] is a dataset of it.
//! - [`ingest_day`] brings files and pages of one business day together as one delivery.
//!
//! ```
//! use catwing_ingest::{DateRule, Datasets, plan_import};
//! use catwing_domain::tenant_file::TenantFile;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let directory = std::env::temp_dir().join(format!("catwing-doc-{}", std::process::id()));
//! std::fs::create_dir_all(&directory)?;
//! std::fs::write(directory.join("sales_2010-12-01.csv"), "id;total\n1;2.50\n")?;
//! let tenant = TenantFile::parse(
//!     "client = 'CW-000310'\nname = 'Gifts'\ntime_zone = 'Europe/London'\n\
//!      base_currency = 'GBP'\n[datasets.sales]\nnumber = 20\n",
//! )?;
//! let datasets = Datasets { only: None, tenant: &tenant };
//! let dates = DateRule::FromName("{dataset}_%Y-%m-%d".parse()?);
//! let plan = plan_import(&directory, &datasets, &dates)?;
//! assert_eq!(plan.deliveries[0].day.to_string(), "2010-12-01");
//! assert_eq!(plan.deliveries[0].files[0].dataset.as_str(), "sales");
//! # std::fs::remove_dir_all(&directory)?;
//! # Ok(())
//! # }
//! ```
//!
//! A dataset of a REST source, fetched and sealed for a day:
//!
//! ```no_run
//! # use std::{path::Path, sync::Arc};
//! # use catwing_domain::{SystemClock, tenant_file::{SourceFile, TenantFile}};
//! # use catwing_ingest::{Destination, FetchOrder, RestSettings, RestSource, ingest_day};
//! # use catwing_raw_store::Landing;
//! # async fn example(
//! #     file: &TenantFile,
//! #     destination: Destination<'_>,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! let Some(SourceFile::Rest(rest)) = file.sources.get("erp") else {
//!     return Err("there is no REST source erp".into());
//! };
//! let settings = RestSettings::of("erp", rest, &|name| std::env::var(name).ok())?;
//! let source = RestSource::new(&settings, Arc::new(SystemClock))?;
//! let day = "2026-02-24".parse()?;
//! let orders: Vec<_> = source.orders(file).collect();
//! let mut landing = Landing::new(destination.store, destination.tenant, [day]);
//! let work = (&[][..], orders.as_slice());
//! let spool = Path::new("/var/spool/catwing");
//! let report = ingest_day(&mut landing, destination, day, work, spool, &|page| {
//!     println!("{}: {} records so far", page.dataset, page.records);
//! })
//! .await?;
//! println!("{} objects landed", report.landed());
//! # Ok(())
//! # }
//! ```

mod day;
mod error;
mod file_name;
mod import;
mod name_pattern;
mod plan;
mod rest;
mod walk;

pub use day::{DayReport, FetchOutcome, FetchedDataset, ingest_day};
pub use error::{IngestError, Refusal};
pub use import::{Destination, ImportProgress, ImportReport, ImportedFile, import};
pub use name_pattern::NamePattern;
pub use plan::{
    Datasets, DateRule, Ignored, ImportPlan, PlannedDelivery, PlannedFile, plan_import,
};
pub use rest::{
    FIRST_PAUSE, FetchOrder, FetchProgress, FetchWatch, Fetched, RestSettings, RestSource,
};
