//! The simulated retailer, looked at from outside: what it writes, and whether its totals are true.

mod bytes;
mod flows;
mod recount;
mod server;
mod shape;
mod told;
