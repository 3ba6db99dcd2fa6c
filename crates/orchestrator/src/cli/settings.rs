//! Arguments of `catwing settings`.

use catwing_domain::TenantId;
use clap::{Args, Subcommand};

/// `catwing settings`.
#[derive(Debug, Subcommand)]
pub enum SettingsCommand {
    /// The fields that there are, how far a change of each goes, and the steps that it makes run.
    Fields,
    /// Set fields of a product, category, supplier, location or strategy, a way of supply, or the
    /// tenant's currency: says how far it goes and which steps the next run will make, then saves it.
    Set(SettingsSetArgs),
    /// What is in force.
    Show(SettingsQuestion),
    /// Everything that was ever set, oldest first: what, by whom, when.
    History(SettingsQuestion),
}

/// `catwing settings set`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  catwing settings set --client CW-000200 --user ana@shop.example product_settings product=P001 package_qty=6
  catwing settings set --client CW-000200 --user ana@shop.example location_relationships \\
      parent=W1 child=S1 type=supplies priority=1 lead_time_days=3
  catwing settings set --client CW-000200 --user ana@shop.example inventory_strategies \\
      location=S1 strategy_type='store: reorder point' parameters=days=7
An empty value takes a field's value away: package_qty=")]
pub struct SettingsSetArgs {
    /// The tenant.
    #[arg(long)]
    pub client: TenantId,
    /// Who sets it: an e-mail address in lower case.
    #[arg(long, env = "CATWING_USER")]
    pub user: String,
    /// Save without asking.
    #[arg(long)]
    pub yes: bool,
    /// Say what it would do, and write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// The write's own id, for a caller that may send it again; a new one where absent.
    #[arg(long)]
    pub event_id: Option<String>,
    /// product_settings, category_settings, supplier_settings, location_settings,
    /// location_relationships, inventory_strategies or client_config.
    pub table: String,
    /// Whose row, and its fields: product=P001 package_qty=6.
    #[arg(required = true)]
    pub assignments: Vec<String>,
}

/// Which settings.
#[derive(Args, Debug)]
pub struct SettingsQuestion {
    /// The tenant.
    #[arg(long)]
    pub client: TenantId,
    /// One table; all where absent.
    pub table: Option<String>,
    /// One key: product=P001.
    #[arg(requires = "table")]
    pub key: Vec<String>,
}
