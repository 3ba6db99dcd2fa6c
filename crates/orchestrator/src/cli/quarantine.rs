//! Arguments of `catwing quarantine`.

use std::path::PathBuf;

use catwing_domain::{BusinessDay, TenantId};
use clap::{Args, Subcommand, ValueEnum};

/// `catwing quarantine`.
#[derive(Debug, Subcommand)]
pub enum QuarantineCommand {
    /// Refused records that nobody corrected, by reason, and the newest of them.
    List(QuarantineFilter),
    /// One refused record: every problem, and the record as it was delivered.
    Show {
        /// The tenant.
        #[arg(long)]
        client: TenantId,
        /// The record's position, as `quarantine list` shows it.
        position: i64,
        /// Print the record alone, whole and byte for byte: to correct it and give it to `fix`.
        #[arg(long)]
        raw: bool,
        /// Its kind, where one raw record is read as several.
        #[arg(long)]
        entity: Option<String>,
    },
    /// Correct a refused record: judged first, then sealed as an entry of the archive, then loaded.
    ///
    /// The correction is the whole record in the source's own form: a JSON value, or the rows of the
    /// document without a header row. `quarantine show --raw` prints what is there. It stands in the
    /// place of the refused record, in a rebuild too, and never overwrites what is newer.
    Fix(QuarantineFixArgs),
    /// Load corrections that are sealed and not loaded yet, and say what is still refused.
    ///
    /// What the tenant's file was wrong about comes back otherwise: correct the file, then
    /// `catwing tenant remap`, then `catwing recovery rebuild`.
    Replay {
        /// The tenant.
        #[arg(long)]
        client: TenantId,
        /// Only say what would be loaded.
        #[arg(long)]
        dry_run: bool,
    },
    /// How many records were refused, and corrected since, by rule over time.
    Counts {
        /// Which of them; `--all` is meant already.
        #[command(flatten)]
        filter: QuarantineFilter,
        /// What is counted together.
        #[arg(long, value_enum, default_value_t = Period::Week)]
        per: Period,
    },
}

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Period {
    /// A business day.
    Day,
    /// An ISO week.
    Week,
    /// A month.
    Month,
}

/// A correction.
#[derive(Args, Debug)]
pub struct QuarantineFixArgs {
    /// The tenant.
    #[arg(long)]
    pub client: TenantId,
    /// The record's position, as `quarantine list` shows it.
    pub position: i64,
    /// A file with the corrected record; - for stdin.
    #[arg(long, value_name = "FILE")]
    pub with: PathBuf,
    /// Who corrects it: stands in the archive for good.
    #[arg(long, value_name = "WHO")]
    pub by: String,
    /// Its kind, where one raw record is read as several.
    #[arg(long)]
    pub entity: Option<String>,
    /// Correct once more what is corrected already.
    #[arg(long)]
    pub again: bool,
    /// Only judge the correction.
    #[arg(long)]
    pub dry_run: bool,
}

/// Which refused records.
#[derive(Args, Clone, Debug)]
pub struct QuarantineFilter {
    /// The tenant.
    #[arg(long)]
    pub client: TenantId,
    /// One business day.
    #[arg(long)]
    pub date: Option<BusinessDay>,
    /// One entity: products, locations, customers, sales_orders.
    #[arg(long)]
    pub entity: Option<String>,
    /// One rule: format, missing, type, range, word, repeated, consistency, limit, refused.
    #[arg(long)]
    pub rule: Option<String>,
    /// Records that were corrected since, too.
    #[arg(long)]
    pub all: bool,
    /// Records to show.
    #[arg(long, default_value_t = 20)]
    pub limit: u64,
}
