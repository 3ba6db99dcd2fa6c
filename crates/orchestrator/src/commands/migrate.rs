//! `catwing migrate`: the schemas of all tenants, each tenant in a transaction of its own.

use std::time::Instant;

use anyhow::{Context, Result};
use catwing_domain::TenantId;
use catwing_migrations::{MigrationError, TenantNames, migrate_global, migrate_tenant, ready};
use serde::Serialize;

use crate::{
    Console, Session,
    failure::{FAILED, told},
    registry::{self, count_of},
};

/// How a tenant came out.
#[derive(Debug, Serialize)]
struct Outcome {
    client: TenantId,
    /// `ready` before, `migrated` now, or `failed`.
    state: &'static str,
    /// Names of the migrations that were applied now.
    applied: Vec<String>,
    seconds: f64,
    error: Option<String>,
}

/// Migrates what is shared, then every tenant that is not at the newest version. One that fails does
/// not stop the others; what was done stays done, so the same command goes on where it ended.
pub(super) async fn run(session: &Session, console: &Console) -> Result<u8> {
    let started = Instant::now();
    let global = migrate_global(&session.pool).await?;
    let mut clients = registry::clients(session).await?;
    clients.retain(|client| *client != TenantId::GLOBAL);
    let names: Vec<TenantNames> = clients.iter().copied().map(registry::names).collect();
    let is_ready = ready(&session.pool, &names).await?;

    let to_do = is_ready.iter().filter(|ready| !**ready).count();
    if !clients.is_empty() {
        let known = count_of(clients.len(), "tenant");
        let before = clients.len() - to_do;
        console.say(&format!(
            "{known}: {before} ready already, {to_do} to migrate"
        ));
    }
    let progress = console.progress_of_tenants("migrating", to_do as u64);
    let mut outcomes = Vec::with_capacity(clients.len());
    let mut done = 0;
    for ((client, names), ready) in clients.into_iter().zip(&names).zip(is_ready) {
        if ready {
            outcomes.push(Outcome::ready(client));
            continue;
        }
        outcomes.push(migrate(session, client, names).await.with_context(|| {
            format!("{done} of {to_do} tenants were migrated: run the command again for the others")
        })?);
        done += 1;
        progress.at(done);
    }
    progress.done();
    let seconds = started.elapsed().as_secs_f64();
    show(global.migrations, &outcomes, seconds, console)
}

/// Migrates a tenant; an error is a server that does not answer, so that no other tenant would fare
/// better.
async fn migrate(session: &Session, client: TenantId, names: &TenantNames) -> Result<Outcome> {
    let started = Instant::now();
    let migrated = migrate_tenant(&session.pool, names).await;
    let seconds = started.elapsed().as_secs_f64();
    Ok(match migrated {
        Ok(done) => Outcome {
            state: "migrated",
            applied: done.migrations,
            seconds,
            ..Outcome::ready(client)
        },
        Err(error @ MigrationError::Begin { .. }) => return Err(error.into()),
        Err(error) => Outcome {
            state: "failed",
            seconds,
            error: Some(told(&error.into())),
            ..Outcome::ready(client)
        },
    })
}

impl Outcome {
    fn ready(client: TenantId) -> Self {
        Self {
            client,
            state: "ready",
            applied: Vec::new(),
            seconds: 0.0,
            error: None,
        }
    }
}

fn show(global: Vec<String>, outcomes: &[Outcome], seconds: f64, console: &Console) -> Result<u8> {
    for outcome in outcomes {
        if let Some(error) = &outcome.error {
            console.failed(&format!("{}: {error}", outcome.client));
        }
    }
    let count = |state: &str| outcomes.iter().filter(|one| one.state == state).count();
    let (ready, migrated, failed) = (count("ready"), count("migrated"), count("failed"));
    let new = outcomes.iter().map(|one| one.applied.len()).sum::<usize>() + global.len();
    let mut applied = serde_json::Map::new();
    applied.insert("cw_global".to_owned(), global.into());
    for outcome in outcomes.iter().filter(|one| one.error.is_none()) {
        applied.insert(outcome.client.to_string(), outcome.applied.clone().into());
    }
    let json = serde_json::json!({
        "applied": applied, "tenants": outcomes, "ready": ready, "migrated": migrated,
        "failed": failed, "seconds": seconds,
    });
    console.result(&json, || {
        let applied = count_of(new, "migration");
        let mut text = format!("cw_global and {} at the newest version, {applied} applied in {seconds:.1} s",
            count_of(ready + migrated, "tenant"));
        if failed > 0 {
            text.push_str(&format!(
                "\n{} failed and changed nothing: mend the cause and run the command again, which does \
                 only what is missing",
                count_of(failed, "tenant")
            ));
        }
        text
    })?;
    Ok(if failed == 0 { 0 } else { FAILED })
}
