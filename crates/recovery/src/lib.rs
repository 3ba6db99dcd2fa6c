//! Proof that the raw archive determines the database, and ways back to it.
//!
//! A digest says in 128 bits a table what a tenant's database holds, so that two databases which
//! were filled in different orders, on different machines, can be compared. How it is computed is
//! defined in `docs/DIGEST.md`.
//!
//! ```no_run
//! use catwing_domain::TenantId;
//! use catwing_recovery::digest::{Comparison, compare, digest};
//! use sea_orm::sqlx::PgPool;
//!
//! # async fn example(live: &PgPool, rebuilt: &PgPool) -> Result<(), Box<dyn std::error::Error>> {
//! let tenant: TenantId = "CW-000200".parse()?;
//! let before = digest(live, tenant).await?;
//! let after = digest(rebuilt, tenant).await?;
//! match compare(&before, &after)? {
//!     Comparison::Equal => {}
//!     Comparison::Different(tables) => {
//!         for table in tables {
//!             assert!(!table.days.is_empty(), "{} differs on a day", table.table);
//!         }
//!     }
//! }
//! # Ok(())
//! # }
//! ```

pub mod apply;
pub mod backup;
pub mod digest;
pub mod drill;
mod error;
pub mod gaps;
pub mod rebuild;
pub mod repair;
pub mod site;
pub mod switch;

pub use error::RecoveryError;
