//! Tests of the whole, against real servers.

mod database;
mod digest;
mod schema;
mod tenancy;
