//! A simulated retailer: what its ERP says each day, as files or over HTTP, and the totals that a right
//! program finds in them.
//!
//! It speaks the canonical records, so that its mapping is empty. The same settings give the same
//! bytes on every machine. It is as untidy as real sources are: documents arrive late, are sent
//! twice and are corrected, goods come in parts, short, and before their order is told of, products
//! and prices come and go, a day is delivered a second time, and some records are wrong. Its goods
//! are conserved: the stock of an evening is the stock of the evening before, what came and what
//! left. Its own totals are kept while it writes, by the plain rule that the newest version of a
//! document counts, and share no code with what they are compared with.
//!
//! ```
//! use catwing_simulator::{Dataset, History, Settings};
//!
//! let mut settings = Settings::demo("CW-000200".parse()?, 7);
//! settings.datasets = vec![Dataset::Products, Dataset::SalesOrders];
//! let mut history = History::new(settings);
//! let first = history.next().expect("a history has days");
//! assert_eq!(first.day.to_string(), "2026-01-05");
//! let names: Vec<_> = first.files.iter().map(|file| file.name.as_str()).collect();
//! assert_eq!(names, ["products.json", "sales_orders.json"]);
//! for _later_day in history.by_ref() {}
//! assert!(history.totals().documents["sale"].documents > 1_000);
//! # Ok::<(), catwing_domain::DomainError>(())
//! ```
//!
//! Over HTTP any day can be asked for at any time:
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//!
//! use catwing_simulator::{Erp, History, Server, Settings};
//!
//! let erp = Arc::new(Erp::new(History::new(Settings::demo("CW-000200".parse()?, 7)))?);
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! let server = Server::start(erp, listener, Some("a token".to_owned()))?;
//! println!("{}/v1/sales_orders?date=2026-01-05&page=1", server.url());
//! server.stop().await?;
//! # Ok(())
//! # }
//! ```

mod amount;
mod books;
mod buying;
mod calendar;
mod dataset;
mod demand;
mod dirt;
mod document;
mod erp;
mod error;
mod history;
mod market;
mod masters;
mod selling;
mod server;
mod settings;
mod sheet;
mod spool;
mod stock;
mod supply;
mod till;
mod totals;
mod workday;

pub use dataset::Dataset;
pub use erp::{Clock, Erp};
pub use error::SimulatorError;
pub use history::History;
pub use server::Server;
pub use settings::Settings;
pub use sheet::{DayFile, DayOfHistory};
pub use totals::{
    DocumentTotals, OpenPurchases, Pending, SalesOfDay, SharedTotals, Sold, StockAtEnd,
    StockTotals, Totals,
};
