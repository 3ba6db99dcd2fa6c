//! Servers that catwing brings along, so that a machine without any
//! configuration has an archive and a database:
//!
//! - [`Postgres`]: a private PostgreSQL cluster of one [`Home`], run from the
//!   machine's own PostgreSQL binaries on a unix socket;
//! - [`S3Server`]: an S3 server inside this process over a plain folder, strict
//!   enough for a ledger;
//! - [`machine::examine`]: what this machine has and lacks for both.
//!
//! Only addresses differ from production: clients, SQL and code paths do not.
//!
//! ```no_run
//! use catwing_embedded::{Home, Postgres, S3Server};
//!
//! # async fn example() -> Result<(), catwing_embedded::Error> {
//! let home = Home::open("./.catwing".as_ref())?;
//! let address = Postgres::new(home.clone(), None).ensure_running()?;
//! let s3 = S3Server::start(&home.s3()).await?;
//! assert!(address.url.starts_with("postgres://postgres@localhost/"));
//! assert!(s3.endpoint().starts_with("http://127.0.0.1:"));
//! # Ok(())
//! # }
//! ```

mod account;
mod binaries;
mod clients;
mod error;
mod home;
pub mod machine;
mod postgres;
mod programs;
mod s3;
mod scratch;

pub use binaries::{Binaries, OLDEST_MAJOR};
pub use clients::Clients;
pub use error::Error;
pub use home::Home;
pub use postgres::{Postgres, PostgresAddress, PostgresState, PostgresStatus, PsqlCommand};
pub use s3::S3Server;
pub use scratch::Scratch;
