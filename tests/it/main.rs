//! Tests of the whole, against real servers.

mod database;
mod digest;
mod migrations;
mod schema;
mod tenancy;
