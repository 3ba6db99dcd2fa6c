//! Tests of the whole, against real servers.

mod database;
mod digest;
mod embedded_postgres;
mod export;
mod front_door;
mod load;
mod migrations;
mod northwind;
mod online_retail;
mod raw_store;
mod receipts;
mod reference_data;
mod refused;
mod replay;
mod s3_client;
mod s3_conformance;
mod s3_durability;
mod s3_processes;
mod s3_tls;
mod schema;
mod seaweedfs;
mod settings;
mod stats;
mod tenancy;
mod warehouse;
