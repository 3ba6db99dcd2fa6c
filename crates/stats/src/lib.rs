//! Statistics of a tenant: sixteen tables that the UI reads, in a schema that can be dropped and
//! rebuilt at any time.
//!
//! [`refresh`] computes the days and periods that loads have touched since the last time, and those
//! whose rates of exchange have changed; [`rebuild`] computes all of them. Both leave the same rows,
//! so that digests are equal whatever the way was. All work is done by the server, in one transaction
//! with the tenant's lock: nobody sees half of it, and memory here does not grow with the history.
//!
//! Sales and expected demand are flows: they add up. Stock and pending purchase orders are not: a
//! period shows the tenant's last day with such data in it. Values are in the tenant's base currency,
//! with the latest rate on or before the day, rounded per fact at four decimals.
//!
//! ```no_run
//! use catwing_stats::{Subject, refresh};
//! use sea_orm::sqlx::PgPool;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let pool = PgPool::connect("postgres://localhost/catwing").await?;
//! let report = refresh(&pool, "CW-000200".parse()?).await?;
//! for (table, rows) in &report.tables {
//!     println!("{table}: {} new, {} changed, {} gone", rows.inserted, rows.updated, rows.deleted);
//! }
//! println!("{} days of sales", report.days[&Subject::Sales]);
//! # Ok(())
//! # }
//! ```

mod error;
mod refresh;
mod report;
mod statement;
mod subject;

pub use error::StatsError;
pub use refresh::{rebuild, refresh, refresh_at};
pub use report::{RowChanges, Seconds, StatsReport};
pub use subject::Subject;
