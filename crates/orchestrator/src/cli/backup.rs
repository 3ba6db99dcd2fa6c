//! `catwing backup`.

use clap::{Args, Subcommand};

/// `catwing backup`.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct BackupArgs {
    /// Daily backups that stay.
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..))]
    pub keep_daily: u16,
    /// Weekly backups that stay.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    pub keep_weekly: u16,
    /// Look at the backups that there are instead.
    #[command(subcommand)]
    pub look: Option<BackupCommand>,
}

/// `catwing backup list` and others.
#[derive(Debug, Subcommand)]
pub enum BackupCommand {
    /// List the backups: age, size, tenants, and where each tenant stood.
    List,
    /// Read backups back, every byte: exit code 1 where one is not good.
    Verify {
        /// One backup, by its key as `backup list` shows it; all of them without.
        key: Option<String>,
    },
}
