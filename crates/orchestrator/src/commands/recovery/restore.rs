//! `catwing recovery restore`: the newest good backup, and what the archive has since.

use std::{collections::BTreeSet, time::Instant};

use anyhow::{Result, bail};
use catwing_domain::{BusinessDay, Site, TenantId};
use catwing_migrations::{migrate_global, migrate_tenant};
use catwing_recovery::{
    backup::{DatabaseAddress, Restore, Sidecar, list, newest_good, verify},
    digest::digest_at,
    rebuild::{Exclusive, Extent, Rebuild},
    site::{drop_site, names, note_terms, stands, terms_of},
};

use super::{
    check_answer, each, named_tables, rebuilding,
    switching::{Outcome, shown, switch},
};
use crate::{
    Console, Session,
    cli::{RestoreArgs, TargetArgs},
    commands::backup::client_tools,
    console::mebibytes,
    failure::Usage,
    registry,
    session::database_url,
};

pub(super) async fn run(session: &Session, args: &RestoreArgs, console: &Console) -> Result<u8> {
    let target = &args.target;
    if let Some(client) = target.client {
        named_tables(target, client)?;
    }
    let sidecar = chosen(session, args, console).await?;
    let mut clients: BTreeSet<TenantId> = match target.client {
        Some(client) => BTreeSet::from([client]),
        None => sidecar.tenants.iter().map(|state| state.client).collect(),
    };
    clients.remove(&TenantId::GLOBAL);
    let clients: Vec<_> = clients.into_iter().collect();
    check_answer(session, &clients, target, console).await?;
    shared(session, &sidecar, console).await?;
    let restore = async |client, console: &Console| {
        let outcome = one(session, client, &sidecar, target, console).await?;
        Ok(Some(outcome))
    };
    let (outcomes, code) = each(clients, target, console, restore).await?;
    let json = serde_json::json!({ "backup": sidecar.key, "tenants": outcomes });
    console.result(&json, || shown(&outcomes))?;
    Ok(code)
}

/// The backup that is asked for, or the newest good one, not younger than the day that is asked for.
async fn chosen(session: &Session, args: &RestoreArgs, console: &Console) -> Result<Sidecar> {
    let clients: Vec<TenantId> = args.target.client.into_iter().collect();
    if args.backup.is_none() && args.target.until.is_none() {
        let found = newest_good(&session.store, &clients).await?;
        for (key, flaw) in &found.refused {
            console.say(&format!("{key} is no good backup: {flaw}"));
        }
        tell(&found.sidecar, console);
        return Ok(found.sidecar);
    }
    for found in list(&session.store).await? {
        if args.backup.as_ref().is_some_and(|key| *key != found.key) {
            continue;
        }
        let sidecar = match found.sidecar {
            Ok(sidecar) => *sidecar,
            Err(flaw) if args.backup.is_some() => {
                bail!(Usage(format!("{} is no good backup: {flaw}", found.key)))
            }
            Err(_) => continue,
        };
        let holds_all = clients
            .iter()
            .all(|client| sidecar.tenant(*client).is_some());
        let old_enough = args
            .target
            .until
            .is_none_or(|until| is_before(&sidecar, &clients, until));
        if holds_all && old_enough {
            verify(&session.store, &sidecar, &clients, &|_| {}).await?;
            tell(&sidecar, console);
            return Ok(sidecar);
        }
    }
    let day = args.target.until.map_or(String::new(), |until| {
        format!(
            " of {until} or before: rebuild it, with `catwing recovery rebuild --until {until}`"
        )
    });
    bail!(Usage(format!(
        "there is no such backup{day}; see `catwing backup list`"
    )))
}

/// Whether a backup holds nothing that was delivered for a later day.
fn is_before(sidecar: &Sidecar, clients: &[TenantId], until: BusinessDay) -> bool {
    let mut meant = sidecar
        .tenants
        .iter()
        .filter(|state| clients.is_empty() || clients.contains(&state.client));
    meant.all(|state| state.newest_day.is_none_or(|newest| newest <= until))
}

fn tell(sidecar: &Sidecar, console: &Console) {
    console.say(&format!(
        "{} of {}, {}",
        sidecar.key,
        sidecar.taken_at,
        mebibytes(sidecar.size_bytes)
    ));
}

/// What all tenants share comes from the backup only where it is missing.
async fn shared(session: &Session, sidecar: &Sidecar, console: &Console) -> Result<()> {
    if !stands(&session.pool, TenantId::GLOBAL, Site::Live).await? {
        console.say("cw_global ...");
        restored(session, TenantId::GLOBAL, sidecar, Site::Live, console).await?;
    }
    migrate_global(&session.pool).await?;
    Ok(())
}

async fn one(
    session: &Session,
    client: TenantId,
    sidecar: &Sidecar,
    target: &TargetArgs,
    console: &Console,
) -> Result<Outcome> {
    let _exclusive = Exclusive::take(&session.pool, client).await?;
    registry::recover(session, client).await?;
    let terms = format!("A restore of {} {}", sidecar.key, sidecar.sha256);
    let started = Instant::now();
    if terms_of(&session.pool, client).await?.as_deref() == Some(terms.as_str()) {
        console.say("restored before, going on");
    } else {
        drop_site(&session.pool, client, Site::Beside).await?;
        restored(session, client, sidecar, Site::Beside, console).await?;
        note_terms(&session.pool, client, &terms).await?;
    }
    migrate_tenant(&session.pool, &names(client, Site::Beside)).await?;
    let seconds = started.elapsed().as_secs_f64();
    let run_id = session.new_run_id("restore", client);
    let rebuild = Rebuild {
        extent: Extent {
            until: target.until,
            entries: None,
        },
        ..rebuilding(session, client, &run_id)
    };
    console.say("what was landed since, and statistics ...");
    let mut rebuilt = rebuild.complete(&|_| {}).await?;
    rebuilt.seconds.finish = seconds;
    switch(session, &rebuild, rebuilt, target, console).await
}

/// Restores one tenant's members, and makes sure that the tables hold what they held then.
///
/// # Errors
/// A backup that is not what its sidecar says.
pub(super) async fn restored(
    session: &Session,
    client: TenantId,
    sidecar: &Sidecar,
    site: Site,
    console: &Console,
) -> Result<()> {
    let (tools, address) = (
        client_tools(session).await?,
        address(session, console).await?,
    );
    let restore = Restore {
        store: &session.store,
        sidecar,
        pool: &session.pool,
        address: &address,
        tools: &tools,
    };
    let part = catwing_recovery::backup::Part::Schemas;
    let bytes = sidecar
        .member(client, part)
        .map_or(0, |member| member.sql_bytes);
    let progress = console.progress("restoring", bytes);
    let restored = restore
        .restore_member(client, site, &|at| progress.at(at))
        .await;
    progress.done();
    let restored = restored?;
    let found = digest_at(&session.pool, client, site).await?;
    if found.digest != restored.state.digest.digest {
        bail!(
            "{} of {client} was restored and its digest is {}, not {} as its sidecar says: use an older backup (--backup), or `catwing recovery rebuild`",
            sidecar.key,
            found.digest,
            restored.state.digest.digest
        );
    }
    Ok(())
}

/// The session's database as psql is told of it.
async fn address(session: &Session, console: &Console) -> Result<DatabaseAddress> {
    let url = database_url(&session.settings, console).await?;
    let address = DatabaseAddress::from_url(&url)?;
    let options = session.pool.connect_options();
    Ok(match options.get_database() {
        Some(name) => address.with_database(name),
        None => address,
    })
}
