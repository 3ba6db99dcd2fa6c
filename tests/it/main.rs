//! Tests that cross the borders of crates, on real servers.

mod embedded_postgres;
mod s3_client;
mod s3_conformance;
mod s3_processes;
mod s3_tls;
mod seaweedfs;
