//! From a source's bytes to rows: decoding, the tenant's mapping, canonical records, keys and
//! versions. Pure: no I/O, no clock, nothing asked of a database. The same bytes, the same mapping
//! and the same [`TRANSFORM_VERSION`] give the same rows on every machine.
//!
//! ```
//! use catwing_domain::{TableId, tenant_file::TenantFile};
//! use catwing_transform::{Mapping, transform};
//!
//! let file = TenantFile::parse(r#"
//!     client = "CW-000200"
//!     name = "Corner shop"
//!     time_zone = "Europe/Sofia"
//!     base_currency = "EUR"
//!     [datasets.sales]
//!     number = 20
//!     format = { type = "csv", delimiter = ";" }
//!     [datasets.sales.feeds.sales_orders]
//!     document = "receipt"
//!     [datasets.sales.feeds.sales_orders.fields]
//!     external_id = "receipt"
//!     order_date = { path = "day", date = "%d.%m.%Y" }
//!     location_external_id = { value = "S1" }
//!     lines = { rows = true, fields = { product_external_id = "sku", qty = "pieces", unit_price = { path = "price", number = { decimal = "," } } } }
//! "#)?;
//! let mapping = Mapping::compile(&file).expect("the file has no mistakes");
//! let csv = "receipt;day;sku;pieces;price\n7;24.02.2026;A;2;1,50\n7;24.02.2026;B;1;0,99\n";
//! let whole = transform(&mapping, "2026-02-24".parse()?, &[("sales.csv".parse()?, csv.as_bytes())])?;
//! assert_eq!(whole.output.rows[&TableId::SalesOrderLines].len(), 2);
//! assert!(whole.output.rejects.is_empty() && whole.summary.drift.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod accepted;
mod assembly;
mod brand;
mod canonical;
mod category;
mod city;
mod condition;
mod correction;
mod csv;
mod customer;
mod delivery;
mod document;
mod drift;
mod error;
mod evaluate;
mod expression;
mod feed;
mod field_path;
mod header;
mod intake;
mod inventory;
mod item;
mod join;
mod json;
mod json_stream;
mod lines;
mod location;
mod lookup;
mod mapping;
mod natural_key;
mod number;
mod observation;
mod parents;
mod partners;
mod preview;
mod pricing_list;
mod product;
mod purchase_order;
mod range;
mod raw;
mod reading;
mod receiving_order;
mod recent_keys;
mod record_plan;
mod sales_order;
mod scribe;
mod setting;
mod source;
mod spelling;
mod step;
mod store_order;
mod supplier;
mod texts;
mod transfer_order;
mod transform;
mod translation;
mod value;
mod whole;
mod writing;

pub use correction::FoundRecord;
pub use error::TransformError;
pub use mapping::Mapping;
pub use preview::Preview;
pub use raw::RECORD_BYTES_MAX;
pub use scribe::Mistake;
pub use transform::{Stretch, Summary, TRANSFORM_VERSION, Transform};
pub use whole::{Whole, correct, find, preview, transform};
