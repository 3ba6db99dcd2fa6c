//! The tests of the whole, against real servers.

mod database;
mod digest;
mod front_door;
mod migrations;
mod schema;
mod tenancy;
