//! Tests of the whole, against real servers.

mod database;
mod digest;
mod embedded_postgres;
mod front_door;
mod load;
mod migrations;
mod raw_store;
mod s3_client;
mod s3_conformance;
mod s3_processes;
mod s3_tls;
mod schema;
mod seaweedfs;
mod tenancy;
