//! The crate from outside.

mod bad_bytes;
mod bad_documents;
mod bad_records;
mod bounds;
mod checks;
mod contracts;
mod corrections;
mod coverage;
mod day_facts;
mod determinism;
mod expression_mistakes;
mod fixture;
mod joins;
mod language;
mod malformed;
mod masters;
mod mistakes;
mod northwind;
mod online_retail;
mod real_data;
mod shapes;
mod supply;
mod units;
