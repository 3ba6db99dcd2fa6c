//! What each command does.

mod backfill;
mod config;
mod db;
mod demo;
mod digest;
mod doctor;
mod export;
mod fetching;
mod holdings;
mod landing;
mod pipeline;
mod quarantine;
mod raw;
mod runs;
mod settings;
mod simulator;
mod stats;
mod status;
mod tenant;

use anyhow::Result;
use catwing_domain::TenantId;
use catwing_migrations::{migrate_global, migrate_tenant};
use clap::CommandFactory;

use crate::{Cli, Command, Console, Session, Settings, cli::ConfigCommand, registry};

/// Runs a command and returns its exit code.
///
/// # Errors
/// What failed, as one chain of causes; [`crate::exit_code`] says what it means.
pub async fn run(cli: Cli, settings: Settings, console: &Console) -> Result<u8> {
    // What needs no servers comes first.
    match &cli.command {
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "catwing", &mut script);
            let script = String::from_utf8_lossy(&script).into_owned();
            console.result(&serde_json::json!({ "script": &script }), || script.clone())?;
            return Ok(0);
        }
        Command::Config(ConfigCommand::Show) => return config::show(&settings, console),
        Command::Doctor => return doctor::examine(&settings, console),
        Command::Db(command) => return db::run(command, &settings, console).await,
        Command::Demo(args) => return demo::run(args, &settings, console).await,
        Command::Simulator(args) => return simulator::serve(args, console).await,
        Command::Tenant(command) if !tenant::needs_session(command) => {
            return tenant::offline(command, console);
        }
        Command::Settings(command) if !settings::needs_session(command) => {
            return settings::fields(console);
        }
        Command::Digest(args) if args.compare.is_some() => {
            return digest::diff(args, &settings, console).await;
        }
        _ => {}
    }
    let session = Session::open(&settings, console).await?;
    match cli.command {
        Command::Migrate => migrate(&session, console).await,
        Command::Tenant(command) => tenant::run(&session, &command, console).await,
        Command::Raw(command) => raw::run(&session, &command, console).await,
        Command::Ingest(args) => pipeline::ingest_only(&session, &args, console).await,
        Command::Run(args) => pipeline::run(&session, &args, console).await,
        Command::Backfill(args) => backfill::run(&session, &args, console).await,
        Command::Quarantine(command) => quarantine::run(&session, &command, console).await,
        Command::Settings(command) => settings::run(&session, &command, console).await,
        Command::Stats(command) => stats::run(&session, &command, console).await,
        Command::Export(args) => export::run(&session, &args, console).await,
        Command::Digest(args) => digest::run(&session, &args, console).await,
        Command::Status(args) => status::run(&session, &args, console).await,
        Command::Runs(command) => runs::run(&session, &command, console).await,
        Command::Db(_)
        | Command::Demo(_)
        | Command::Simulator(_)
        | Command::Doctor
        | Command::Config(_)
        | Command::Completions { .. } => Ok(0),
    }
}

async fn migrate(session: &Session, console: &Console) -> Result<u8> {
    let mut applied = serde_json::Map::new();
    let global = migrate_global(&session.pool).await?;
    applied.insert("cw_global".to_owned(), global.migrations.into());
    let tenants = registry::list(session).await?.into_iter();
    for tenant in tenants.filter(|tenant| tenant.client != TenantId::GLOBAL) {
        let done = migrate_tenant(&session.pool, &registry::names(tenant.client)).await?;
        console.say(&format!(
            "{}: {}",
            tenant.client,
            registry::count_of(done.migrations.len(), "new migration")
        ));
        applied.insert(tenant.client.to_string(), done.migrations.into());
    }
    let schemas = applied.len();
    let new: usize = applied
        .values()
        .filter_map(|list| list.as_array())
        .map(Vec::len)
        .sum();
    console.result(&serde_json::json!({ "applied": applied }), || {
        format!(
            "{} at the newest version, {} applied",
            registry::count_of(schemas, "schema"),
            registry::count_of(new, "migration")
        )
    })?;
    Ok(0)
}
