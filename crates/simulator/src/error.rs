//! What can go wrong when a history is served.

use std::io;

/// A simulated ERP that can't be served. A history itself can't fail.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimulatorError {
    /// The records' temporary files can't be written: make room in the folder for temporary files, or
    /// name another one with TMPDIR.
    #[error("failed to keep the records of {dataset}: make room in the folder for temporary files")]
    Spool {
        /// Whose records.
        dataset: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The records' temporary files can't be read back: start the ERP again.
    #[error("failed to read the records of {dataset} back: start the simulated ERP again")]
    Read {
        /// Whose records.
        dataset: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The listener has no address, or broke: give it another one.
    #[error("failed to serve the simulated ERP: give it another listener")]
    Serve {
        /// Why.
        #[source]
        source: io::Error,
    },
}
