//! The export, on databases and buckets of a test's own.

mod facts;
mod place;
mod publish;
mod readers;
mod replay;
