//! The log file in the home: what happened, for whoever looks at night.

use std::fs::OpenOptions;

use tracing_subscriber::{EnvFilter, fmt, prelude::*};

use crate::Settings;

/// A log larger than this is put aside when a command starts.
const LOG_BYTES_MAX: u64 = 32 << 20;

/// Writes the log to `log/catwing.log` in the home. A home that can't be written is told of by the
/// command itself, which needs it too, so there is no log then and no error here.
pub fn start(settings: &Settings) {
    let folder = settings.home.value.join("log");
    let path = folder.join("catwing.log");
    let Ok(()) = std::fs::create_dir_all(&folder) else {
        return;
    };
    if std::fs::metadata(&path).is_ok_and(|metadata| metadata.len() > LOG_BYTES_MAX) {
        let _ = std::fs::rename(&path, folder.join("catwing.log.1"));
    }
    let Ok(file) = OpenOptions::new().create(true).append(true).open(path) else {
        return;
    };
    let filter = EnvFilter::try_new(&settings.log.value).unwrap_or_else(|_| EnvFilter::new("info"));
    let layer = fmt::layer()
        .with_ansi(false)
        .with_writer(std::sync::Mutex::new(file));
    let _ = tracing_subscriber::registry()
        .with(filter)
        .with(layer)
        .try_init();
}
