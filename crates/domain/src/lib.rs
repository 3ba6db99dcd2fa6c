//! The words of Catwing: tenants, business days, raw objects and their manifest, keys, versions,
//! the catalogue of tables, and the rows that `transform` hands to `load`.
//!
//! This crate does no I/O, reads no clock and knows no SQL but identifiers. Everything here is a
//! value or a pure function of values, so that every other crate can agree on it.
//!
//! ```
//! use catwing_domain::{RowKey, TableId, TenantId};
//!
//! let tenant: TenantId = "CW-000200".parse()?;
//! assert_eq!(tenant.schema().to_string(), "cw_200");
//! // A row's id follows from its table and natural key alone, on every machine.
//! assert_eq!(
//!     RowKey::of(TableId::Customers, "", &[Some("17850")])?,
//!     RowKey::of(TableId::Customers, "", &[Some("17850")])?,
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod catalog;
mod clock;
mod day;
mod decimal;
mod delivery;
mod drift;
mod error;
pub mod failpoint;
mod identifier;
mod key;
pub mod manifest;
mod object;
mod record;
mod row;
mod tenant;
pub mod tenant_file;
mod version;

pub use catalog::{Class, Column, ColumnType, Merge, Table, TableId};
pub use clock::{Clock, SystemClock};
pub use day::{BusinessDay, DayZone};
pub use decimal::{Factor, Money, Quantity, Rate, Real};
pub use delivery::{
    City, DaySet, ObjectCounts, Output, PresenceMark, PresenceScope, Problem, Reject, Rule, Unit,
};
pub use drift::{DRIFT_FIELDS_MAX, Drift, DriftField, DriftKind, DriftSeen};
pub use error::{DomainError, ErrorClass};
pub use failpoint::failpoint;
pub use identifier::Identifier;
pub use key::{KEY_BYTES_MAX, RowKey};
pub use object::{DatasetName, ObjectName, Revision};
pub use record::{Entity, Field, FieldType};
pub use row::{Cell, RowWriter, Rows};
pub use tenant::{Site, TenantId, TenantSchemas};
pub use version::{DatasetNumber, Place, RawPosition, Version};
