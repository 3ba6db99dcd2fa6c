//! `catwing simulator`: a simulated retailer's ERP that serves until it is interrupted.

use std::{path::Path, sync::Arc};

use anyhow::{Context, Result};
use catwing_simulator::Server;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use super::demo::{Address, history_settings, simulate, tenant_file};
use crate::{Console, cli::SimulatorArgs, failure::Usage};

pub(super) async fn serve(args: &SimulatorArgs, console: &Console) -> Result<u8> {
    let mut settings = history_settings(args.client, &args.simulation);
    settings.currency.clone_from(&args.currency);
    let listener = TcpListener::bind(args.listen)
        .await
        .with_context(|| Usage(format!("failed to listen on {}", args.listen)))?;
    console.say("simulating ...");
    let erp = simulate(settings.clone()).await?;
    if let Some(path) = &args.totals {
        write(path, &serde_json::to_string_pretty(erp.totals())?)?;
    }
    let last_day = erp.last_day();
    // Signals are listened for before anybody can know that the server is there.
    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    let server = Server::start(Arc::new(erp), listener, None)?;
    if let Some(path) = &args.tenant_file {
        let name = format!("Simulated retailer, seed {}", args.simulation.seed);
        write(
            path,
            &tenant_file(&settings, &name, &Address::Url(server.url())),
        )?;
    }
    let (url, first_day) = (server.url(), settings.first_day);
    let json = serde_json::json!({ "url": url, "client": args.client, "first_day": first_day, "last_day": last_day });
    console.result(&json, || {
        format!(
            "{url} serves {} from {first_day} to {last_day}; Ctrl-C ends it",
            args.client
        )
    })?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    server.stop().await?;
    Ok(0)
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| Usage(format!("failed to write {}", path.display())))
}
