//! The one task runner of the workspace: `cargo xtask <task>`. CI runs the same tasks.
//!
//! It depends on none of our crates, so that it is there within seconds, on any state of them.
#![allow(
    clippy::print_stdout,
    reason = "a command line tool answers on standard output"
)]

mod bench;
mod check_deps;
mod check_docs;
mod check_migrations;
mod ci;
mod clock;
mod demo;
mod faults;
mod fuzz;
mod machine;
mod manifests;
mod recovery;
mod reference_data;
mod schema;
mod skips;
mod tally;
mod test;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// Builds, proves and shows Catwing.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Builds, prepares the machine and shows two simulated retailers: files to database, proved
    Demo {
        /// For `catwing demo`: --seed, --days, --home, --json
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Builds, prepares the machine and runs every test, or those whose names contain a filter
    Test {
        /// Parts of test names; without any, all tests run
        filters: Vec<String>,
    },
    /// Breaks on purpose what can break, and prints a table: kills, faults, digests compared
    ///
    /// The same tests are part of `test` and `ci`; this runs them alone and counts. Exit code 1 where one
    /// fails or a fault is not proved by any.
    Faults {
        /// Kill at a hundred random moments in each test of those
        #[arg(long)]
        long: bool,
        /// The first of those moments, to run one again that failed
        #[arg(long, value_name = "N", default_value_t = 0)]
        seed: u64,
    },
    /// Feeds everything that reads foreign bytes with mutations of a corpus, and counts
    ///
    /// The same targets are part of `test` and `ci`, over a few hundred mutations each; this runs them
    /// longer. An input that breaks one is printed whole. docs/FUZZING.md
    Fuzz {
        /// For each target
        #[arg(long, default_value_t = 10)]
        seconds: u64,
        /// What the mutations follow from
        #[arg(long, default_value_t = 2, value_name = "N")]
        seed: u64,
        /// Targets; without any, all
        targets: Vec<String>,
    },
    /// Builds `catwing` and rebuilds tenants from their raw archive, beside the live tables
    ///
    /// For an operator whose database is lost or suspected, from a checkout: it is `catwing recovery
    /// rebuild`, with the settings of the environment. Nothing is replaced before the answer is yes.
    Rebuild {
        /// For `catwing recovery rebuild`: --client, --until, --no-switch, --yes, --allow-gaps
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Builds `catwing` and proves both ways back, from a backup and from the archive alone
    ///
    /// For a schedule (weekly) and for CI against a staging database: it is `catwing recovery drill`, which
    /// works in databases that go again, records its report in the archive and exits with 1 where a digest
    /// differs from the live one.
    Drill {
        /// For `catwing recovery drill`: --client, --keep
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Measures what loading, statistics, rebuilds and exports cost, beside plain PostgreSQL doing the same
    ///
    /// Builds a release binary, simulates a retailer, starts a PostgreSQL of its own, and takes each figure in
    /// turn with its yardstick: CPU of client and server, wall time, memory, bytes of WAL. A benchmark and no
    /// test: it fails where something can't be run, never for being slow.
    Bench(bench::Arguments),
    /// Proves that the crates see each other only as docs/ARCHITECTURE.md says
    CheckDeps,
    /// Proves that no shipped migration was edited or removed
    CheckMigrations {
        /// Adds new SQL files to the list; a listed hash is never changed
        #[arg(long)]
        bless: bool,
    },
    /// Writes the migration with countries, currencies and languages, as their source lists them
    ReferenceData {
        /// Only proves that the newest such migration is what the source gives
        #[arg(long, conflicts_with = "into")]
        check: bool,
        /// A new migration, for a source that is newer than the shipped one
        #[arg(long, value_name = "NAME")]
        into: Option<String>,
    },
    /// Publishes the JSON Schema of canonical records below docs/schema
    Schema,
    /// Proves that the documentation builds, names every crate and has no broken links
    CheckDocs,
    /// The whole gate: formatting, layering, migrations, lints, documentation, reference data, tests
    Ci,
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(1)
        }
    }
}

fn run(task: Task) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    match task {
        Task::Demo { arguments } => demo::run(&workspace, &arguments),
        Task::Test { filters } => test::run(&workspace, &filters),
        Task::Faults { long, seed } => faults::run(&workspace, long, seed),
        Task::Fuzz {
            seconds,
            seed,
            targets,
        } => fuzz::run(&workspace, seconds, seed, &targets).map(|()| ExitCode::SUCCESS),
        Task::Rebuild { arguments } => recovery::run(&workspace, "rebuild", &arguments),
        Task::Drill { arguments } => recovery::run(&workspace, "drill", &arguments),
        Task::Bench(arguments) => bench::run(&workspace, &arguments),
        Task::CheckDeps => check_deps::run(&workspace).map(|()| ExitCode::SUCCESS),
        Task::CheckMigrations { bless } => {
            check_migrations::run(&workspace, bless).map(|()| ExitCode::SUCCESS)
        }
        Task::ReferenceData { check, into } => {
            reference_data::run(&workspace, check, into.as_deref()).map(|()| ExitCode::SUCCESS)
        }
        Task::Schema => schema::run(&workspace).map(|()| ExitCode::SUCCESS),
        Task::CheckDocs => check_docs::run(&workspace).map(|()| ExitCode::SUCCESS),
        Task::Ci => ci::run(&workspace),
    }
}
