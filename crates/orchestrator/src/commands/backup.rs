//! `catwing backup`.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use anyhow::{Context, Result, bail};
use catwing_domain::{BusinessDay, TenantId};
use catwing_embedded::Clients;
use catwing_recovery::{
    RecoveryError,
    backup::{
        Backup, BackupProgress, ClientTools, DatabaseAddress, Found, Phase, Retention, Shelf,
        Sidecar, Taken, TenantState, list, verify,
    },
};
use jiff::Timestamp;
use sea_orm::sqlx;
use serde::Serialize;

use crate::{
    Console, Session, Settings,
    cli::{BackupArgs, BackupCommand},
    console::{Progress, grouped, mebibytes, table},
    failure::{FAILED, Usage},
    session::database_url,
};

/// Tenants whose position a line of the list tells.
const POSITIONS_SHOWN: usize = 4;

/// A backup that was taken, as it is told.
#[derive(Serialize)]
struct Told<'t> {
    keys: &'t [String],
    run_id: &'t str,
    taken_at: Timestamp,
    size_bytes: u64,
    sha256: String,
    members: Vec<ToldMember>,
    tenants: Vec<ToldTenant>,
    seconds: BTreeMap<&'static str, f64>,
    removed: &'t [String],
    leftovers_removed: usize,
}

/// A member of it.
#[derive(Serialize)]
struct ToldMember {
    client: TenantId,
    part: catwing_recovery::backup::Part,
    offset_bytes: u64,
    size_bytes: u64,
    sql_bytes: u64,
    rows: u64,
}

/// Where a tenant stands in it.
#[derive(Serialize)]
struct ToldTenant {
    client: TenantId,
    newest_day: Option<BusinessDay>,
    entries: usize,
    running: Vec<String>,
    digest: String,
}

/// A backup of the list.
#[derive(Serialize)]
struct Listed {
    key: String,
    shelf: Shelf,
    size_bytes: u64,
    taken_at: Option<Timestamp>,
    age_seconds: Option<i64>,
    tenants: Vec<ToldTenant>,
    /// Why it is not good; where it was only listed, as far as its sidecar and size tell.
    flaw: Option<String>,
}

pub(super) async fn run(session: &Session, args: &BackupArgs, console: &Console) -> Result<u8> {
    match &args.look {
        None => take(session, args, console).await,
        Some(BackupCommand::List) => {
            let backups = list(&session.store).await?;
            let listed = backups.into_iter().map(|found| listed(session, found));
            tell_list(&listed.collect::<Vec<_>>(), console)?;
            Ok(0)
        }
        Some(BackupCommand::Verify { key }) => verify_all(session, key.as_deref(), console).await,
    }
}

/// `pg_dump` and `psql` that suit the server.
///
/// # Errors
/// A usage error where there are none.
pub(super) async fn client_tools(session: &Session) -> Result<ClientTools> {
    let query = "select current_setting('server_version_num')::integer / 10000";
    let major: i32 = sqlx::query_scalar(query)
        .fetch_one(&session.pool)
        .await
        .context("failed to ask the database for its version")?;
    let major = u32::try_from(major)?;
    let found = Clients::find_all(session.settings.postgres_bin.value.as_deref())?;
    let Some(clients) = Clients::choose(found, major) else {
        bail!(Usage(format!(
            "pg_dump and psql are not installed: install the clients of PostgreSQL {major}, on Debian by \
             `apt-get install postgresql-client-{major}`, or name their folder in CATWING_PG_BIN"
        )))
    };
    Ok(ClientTools {
        pg_dump: clients.pg_dump(),
        psql: clients.psql(),
        version: clients.version().to_owned(),
        major: clients.major(),
    })
}

/// The database in use, as PostgreSQL's programs are told of it.
///
/// # Errors
/// An address that is no URL.
pub(super) async fn database_address(
    settings: &Settings,
    console: &Console,
) -> Result<DatabaseAddress> {
    let url = database_url(settings, console).await?;
    Ok(DatabaseAddress::from_url(&url)?)
}

async fn take(session: &Session, args: &BackupArgs, console: &Console) -> Result<u8> {
    let tools = client_tools(session).await?;
    let address = database_address(&session.settings, console).await?;
    let run_id = session.new_run_id("backup", TenantId::GLOBAL);
    let backup = Backup {
        store: &session.store,
        pool: &session.pool,
        address: &address,
        tools: &tools,
        run_id: &run_id,
        clock: &*session.clock,
        retention: Retention {
            daily: usize::from(args.keep_daily),
            weekly: usize::from(args.keep_weekly),
        },
    };
    let shown = Mutex::new(None);
    let taken = Box::pin(backup.take(&|progress| show(console, &shown, progress))).await;
    if let Some((_, progress)) = shown.into_inner().unwrap_or_else(PoisonError::into_inner) {
        progress.done();
    }
    let taken = taken?;
    let told = told(&taken);
    console.result(&told, || text(&told))?;
    Ok(0)
}

/// Shows how far a phase is, each under a bar of its own.
fn show(console: &Console, shown: &Mutex<Option<(Phase, Progress)>>, at: BackupProgress) {
    let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
    if shown.as_ref().is_none_or(|(phase, _)| *phase != at.phase) {
        if let Some((_, before)) = shown.take() {
            before.done();
        }
        let what = match at.phase {
            Phase::Read => "reading where tenants stand",
            Phase::Dump => "dumping",
            Phase::Verify => "reading the backup back",
            Phase::Promote => "putting it in place",
        };
        console.say(&format!("{what} ..."));
        *shown = Some((at.phase, console.progress(what, at.total_bytes)));
    }
    if let Some((_, progress)) = &*shown {
        progress.at(at.done_bytes);
    }
}

