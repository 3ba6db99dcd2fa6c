//! The command line: what can be asked of `catwing`, and the help that teaches it.

mod backup;
mod quality;
mod quarantine;
mod recovery;
mod settings;
mod simulator;

use std::path::PathBuf;

use catwing_domain::{BusinessDay, DatasetName, TenantId};
use clap::{Args, Parser, Subcommand};

pub use backup::{BackupArgs, BackupCommand};
pub use quality::{QualityCommand, VerdictArgs};
pub use quarantine::{Period, QuarantineCommand, QuarantineFilter, QuarantineFixArgs};
pub use recovery::{DrillArgs, RebuildArgs, RecoveryCommand, RestoreArgs, TargetArgs};
pub use settings::{SettingsCommand, SettingsQuestion, SettingsSetArgs};
pub use simulator::{DemoArgs, SimulationArgs, SimulatorArgs};

/// A data pipeline for retail: an immutable raw archive that determines the database.
#[derive(Debug, Parser)]
#[command(name = "catwing", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    /// Settings that every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 success; 1 finished with failures; 2 usage or configuration; \
3 the quality gate refused; 4 locked by another run; 5 a raw object is missing or corrupt.\n\n\
Without any configuration, state is kept in ./.catwing: a private PostgreSQL and an S3 folder. \
DATABASE_URL and AWS_ENDPOINT_URL with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY replace them.";

/// Settings that every command takes. A flag goes before CATWING_* variables, those before the file.
#[derive(Args, Clone, Debug, Default)]
pub struct Global {
    /// Print one JSON document on stdout instead of text.
    #[arg(long, global = true)]
    pub json: bool,
    /// Print results only: no progress and no remarks.
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Settings file (else CATWING_CONFIG, else ./catwing.toml where it exists).
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of the embedded PostgreSQL, the S3 folder and logs (else CATWING_HOME, else ./.catwing).
    #[arg(long, global = true, value_name = "DIR")]
    pub home: Option<PathBuf>,
}

/// What can be asked.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Two simulated retailers on the embedded servers: files to database, totals compared, replayed.
    Demo(DemoArgs),
    /// A simulated retailer's ERP: a paged REST API, to try sources and to measure with.
    ///
    /// It speaks the canonical records of eleven kinds, and rates of exchange. `PUT /clock
    /// {"day": "2026-01-07", "delivery": 1}` says how far its time is; without a clock it knows the whole
    /// history. It serves until it is interrupted.
    Simulator(SimulatorArgs),
    /// The embedded PostgreSQL and S3 folder.
    #[command(subcommand)]
    Db(DbCommand),
    /// Say what this machine has and lacks, with the command that mends it.
    Doctor,
    /// Bring all schemas to the newest version.
    Migrate,
    /// Tenants and the files that describe them.
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// The raw archive.
    #[command(subcommand)]
    Raw(RawCommand),
    /// Step 1: bring in what the tenant's sources have for a day.
    Ingest(DayArgs),
    /// Run the steps of a business day: 1 ingest, 2 quality gate, 3 transform and load, 4 health monitor,
    /// 8 statistics, 9 export.
    ///
    /// Where the gate refuses a delivery, nothing of the day is loaded and the exit code is 3.
    Run(RunArgs),
    /// Bring in the days that the archive lacks (with --from and --to), and load every delivery that
    /// the database lacks, newest day first.
    ///
    /// A long history of a tenant that has nothing yet is loaded in bulk, at a third of the price: beside the
    /// empty tables, in whose place it comes at the end. Killed, the same command goes on.
    Backfill(BackfillArgs),
    /// The quality gate: its checks, what they found, and what people decide about it.
    #[command(subcommand)]
    Quality(QualityCommand),
    /// Records that were refused, and why.
    #[command(subcommand)]
    Quarantine(QuarantineCommand),
    /// What people set in the UI: shown, set, and looked back on. Rows are only added.
    #[command(subcommand)]
    Settings(SettingsCommand),
    /// Statistics: sales, stock, pending purchase orders, by day, week, month and quarter.
    #[command(subcommand)]
    Stats(StatsCommand),
    /// Step 9: daily facts of products and places as Parquet, below ml-output/ in the bucket.
    Export(ExportArgs),
    /// Digests of a tenant's database.
    Digest(DigestArgs),
    /// Bring a database back from the archive, or prove that it can be.
    #[command(subcommand)]
    Recovery(RecoveryCommand),
    /// Back up every tenant: one file of one snapshot, read back before it counts.
    Backup(BackupArgs),
    /// Where every tenant stands: newest day, what is to load, refused records, the last run.
    Status(StatusArgs),
    /// Past runs.
    #[command(subcommand)]
    Runs(RunsCommand),
    /// Settings in force.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// JSON Schema of the canonical records that sources deliver, of one entity or of all.
    Schema {
        /// The entity: products, sales_orders.
        entity: Option<String>,
        /// Writes a file for each entity into this folder instead.
        #[arg(long, value_name = "DIR", conflicts_with = "entity")]
        into: Option<PathBuf>,
    },
    /// Print a completion script for a shell: `source <(catwing completions bash)`.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// `catwing db`.
