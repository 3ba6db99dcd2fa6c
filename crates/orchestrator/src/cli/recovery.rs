//! Arguments of `catwing recovery`.

use catwing_domain::{BusinessDay, TenantId};
use clap::{Args, Subcommand};

/// `catwing recovery`.
#[derive(Debug, Subcommand)]
pub enum RecoveryCommand {
    /// Option B: read the whole archive again, beside the live tables, and switch to the result.
    ///
    /// Takes newer mappings (`catwing tenant remap`) and transform versions into force. Killed, the same
    /// command goes on where it was. Nobody sees what it makes before its digests are known.
    #[command(after_help = "Examples:
  catwing recovery rebuild --client CW-000200 --yes       one tenant, beside the live one
  catwing recovery rebuild --into env:FRESH_URL --yes     everything, into an empty database
  catwing recovery rebuild --client CW-000200 --until 2026-02-24 --no-switch
                                                          how it was: look at schema cw_200_next
  catwing recovery rebuild --client CW-000200 --tables sales_orders --yes
                                                          only what these tables hold")]
    Rebuild(RebuildArgs),
    /// Option A: the newest good backup, and what the archive has since; beside the live tables, and a
    /// switch to the result.
    #[command(after_help = "Examples:
  catwing recovery restore --client CW-000200 --yes       one tenant, beside the live one
  catwing recovery restore --into env:FRESH_URL --yes     everything, into an empty database
  catwing recovery restore --client CW-000200 --backup db-backups/weekly/2026-W09.sql.gz --no-switch")]
    Restore(RestoreArgs),
    /// Prove it: restore and rebuild into databases that go again, compare all digests with the live
    /// ones, and record how long both took. Exit code 1 where anything differs.
    Drill(DrillArgs),
}

/// `catwing recovery rebuild`.
#[derive(Args, Debug)]
pub struct RebuildArgs {
    /// What is made, and where.
    #[command(flatten)]
    pub target: TargetArgs,
    /// Leave out deliveries of which the archive has lost or damaged objects, and list them. Without
    /// this, such an archive is refused with exit code 5.
    #[arg(long)]
    pub allow_gaps: bool,
}

/// `catwing recovery restore`.
#[derive(Args, Debug)]
pub struct RestoreArgs {
    /// What is made, and where.
    #[command(flatten)]
    pub target: TargetArgs,
    /// This backup, by its key as `catwing backup list` shows it; the newest good one without.
    #[arg(long, value_name = "KEY")]
    pub backup: Option<String>,
}

/// What a rebuild and a restore have in common.
#[derive(Args, Clone, Debug)]
pub struct TargetArgs {
    /// One tenant; all of them without.
    #[arg(long)]
    pub client: Option<TenantId>,
    /// Another database than the one in use, by the variable that holds its URL: env:NAME.
    #[arg(long, value_name = "env:NAME")]
    pub into: Option<String>,
    /// As it was at the end of this business day.
    #[arg(long, value_name = "DATE")]
    pub until: Option<BusinessDay>,
    /// Bring only these tables of the live tenant to what the archive says, with all parts of their
    /// records; needs --client.
    #[arg(long, value_delimiter = ',', requires = "client", conflicts_with_all = ["until", "no_switch", "keep_before"])]
    pub tables: Vec<String>,
    /// Make it beside (schemas cw_N_next) and stop: the live tables stay.
    #[arg(long)]
    pub no_switch: bool,
    /// Keep the tables that are replaced, as cw_N_before, until the next switch.
    #[arg(long, conflicts_with = "no_switch")]
    pub keep_before: bool,
    /// Do not ask before live tables are replaced.
    #[arg(long)]
    pub yes: bool,
}

/// `catwing recovery drill`.
#[derive(Args, Debug)]
pub struct DrillArgs {
    /// One tenant; all of them without.
    #[arg(long)]
    pub client: Option<TenantId>,
    /// Keep the databases of the drill, to look at.
    #[arg(long)]
    pub keep: bool,
}
