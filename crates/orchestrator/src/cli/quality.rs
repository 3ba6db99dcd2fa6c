//! Arguments of `catwing quality`.

use catwing_domain::{BusinessDay, TenantId};
use clap::{Args, Subcommand};

/// `catwing quality`.
#[derive(Debug, Subcommand)]
pub enum QualityCommand {
    /// Every check with the threshold and severity in force.
    ///
    /// A tenant's file changes them: `[quality.checks."sales_orders.volume"]` with `threshold`, `severity`
    /// (critical, warning, info) and `active`, each as wanted.
    List {
        /// The tenant.
        #[arg(long)]
        client: TenantId,
    },
    /// What the gate found: failed checks first, with where and samples. The newest run without a day.
    Show {
        /// The tenant.
        #[arg(long)]
        client: TenantId,
        /// The business day.
        #[arg(long)]
        date: Option<BusinessDay>,
        /// One run, as `catwing runs list` shows it.
        #[arg(long, conflicts_with = "date")]
        run: Option<String>,
        /// Checks that passed, too.
        #[arg(long)]
        all: bool,
    },
    /// What the gate would say of a day's deliveries, loaded or not: nothing is sealed or written. Exit code
    /// 3 where it would refuse one.
    Check {
        /// The tenant.
        #[arg(long)]
        client: TenantId,
        /// The business day.
        #[arg(long)]
        date: BusinessDay,
        /// Checks that passed, too.
        #[arg(long)]
        all: bool,
    },
    /// Admit a delivery that was refused: an entry of the manifest, which every replay obeys.
    #[command(after_help = "Example:
  catwing quality override --client CW-000200 --entry 57 --by anna --reason 'stock-taking, really so few'
  catwing run --client CW-000200 --date 2026-02-24")]
    Override(VerdictArgs),
    /// Refuse a delivery for good: the run of its day goes on without it, as does every replay.
    ///
    /// One that is loaded already stays until the next rebuild.
    Refuse(VerdictArgs),
}

/// A person's verdict.
#[derive(Args, Debug)]
pub struct VerdictArgs {
    /// The tenant.
    #[arg(long)]
    pub client: TenantId,
    /// The delivery's entry, as `catwing quality show` and `catwing raw ls` tell it.
    #[arg(long)]
    pub entry: u64,
    /// Who decides.
    #[arg(long, value_name = "WHO")]
    pub by: String,
    /// Why, for whoever asks later.
    #[arg(long, value_name = "WHY")]
    pub reason: String,
}
