//! `catwing db`: the embedded PostgreSQL and S3 folder.

use std::os::unix::process::CommandExt;

use anyhow::{Result, anyhow};

use crate::{
    Console, Settings,
    cli::DbCommand,
    failure::Usage,
    session::{database_url, embedded_postgres},
};

pub(super) async fn run(command: &DbCommand, settings: &Settings, console: &Console) -> Result<u8> {
    match command {
        DbCommand::Up => {
            database_url(settings, console).await?;
            status(settings, console)
        }
        DbCommand::Down => {
            let postgres = embedded_postgres(settings)?;
            let stopped = tokio::task::spawn_blocking(move || postgres.stop()).await??;
            console.result(&serde_json::json!({ "stopped": stopped }), || {
                if stopped {
                    "stopped"
                } else {
                    "was not running"
                }
                .to_owned()
            })?;
            Ok(0)
        }
        DbCommand::Status => status(settings, console),
        DbCommand::Psql { args } => psql(args, settings, console).await,
    }
}

fn status(settings: &Settings, console: &Console) -> Result<u8> {
    let postgres = embedded_postgres(settings)?;
    let status = postgres.status()?;
    console.result(&status, || {
        let state = format!("{:?}", status.state).to_lowercase();
        let url = status
            .url
            .clone()
            .map(|url| format!("\naddress: {url}"))
            .unwrap_or_default();
        let data = status
            .data_dir
            .as_ref()
            .map(|dir| format!("\ndata: {}", dir.display()))
            .unwrap_or_default();
        format!(
            "PostgreSQL: {state}{url}{data}\nS3 folder: {}",
            settings.home.value.join("s3").display()
        )
    })?;
    Ok(0)
}

/// Becomes psql on the embedded server, whose address holds no secret.
async fn psql(args: &[String], settings: &Settings, console: &Console) -> Result<u8> {
    if settings.database_url.value.is_some() {
        return Err(anyhow!(Usage(
            "the database is a configured one: start psql on DATABASE_URL yourself, so that its password stays yours"
                .to_owned()
        )));
    }
    database_url(settings, console).await?;
    let postgres = embedded_postgres(settings)?;
    let address = tokio::task::spawn_blocking(move || postgres.ensure_running()).await??;
    let Some(psql) = address.psql() else {
        return Err(anyhow!(Usage(
            "psql is not installed: apt-get install postgresql-client".to_owned()
        )));
    };
    Err(std::process::Command::new(psql.program)
        .args(psql.args)
        .args(args)
        .exec()
        .into())
}