#[derive(Debug, Subcommand)]
pub enum DbCommand {
    /// Start the embedded PostgreSQL; other commands do so by themselves.
    Up,
    /// Stop it.
    Down,
    /// Say whether it runs, and where.
    Status,
    /// Open psql on the database in use.
    Psql {
        /// Arguments for psql, after `--`.
        #[arg(last = true)]
        args: Vec<String>,
    },
}

/// `catwing tenant`.
#[derive(Debug, Subcommand)]
pub enum TenantCommand {
    /// Add a tenant, or put a new version of its file in force for deliveries from now on.
    Add {
        /// The tenant's TOML file.
        file: PathBuf,
    },
    /// List tenants.
    List,
    /// Show a tenant's file in force.
    Show {
        /// The tenant, CW-000200.
        client: TenantId,
    },
    /// Check a tenant's file: every mistake is told, nothing is changed.
    Check {
        /// The tenant's TOML file.
        file: PathBuf,
    },
    /// Map files without storing anything: the first records of each entity, and the first rejects.
    Preview {
        /// The tenant's TOML file.
        file: PathBuf,
        /// A file, or a folder of files.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// Records and rejects to show of each entity.
        #[arg(long, default_value_t = 3)]
        limit: usize,
        /// The dataset of all files, where their names do not say.
        #[arg(long)]
        dataset: Option<DatasetName>,
    },
    /// Fields that sources have and the mapping does not use, or that it names and no record has: each
    /// with the first object that showed it.
    Drift {
        /// The tenant.
        client: TenantId,
    },
    /// Have one entity of deliveries from an entry on read by another file; takes effect by a rebuild.
    Remap {
        /// The tenant's TOML file that reads the entity as it should have been read.
        file: PathBuf,
        /// The entity: products, locations, customers, sales_orders.
        #[arg(long)]
        entity: String,
        /// The first entry that it holds for, as `catwing raw ls` shows it.
        #[arg(long, value_name = "ENTRY")]
        from: u64,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Remove a tenant's schemas from the database; the archive keeps everything.
    Remove {
        /// The tenant.
        client: TenantId,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

/// `catwing raw`.
#[derive(Debug, Subcommand)]
pub enum RawCommand {
    /// Land existing files byte for byte, as deliveries of their business days.
    Import {
        /// A folder of files, or one file.
        directory: PathBuf,
        /// The tenant.
        #[arg(long)]
        client: TenantId,
        /// The business day of all files.
        #[arg(
            long,
            conflicts_with = "date_from_name",
            required_unless_present = "date_from_name"
        )]
        date: Option<BusinessDay>,
        /// Where names hold the day: `%Y-%m-%d`, `{dataset}_%Y%m%d`, `*/%Y-%m-%d/{dataset}`.
        #[arg(long, value_name = "PATTERN")]
        date_from_name: Option<String>,
        /// The dataset of all files.
        #[arg(long)]
        dataset: Option<DatasetName>,
    },
    /// List deliveries, or with a day its objects.
    Ls {
        /// The tenant.
        #[arg(long)]
        client: TenantId,
        /// One business day.
        #[arg(long)]
        date: Option<BusinessDay>,
    },
    /// Print an object's bytes, verified against the manifest.
    Cat {
        /// The tenant.
        #[arg(long)]
        client: TenantId,
        /// The whole key, as `raw ls` shows it.
        key: String,
    },
    /// Compare the archive with its manifest: exit code 5 if anything is missing or changed.
    Verify {
        /// One tenant; all of them without.
        #[arg(long)]
        client: Option<TenantId>,
        /// Read every byte.
        #[arg(long)]
        deep: bool,
    },
}

/// A tenant and a day.
#[derive(Args, Debug)]
pub struct DayArgs {
    /// The tenant.
    #[arg(long)]
    pub client: TenantId,
    /// The business day.
    #[arg(long)]
    pub date: BusinessDay,
}

/// `catwing run`.
#[derive(Args, Debug)]
pub struct RunArgs {
    /// The tenant.
    #[arg(long, conflicts_with = "all", required_unless_present = "all")]
    pub client: Option<TenantId>,
    /// Every tenant: shared data first, then the others side by side.
    #[arg(long)]
    pub all: bool,
    /// How many tenants run side by side; as many as there are processors, at most 4, where absent.
    #[arg(long, value_name = "N", requires = "all", value_parser = clap::value_parser!(u8).range(1..=16))]
    pub jobs: Option<u8>,
    /// The business day.
    #[arg(long)]
    pub date: BusinessDay,
    /// The first step, by number or name.
    #[arg(long, value_name = "STEP")]
    pub from: Option<String>,
    /// The last step.
    #[arg(long, value_name = "STEP")]
    pub to: Option<String>,
    /// Repeat steps that the failed run before had finished.
    #[arg(long)]
    pub force: bool,
}

/// `catwing backfill`.
#[derive(Args, Debug)]
pub struct BackfillArgs {
    /// The tenant.
    #[arg(long)]
    pub client: TenantId,
    /// The first business day; the archive's first without. With both, days that the archive lacks
    /// are brought in from the sources first.
    #[arg(long)]
    pub from: Option<BusinessDay>,
    /// The last business day; the archive's last without.
    #[arg(long)]
    pub to: Option<BusinessDay>,
    /// The order in which deliveries are applied; the result is the same.
    #[arg(long, value_enum, default_value_t = Order::Newest)]
    pub order: Order,
    /// Deliveries in one transaction at the most; as many as is fast without.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    pub per_transaction: Option<u64>,
    /// Show the list of days and stop.
    #[arg(long)]
    pub dry_run: bool,
}

/// The order in which deliveries are applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Order {
    /// The newest business day first, so that today is there soonest.
    Newest,
    /// The oldest business day first.
    Oldest,
    /// The order in which they were landed.
    Landed,
    /// By a hash of the entry: neither of the others, the same each time.
    Shuffled,
}

