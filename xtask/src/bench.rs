//! `cargo xtask bench`: what Catwing's ways to the database cost, beside what PostgreSQL asks for the same.
//!
//! A benchmark, not a timed test: nothing fails for being slow.

mod figures;
mod flat;
mod meter;
mod processes;
mod program;
mod server;
mod taken;
mod templates;
mod upsert;
mod workload;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};

use self::figures::{Bench, Figure};
use self::program::Program;
use self::server::Server;
use self::templates::Templates;
use self::workload::{Size, Workload};
use crate::workspace::Workspace;

/// What is measured, with how much, and where it is told.
#[derive(clap::Args)]
pub struct Arguments {
    /// How much is measured with
    #[arg(long, value_enum, default_value = "small")]
    size: Size,
    /// Runs of each side of a figure, of which the median counts
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..))]
    runs: u16,
    /// Only these figures
    #[arg(long, value_enum, value_delimiter = ',', value_name = "FIGURES")]
    only: Vec<Figure>,
    /// Writes every sample of every run here, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Measures this binary instead of building one
    #[arg(long, value_name = "PATH")]
    catwing: Option<PathBuf>,
    /// Works in this folder and keeps it: the next run with it neither simulates, lands nor loads again
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// With --keep: loads again what figures begin with, for a binary that loads otherwise than the one before
    #[arg(long, requires = "keep")]
    reload: bool,
}

/// Takes the figures and shows them.
///
/// # Errors
/// Where something could not be run. Slowness is none.
pub fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let catwing = match &arguments.catwing {
        Some(path) => path
            .canonicalize()
            .with_context(|| format!("--catwing {} is not there", path.display()))?,
        None => workspace.release()?,
    };
    let folder = Folder::open(arguments.keep.as_deref())?;
    let program = Program::new(&catwing, &folder.path);
    let server = Server::start(&folder.path)?;
    let workload = Workload::prepare(arguments.size, &program, &server)?;
    let templates = Templates {
        server: &server,
        program: &program,
        workload: &workload,
    };
    templates.migrate()?;
    if arguments.reload {
        templates.forget()?;
    }
    let bench = Bench {
        server: &server,
        program: &program,
        workload: &workload,
        templates,
        runs: arguments.runs.into(),
    };
    let mut taken = Vec::new();
    for figure in Figure::ALL {
        if arguments.only.is_empty() || arguments.only.contains(figure) {
            taken.extend(bench.take(*figure)?);
        }
    }
    for one in &taken {
        for verdict in &one.verdicts {
            println!("{}: {} {} goal {:?}", one.what, verdict.of, verdict.unit.shown(verdict.value), verdict.at_most);
        }
    }
    if let Some(path) = &arguments.json {
        fs::write(path, serde_json::to_string_pretty(&taken)?)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Where a benchmark works. One of its own goes with it.
struct Folder {
    path: PathBuf,
    is_kept: bool,
    /// Held as long as we work there.
    _lock: fs::File,
}

impl Folder {
    fn open(keep: Option<&Path>) -> Result<Self> {
        let path = match keep {
            Some(path) => path.to_path_buf(),
            None => std::env::temp_dir().join(format!("catwing-bench-{}", std::process::id())),
        };
        let make = || -> std::io::Result<PathBuf> {
            fs::create_dir_all(&path)?;
            // The account that runs PostgreSQL for root passes through.
            fs::set_permissions(&path, fs::Permissions::from_mode(0o711))?;
            path.canonicalize()
        };
        let path = make().with_context(|| format!("cannot make {}", path.display()))?;
        let lock = fs::File::create(path.join("lock"))?;
        lock.try_lock().with_context(|| {
            format!("another benchmark works in {}: wait for it", path.display())
        })?;
        Ok(Self {
            path,
            is_kept: keep.is_some(),
            _lock: lock,
        })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.is_kept && fs::remove_dir_all(&self.path).is_err() {
            eprintln!("bench: could not remove {}", self.path.display());
        }
    }
}
