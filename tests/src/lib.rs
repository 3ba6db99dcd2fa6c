//! What the tests of the whole stand on: servers of their own, skips that are said aloud, and the
//! reference data that `cw_global` must hold.
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! use catwing_tests::servers::{TestBucket, TestDatabase};
//!
//! let database = TestDatabase::create().await?;
//! let bucket = TestBucket::create().await?;
//! println!("{} {}", database.url(), bucket.endpoint());
//! # Ok(())
//! # } // both are gone here, and so is a server that no other test uses
//! ```

pub mod faults;
pub mod fuzz;
pub mod reference;
pub mod servers;
mod skips;

pub use skips::skip;
