//! `catwing runs`: past runs.

use anyhow::{Result, bail};

use crate::{
    Console, Session, cli::RunsCommand, console::table, failure::Usage, journal, registry,
};

pub(super) async fn run(session: &Session, command: &RunsCommand, console: &Console) -> Result<u8> {
    match command {
        RunsCommand::List { client, limit } => {
            registry::get(session, *client).await?;
            let runs = journal::newest(session, *client, *limit).await?;
            let json: Vec<_> = runs
                .iter()
                .map(|run| {
                    serde_json::json!({ "run_id": run.run_key, "kind": run.kind, "from": run.from_day.to_string(),
                        "to": run.thru_day.to_string(), "state": run.status, "error": run.error_message,
                        "started_at": run.started_at.to_rfc3339() })
                })
                .collect();
            console.result(&json, || {
                let row = |run: &catwing_entity::pipeline_runs::Model| {
                    [
                        run.run_key.clone(),
                        run.started_at.format("%Y-%m-%d %H:%M:%SZ").to_string(),
                        run.from_day.to_string(),
                        run.thru_day.to_string(),
                        run.status.clone(),
                    ]
                };
                table(
                    ["run", "started", "from", "to", "state"],
                    runs.iter().map(row),
                )
            })?;
            Ok(0)
        }
        RunsCommand::Show { client, run } => {
            registry::get(session, *client).await?;
            let Some((found, steps)) = journal::find(session, *client, run).await? else {
                bail!(Usage(format!(
                    "there is no run {run}: see `catwing runs list --client {client}`"
                )));
            };
            let json: Vec<_> = steps
                .iter()
                .map(|step| {
                    serde_json::json!({ "name": step.step_name, "state": step.status, "error": step.error_message,
                        "counts": step.counts })
                })
                .collect();
            let whole = serde_json::json!({ "run_id": found.run_key, "client": client.to_string(),
                "state": found.status, "error": found.error_message, "steps": json });
            console.result(&whole, || {
                let row = |step: &catwing_entity::pipeline_step_runs::Model| {
                    let error = step.error_message.clone().unwrap_or_default();
                    [step.step_name.clone(), step.status.clone(), error]
                };
                format!(
                    "{}: {}\n{}",
                    found.run_key,
                    found.status,
                    table(["step", "state", "error"], steps.iter().map(row))
                )
            })?;
            Ok(0)
        }
    }
}
