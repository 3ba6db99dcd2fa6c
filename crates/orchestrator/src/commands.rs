//! What each command does.

mod backfill;
mod backup;
mod config;
mod db;
mod demo;
mod digest;
mod doctor;
mod export;
mod fetching;
mod first_load;
mod holdings;
mod landing;
mod migrate;
mod pipeline;
mod quality;
mod quarantine;
mod raw;
mod recovery;
mod runs;
mod schema;
mod scratch;
mod settings;
mod simulator;
mod stats;
mod status;
mod tenant;

use anyhow::Result;
use clap::CommandFactory;

use crate::{
    Cli, Command, Console, Session, Settings,
    cli::{ConfigCommand, TenantCommand},
    registry,
};

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
        Command::Schema { entity, into } => {
            return schema::run(entity.as_deref(), into.as_deref(), console);
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
        // A file with mistakes is refused before a server is started for it.
        Command::Tenant(TenantCommand::Add { file }) => drop(registry::check_file(file)?),
        Command::Digest(args) if args.compare.is_some() => {
            return digest::diff(args, &settings, console).await;
        }
        _ => {}
    }
    let settings = match &cli.command {
        Command::Recovery(command) => recovery::settings_of(command, &settings)?,
        _ => settings,
    };
    let session = Session::open(&settings, console).await?;
    match cli.command {
        Command::Migrate => migrate::run(&session, console).await,
        Command::Tenant(command) => tenant::run(&session, &command, console).await,
        Command::Raw(command) => raw::run(&session, &command, console).await,
        Command::Ingest(args) => pipeline::ingest_only(&session, &args, console).await,
        Command::Run(args) => pipeline::run(&session, &args, console).await,
        Command::Backfill(args) => backfill::run(&session, &args, console).await,
        Command::Quality(command) => quality::run(&session, &command, console).await,
        Command::Quarantine(command) => quarantine::run(&session, &command, console).await,
        Command::Settings(command) => settings::run(&session, &command, console).await,
        Command::Stats(command) => stats::run(&session, &command, console).await,
        Command::Export(args) => export::run(&session, &args, console).await,
        Command::Digest(args) => digest::run(&session, &args, console).await,
        Command::Recovery(command) => recovery::run(&session, &command, console).await,
        Command::Backup(args) => backup::run(&session, &args, console).await,
        Command::Status(args) => status::run(&session, &args, console).await,
        Command::Runs(command) => runs::run(&session, &command, console).await,
        Command::Db(_)
        | Command::Demo(_)
        | Command::Simulator(_)
        | Command::Doctor
        | Command::Config(_)
        | Command::Schema { .. }
        | Command::Completions { .. } => Ok(0),
    }
}
