//! Tests of the command as people and schedulers call it: the real binary on a home of its own.

mod archive;
mod backup;
mod command;
mod day;
mod demo;
mod disk;
mod export;
/// Counts for `cargo xtask faults`, as the tests of the whole have them.
#[path = "../../../../tests/src/faults.rs"]
mod faults;
mod fetch;
mod first_load;
mod front;
mod kill;
mod lifecycle;
mod line;
mod migrate;
mod names;
mod points;
mod processes;
/// The proxy before the S3 server, as the tests of the archive have it.
#[path = "../../../../tests/it/raw_store/proxy.rs"]
mod proxy;
mod quality;
mod quarantine;
mod rebuilds;
mod recovery;
mod retailer;
mod rights;
mod sales;
mod server;
mod settings;
/// Skips that are said aloud, as the tests of the whole say them.
#[path = "../../../../tests/src/skips.rs"]
mod skips;
mod stand;
mod statistics;
mod storage;
mod together;
mod weather;
