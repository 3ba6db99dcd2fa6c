//! `catwing demo` and `catwing simulator`: retailers that are simulated.

use std::path::PathBuf;

use catwing_domain::TenantId;
use clap::Args;

/// `catwing demo`.
#[derive(Args, Clone, Debug)]
pub struct DemoArgs {
    /// What is simulated.
    #[command(flatten)]
    pub simulation: SimulationArgs,
}

/// The size of a simulated retailer.
#[derive(Args, Clone, Debug)]
pub struct SimulationArgs {
    /// Another seed, another history.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Business days of the history.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=3650))]
    pub days: u16,
    /// Products.
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub products: u32,
    /// Places: a warehouse, a distribution centre, stores.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u16).range(1..=5_000))]
    pub locations: u16,
    /// Sales documents of a usual day.
    #[arg(long, value_name = "DOCUMENTS", default_value_t = 80, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub orders: u32,
}

/// `catwing simulator`
#[derive(Args, Clone, Debug)]
pub struct SimulatorArgs {
    /// What is simulated.
    #[command(flatten)]
    pub simulation: SimulationArgs,
    /// The tenant that it is.
    #[arg(long, default_value = "CW-000200")]
    pub client: TenantId,
    /// The currency of its books, ISO 4217.
    #[arg(long, default_value = "EUR")]
    pub currency: String,
    /// Where it listens; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    pub listen: std::net::SocketAddr,
    /// Writes a tenant's file for it here.
    #[arg(long, value_name = "FILE.toml")]
    pub tenant_file: Option<PathBuf>,
    /// Writes the retailer's own totals here, as JSON, to compare with.
    #[arg(long, value_name = "FILE.json")]
    pub totals: Option<PathBuf>,
}
