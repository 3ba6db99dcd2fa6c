//! `cargo xtask bench`: what Catwing's ways to the database cost, beside what PostgreSQL asks for the same.
//!
//! A benchmark, not a timed test: nothing fails for being slow.

mod figures;
mod flat;
mod host;
mod meter;
mod page;
mod processes;
mod program;
mod report;
mod server;
mod statistics;
mod taken;
mod templates;
mod upsert;
mod workload;

use std::cell::RefCell;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};

use self::figures::{Bench, Figure};
use self::host::{Machine, Versions};
use self::program::Program;
use self::report::Report;
use self::server::Server;
use self::templates::Templates;
use self::workload::{Size, Workload};
use crate::workspace::Workspace;

/// The page of the repository, below its root.
const PAGE: &str = "docs/BENCHMARKS.md";

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
    /// Writes a page with the figures, machine and versions here: docs/BENCHMARKS.md where no FILE is given
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = PAGE)]
    page: Option<PathBuf>,
    /// Measures this binary instead of building one
    #[arg(long, value_name = "PATH")]
    catwing: Option<PathBuf>,
    /// Works in this folder and keeps it: the next run with it neither simulates, lands nor loads again
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// With --keep: loads again what figures begin with, for a binary that loads otherwise than the one before
    #[arg(long, requires = "keep")]
    reload: bool,
    /// Only shows that figures can be taken: the server does not wait for its disks
    #[arg(long = "form", hide = true)]
    is_for_form: bool,
}

/// What CI takes: each kind of yardstick but pg_restore, whose database takes longest to make.
const OF_CI: [Figure; 4] = [
    Figure::Backfill,
    Figure::Increment,
    Figure::Statistics,
    Figure::Export,
];

/// The small size once, with the binary that is built already: figures have their form, whatever they are.
///
/// # Errors
/// Where a figure can't be taken, or the page does not tell of each.
pub fn form(workspace: &Workspace) -> Result<ExitCode> {
    let page = workspace.scratch().join("benchmarks.md");
    fs::create_dir_all(workspace.scratch())?;
    let arguments = Arguments {
        size: Size::Small,
        runs: 1,
        only: OF_CI.to_vec(),
        json: None,
        page: Some(page.clone()),
        catwing: Some(workspace.catwing()),
        keep: None,
        reload: false,
        is_for_form: true,
    };
    let code = run(workspace, &arguments)?;
    let text = fs::read_to_string(&page)?;
    for said in [
        "backfill of an empty tenant",
        "a day's increment",
        "statistics, full",
        "export to Parquet",
    ] {
        ensure!(
            text.contains(&format!("\n| {said}")),
            "the page of the benchmark has no line of {said}"
        );
    }
    Ok(code)
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
    let server = Server::start(&folder.path, arguments.is_for_form)?;
    let workload = Workload::prepare(arguments.size, &program, &server)?;
    let templates = Templates {
        server: &server,
        program: &program,
        workload: &workload,
    };
    if arguments.reload {
        templates.forget()?;
    }
    templates.migrate()?;
    let bench = Bench {
        server: &server,
        program: &program,
        workload: &workload,
        templates,
        runs: arguments.runs.into(),
        first_times: RefCell::default(),
    };
    let mut figures = Vec::new();
    let asked = Figure::ALL.iter().filter(|one| arguments.takes(**one));
    for figure in asked {
        figures.extend(bench.take(*figure)?);
    }
    let is_given = arguments.catwing.is_some();
    let report = Report {
        machine: Machine::here()?,
        versions: Versions::of(workspace.root(), server.version()?, is_given)?,
        settings: server.settings(),
        command_line: arguments.command_line(),
        runs: bench.runs,
        figures,
        peak_rss_bytes: program.peaks(),
        workload: workload.clone(),
    };
    report.check()?;
    tell(&report, workspace, arguments)?;
    Ok(ExitCode::SUCCESS)
}

fn tell(report: &Report, workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let write = |path: &Path, text: String| {
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    if let Some(path) = &arguments.json {
        write(path, serde_json::to_string_pretty(report)?)?;
    }
    if let Some(path) = &arguments.page {
        let of_ours = workspace.root().join(PAGE);
        let path = if path == Path::new(PAGE) {
            &of_ours
        } else {
            path
        };
        write(path, page::markdown(report))?;
    }
    print!("{}", report.text());
    Ok(())
}

impl Arguments {
    fn takes(&self, figure: Figure) -> bool {
        self.only.is_empty() || self.only.contains(&figure)
    }

    /// What takes the same figures on any machine: without the names of folders and files.
    fn command_line(&self) -> String {
        let mut line = format!(
            "cargo xtask bench --size {} --runs {}",
            self.size.name(),
            self.runs
        );
        let names: Vec<_> = self.only.iter().map(|figure| figure.name()).collect();
        if !names.is_empty() {
            line.push_str(&format!(" --only {}", names.join(",")));
        }
        line
    }
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
