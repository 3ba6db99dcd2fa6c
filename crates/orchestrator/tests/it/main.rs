//! Tests of the command as people and schedulers call it: the real binary on a home of its own.

mod backup;
mod command;
mod day;
mod demo;
mod export;
mod fetch;
mod front;
mod kill;
mod lifecycle;
mod migrate;
mod names;
mod recovery;
mod retailer;
mod rights;
mod sales;
mod settings;
mod stand;
mod statistics;
mod together;
mod weather;
