//! The command `catwing`: settings, connections, runs, and what people and schedulers see of them.
//! It joins the stage crates and adds no rule of its own about data.
//!
//! ```
//! use clap::Parser;
//! use catwing_orchestrator::{Cli, Settings};
//!
//! let cli = Cli::parse_from(["catwing", "--home", "/srv/catwing", "status"]);
//! let settings = Settings::resolve(&cli.global, &|_| None).expect("defaults are complete");
//! assert_eq!(settings.home.value.to_str(), Some("/srv/catwing"));
//! ```

mod cli;
mod commands;
mod console;
mod failure;
mod journal;
mod logging;
mod registry;
mod session;
mod settings;

pub use cli::{Cli, Command, Global};
pub use commands::run;
pub use console::Console;
pub use failure::{exit_code, told};
pub use logging::start as start_log;
pub use session::Session;
pub use settings::Settings;