/// `catwing stats`.
#[derive(Debug, Subcommand)]
pub enum StatsCommand {
    /// Compute the days that loads have touched, those with other rates, and the periods of both.
    Refresh(StatsRefreshArgs),
    /// Compute everything from the tenant's tables; a dropped statistics schema is made again.
    Rebuild {
        /// The tenant.
        #[arg(long)]
        client: TenantId,
    },
}

/// `catwing stats refresh`.
#[derive(Args, Debug)]
pub struct StatsRefreshArgs {
    /// The tenant.
    #[arg(long, required_unless_present = "all", conflicts_with = "all")]
    pub client: Option<TenantId>,
    /// Every tenant, one after the other.
    #[arg(long)]
    pub all: bool,
}

/// `catwing export`.
#[derive(Args, Debug)]
pub struct ExportArgs {
    /// The tenant.
    #[arg(long)]
    pub client: TenantId,
    /// The last business day of the facts; an export of the same day is replaced.
    #[arg(long)]
    pub date: BusinessDay,
    /// The first business day; the first of all facts without.
    #[arg(long)]
    pub from: Option<BusinessDay>,
}

/// `catwing digest`.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DigestArgs {
    /// The tenant.
    #[arg(long, required = true)]
    pub client: Option<TenantId>,
    /// With the digests of every business day.
    #[arg(long)]
    pub days: bool,
    /// Compare instead.
    #[command(subcommand)]
    pub compare: Option<DigestCommand>,
}

/// `catwing digest diff`.
#[derive(Debug, Subcommand)]
pub enum DigestCommand {
    /// Compare two digests table by table and day by day, and where both sides are databases row by row:
    /// exit code 1 where they differ.
    ///
    /// Each is a saved digest (`catwing digest --days --json`), `live` for the database in use,
    /// `beside` for what a rebuild or a restore has made in it without a switch, `env:NAME` for the database whose URL is in that variable, or a URL without a password.
    Diff {
        /// One digest.
        left: String,
        /// The other.
        right: String,
        /// The tenant, where a side is a database.
        #[arg(long)]
        client: Option<TenantId>,
        /// Rows to name of each table that differs.
        #[arg(long, default_value_t = 3)]
        rows: usize,
    },
}

/// `catwing status`.
#[derive(Args, Debug)]
pub struct StatusArgs {
    /// One tenant; all of them without.
    #[arg(long)]
    pub client: Option<TenantId>,
}

/// `catwing runs`.
#[derive(Debug, Subcommand)]
pub enum RunsCommand {
    /// The newest runs of a tenant.
    List {
        /// The tenant.
        #[arg(long)]
        client: TenantId,
        /// How many.
        #[arg(long, default_value_t = 20)]
        limit: u64,
    },
    /// One run with its steps.
    Show {
        /// The tenant.
        #[arg(long)]
        client: TenantId,
        /// The run's id.
        run: String,
    },
}

/// `catwing config`.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Every setting, its value and where that came from.
    Show,
}