async fn verify_all(session: &Session, key: Option<&str>, console: &Console) -> Result<u8> {
    let mut backups = list(&session.store).await?;
    if let Some(key) = key {
        backups.retain(|found| found.key == key);
        if backups.is_empty() {
            bail!(Usage(format!(
                "there is no backup {key}: `catwing backup list` shows their keys"
            )));
        }
    }
    let mut verified = Vec::new();
    for mut found in backups {
        if let Ok(sidecar) = &found.sidecar {
            let progress = console.progress(&found.key, found.size_bytes);
            let read = verify(&session.store, sidecar, &[], &|bytes| progress.at(bytes)).await;
            progress.done();
            match read {
                Ok(()) => {}
                Err(RecoveryError::BackupFlawed { flaw, .. }) => found.sidecar = Err(flaw),
                Err(error) => return Err(error.into()),
            }
        }
        verified.push(listed(session, found));
    }
    tell_list(&verified, console)?;
    let is_good = verified.iter().all(|backup| backup.flaw.is_none());
    Ok(if is_good { 0 } else { FAILED })
}

fn told(taken: &Taken) -> Told<'_> {
    let Sidecar {
        run_id,
        taken_at,
        size_bytes,
        sha256,
        members,
        tenants,
        ..
    } = &taken.sidecar;
    let members = members.iter().map(|member| ToldMember {
        client: member.client,
        part: member.part,
        offset_bytes: member.offset_bytes,
        size_bytes: member.size_bytes,
        sql_bytes: member.sql_bytes,
        rows: member.rows.values().sum(),
    });
    let phase = |phase: &Phase| match phase {
        Phase::Read => "read",
        Phase::Dump => "dump",
        Phase::Verify => "verify",
        Phase::Promote => "promote",
    };
    let phases = taken.phases.iter();
    Told {
        keys: &taken.keys,
        run_id,
        taken_at: *taken_at,
        size_bytes: *size_bytes,
        sha256: sha256.to_string(),
        members: members.collect(),
        tenants: tenants.iter().map(told_tenant).collect(),
        seconds: phases
            .map(|(at, took)| (phase(at), took.as_secs_f64()))
            .collect(),
        removed: &taken.removed,
        leftovers_removed: taken.leftovers,
    }
}

fn told_tenant(state: &TenantState) -> ToldTenant {
    ToldTenant {
        client: state.client,
        newest_day: state.newest_day,
        entries: state.ledger.len(),
        running: state.running.clone(),
        digest: state.digest.digest.clone(),
    }
}

fn text(told: &Told<'_>) -> String {
    let row = |tenant: &ToldTenant| {
        let of_tenant = |member: &&ToldMember| member.client == tenant.client;
        let members: Vec<_> = told.members.iter().filter(of_tenant).collect();
        [
            tenant.client.to_string(),
            day(tenant.newest_day),
            grouped(tenant.entries as u64),
            grouped(members.iter().map(|member| member.rows).sum::<u64>()),
            mebibytes(members.iter().map(|member| member.size_bytes).sum()),
        ]
    };
    let seconds: Vec<_> = told
        .seconds
        .iter()
        .map(|(phase, seconds)| format!("{phase} {seconds:.1} s"))
        .collect();
    let removed: String = told
        .removed
        .iter()
        .map(|key| format!("\nremoved {key}"))
        .collect();
    format!(
        "{}\n{}\n{}, {}{removed}",
        told.keys.join("\n"),
        table(
            ["tenant", "day", "entries", "rows", "size"],
            told.tenants.iter().map(row)
        ),
        mebibytes(told.size_bytes),
        seconds.join(", ")
    )
}

fn listed(session: &Session, found: Found) -> Listed {
    let now = session.clock.now();
    let sidecar = found.sidecar.as_ref().ok();
    let taken_at = sidecar.map(|sidecar| sidecar.taken_at);
    let tenants = sidecar.into_iter().flat_map(|sidecar| &sidecar.tenants);
    Listed {
        taken_at,
        age_seconds: taken_at.map(|taken_at| now.as_second() - taken_at.as_second()),
        tenants: tenants.map(told_tenant).collect(),
        flaw: found.sidecar.as_ref().err().map(ToString::to_string),
        key: found.key,
        shelf: found.shelf,
        size_bytes: found.size_bytes,
    }
}

fn tell_list(backups: &[Listed], console: &Console) -> Result<()> {
    console.result(&serde_json::json!({ "backups": backups }), || {
        if backups.is_empty() {
            return "there is no backup: `catwing backup` takes one".to_owned();
        }
        let row = |backup: &Listed| {
            [
                backup.key.clone(),
                backup.age_seconds.map(age).unwrap_or_default(),
                mebibytes(backup.size_bytes),
                grouped(backup.tenants.len() as u64),
                backup
                    .flaw
                    .clone()
                    .unwrap_or_else(|| position(&backup.tenants)),
            ]
        };
        table(
            ["backup", "age", "size", "tenants", "position"],
            backups.iter().map(row),
        )
    })
}

/// Where the first tenants stand.
fn position(tenants: &[ToldTenant]) -> String {
    let stands = |tenant: &ToldTenant| {
        let (day, entries) = (day(tenant.newest_day), tenant.entries);
        format!("{} {day} ({entries})", tenant.client)
    };
    let shown: Vec<_> = tenants.iter().take(POSITIONS_SHOWN).map(stands).collect();
    let more = tenants.len().saturating_sub(POSITIONS_SHOWN);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("{}{more}", shown.join(", "))
}

fn day(day: Option<BusinessDay>) -> String {
    day.map_or_else(|| "-".to_owned(), |day| day.to_string())
}

/// An age as people say it.
fn age(seconds: i64) -> String {
    match seconds {
        ..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        7_200..=172_799 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}
