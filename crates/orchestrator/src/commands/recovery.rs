//! `catwing recovery`: databases from the archive and from backups.

mod drill;
mod rebuild;
mod restore;
mod switching;
mod watching;

use std::{
    collections::BTreeSet,
    io::{BufRead, IsTerminal},
};

use anyhow::{Result, bail};
use catwing_domain::{Class, Site, TableId, TenantId};
use catwing_migrations::migrate_global;
use catwing_recovery::{
    gaps::Gaps,
    rebuild::{Extent, Rebuild},
    site::stands,
};
use secrecy::SecretString;

use crate::{
    Console, Session, Settings,
    cli::{RecoveryCommand, TargetArgs},
    failure::{FAILED, Usage, told},
    registry,
};
use switching::Outcome;

pub(super) use watching::watched;

/// The settings with the database that `--into` names, where it does.
///
/// # Errors
/// A variable that is not set.
pub(super) fn settings_of(command: &RecoveryCommand, settings: &Settings) -> Result<Settings> {
    let mut settings = settings.clone();
    let target = match command {
        RecoveryCommand::Rebuild(args) => &args.target,
        RecoveryCommand::Restore(args) => &args.target,
        RecoveryCommand::Drill(_) => return Ok(settings),
    };
    if let Some(into) = &target.into {
        let Some(name) = into.strip_prefix("env:") else {
            bail!(Usage(
                "--into takes env:NAME: a URL among arguments is seen by every user of the machine"
                    .to_owned()
            ))
        };
        let url = std::env::var(name)
            .map_err(|_| Usage(format!("the variable {name} is not set, or is no text")))?;
        settings.database_url.value = Some(SecretString::from(url));
    }
    Ok(settings)
}

pub(super) async fn run(
    session: &Session,
    command: &RecoveryCommand,
    console: &Console,
) -> Result<u8> {
    match command {
        RecoveryCommand::Rebuild(args) => rebuild::run(session, args, console).await,
        RecoveryCommand::Restore(args) => restore::run(session, args, console).await,
        RecoveryCommand::Drill(args) => drill::run(session, args, console).await,
    }
}

/// The tenants that are meant, those that the database lacks registered by what the archive says. The
/// shared one comes first, since the others read its rates.
async fn tenants(session: &Session, target: &TargetArgs) -> Result<Vec<TenantId>> {
    migrate_global(&session.pool).await?;
    let mut clients = match target.client {
        Some(client) => vec![client],
        None => {
            let mut all = session.store.tenants().await?;
            all.extend(registry::clients(session).await?);
            all.into_iter().collect()
        }
    };
    clients.sort();
    for client in &clients {
        registry::recover(session, *client).await?;
    }
    Ok(clients)
}

/// A rebuild of all that the archive has, in a session's database.
pub(super) fn rebuilding<'a>(
    session: &'a Session,
    tenant: TenantId,
    run_id: &'a str,
) -> Rebuild<'a> {
    Rebuild {
        store: &session.store,
        pool: &session.pool,
        tenant,
        run_id,
        clock: session.clock.as_ref(),
        extent: Extent::default(),
        gaps: Gaps::default(),
    }
}

/// The tables that are named.
///
/// # Errors
/// A usage error for a name that is none.
fn named_tables(target: &TargetArgs, client: TenantId) -> Result<BTreeSet<TableId>> {
    let mut tables = BTreeSet::new();
    for name in &target.tables {
        let all = TableId::ALL.iter().chain(TableId::STATISTICS);
        let mut all = all.filter(|id| id.is_of(client) && id.table().class != Class::Journal);
        let Some(id) = all.find(|id| id.name() == name) else {
            bail!(Usage(format!(
                "{name} is no table that the archive determines: see `catwing digest --client {client}`"
            )))
        };
        tables.insert(*id);
    }
    Ok(tables)
}

/// Brings tenants back one after the other, and returns what became of them with the exit code that
/// says so. Where all are meant, one that can't be brought back does not keep the others from it.
async fn each(
    clients: impl IntoIterator<Item = TenantId>,
    target: &TargetArgs,
    console: &Console,
    bring_back: impl AsyncFn(TenantId, &Console) -> Result<Option<Outcome>>,
) -> Result<(Vec<Outcome>, u8)> {
    let mut outcomes = Vec::new();
    let mut code = 0;
    for client in clients {
        let console = console.of(client);
        match bring_back(client, &console).await {
            Ok(outcome) => outcomes.extend(outcome),
            Err(error) if target.client.is_none() => {
                console.failed(&told(&error));
                code = code.max(crate::exit_code(&error));
            }
            Err(error) => return Err(error),
        }
    }
    if outcomes.iter().any(Outcome::is_refused) {
        code = code.max(FAILED);
    }
    Ok((outcomes, code))
}

/// Makes sure, before hours of work, that somebody can say yes to its result.
async fn check_answer(
    session: &Session,
    clients: &[TenantId],
    target: &TargetArgs,
    console: &Console,
) -> Result<()> {
    let mut replaces = false;
    for client in clients.iter().filter(|client| **client != TenantId::GLOBAL) {
        replaces |= stands(&session.pool, *client, Site::Live).await?;
    }
    let asks = replaces && !target.yes && !target.no_switch;
    if asks && (console.is_json() || !std::io::stdin().is_terminal()) {
        bail!(Usage(
            "this replaces live tables and nobody can be asked here: repeat with --yes, or with --no-switch to make them beside only"
                .to_owned()
        ));
    }
    Ok(())
}

/// Asks a person.
fn confirmed(console: &Console, question: &str) -> Result<bool> {
    console.say(&format!("{question} [y/N]"));
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
