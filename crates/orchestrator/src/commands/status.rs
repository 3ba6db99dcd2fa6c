//! `catwing status`: where every tenant stands.

use anyhow::Result;
use catwing_domain::{BusinessDay, TenantId};
use catwing_entity::load_ledger;
use catwing_recovery::{
    apply::{Grouping, Pending, RebuildReason},
    backup::list,
    drill::newest_proof,
};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, prelude::Date};
use serde::Serialize;

use super::{backfill, quarantine};
use crate::{
    Console, Session,
    cli::StatusArgs,
    console::{grouped, mebibytes, table},
    journal, registry,
};

/// How long a drill proves that tenants come back.
const PROVED_WITHIN_SECONDS: i64 = 7 * 86_400;

/// Where a tenant stands.
#[derive(Debug, Serialize)]
struct Standing {
    client: TenantId,
    name: String,
    /// Entries that the archive has.
    entries: u64,
    /// Deliveries that are in the database.
    applied: u64,
    /// The newest business day in the database: the tenant's today.
    newest_day: Option<String>,
    /// Deliveries that the archive has and the database lacks.
    pending: usize,
    pending_bytes: u64,
    first_pending_day: Option<BusinessDay>,
    /// Refused records that nobody corrected.
    quarantined: u64,
    /// Why the database is not what the archive says until it is rebuilt.
    rebuild_due: Vec<RebuildReason>,
    last_run: Option<LastRun>,
}

#[derive(Debug, Serialize)]
struct LastRun {
    run_id: String,
    kind: String,
    /// The last business day of it.
    day: String,
    /// `running`, `done`, `failed`, `halted`, or `died`: it says that it runs, and no process does.
    state: String,
    started_at: String,
    error: Option<String>,
}

pub(super) async fn run(session: &Session, args: &StatusArgs, console: &Console) -> Result<u8> {
    let tenants = match args.client {
        Some(client) => vec![registry::get(session, client).await?],
        None => registry::list(session).await?,
    };
    let mut standings = Vec::new();
    for tenant in tenants {
        standings.push(standing(session, tenant).await?);
    }
    let settings = &session.settings;
    let home = settings.home.value.display();
    let database = match &settings.database_url.value {
        Some(_) => "the server of DATABASE_URL".to_owned(),
        None => format!("embedded PostgreSQL of {home}"),
    };
    let archive = match (&settings.s3_endpoint.value, &settings.access_key.value) {
        (Some(endpoint), _) => format!("bucket {} of {endpoint}", settings.bucket.value),
        (None, Some(_)) => format!("bucket {} of AWS", settings.bucket.value),
        (None, None) => format!("bucket {} in {home}/s3", settings.bucket.value),
    };
    let backup = newest_backup(session, &standings).await?;
    let json = serde_json::json!({
        "database": database, "archive": archive, "backup": backup, "tenants": standings
    });
    console.result(&json, || {
        let backup = match &backup {
            None => "none: catwing backup".to_owned(),
            Some(backup) => backup.told(console),
        };
        let servers = format!("database: {database}\narchive:  {archive}\nbackup:   {backup}");
        if standings.is_empty() {
            return format!(
                "{servers}\nno tenants yet: catwing tenant add FILE.toml, or catwing demo"
            );
        }
        let header = [
            "client",
            "today",
            "loaded",
            "to load",
            "quarantined",
            "last run",
        ];
        let mut text = format!("{servers}\n\n{}", table(header, standings.iter().map(row)));
        for standing in &standings {
            text.push_str(&advice(standing));
        }
        text
    })?;
    Ok(0)
}

/// The newest backup, and since when it is known that tenants come back.
#[derive(Debug, Serialize)]
struct NewestBackup {
    key: String,
    taken_at: Timestamp,
    age_seconds: i64,
    /// When a drill last brought every tenant back from a backup and from the archive, equal to what
    /// stood live; none where one of them never was.
    proved_at: Option<Timestamp>,
    /// Whether that was within the last seven days.
    is_proved: bool,
}

impl NewestBackup {
    fn told(&self, console: &Console) -> String {
        let age = |seconds: i64| match seconds {
            0..7_200 => format!("{} minutes", seconds / 60),
            7_200..172_800 => format!("{} hours", seconds / 3_600),
            _ => format!("{} days", seconds / 86_400),
        };
        let proof = match self.proved_at {
            Some(at) if self.is_proved => {
                format!("proved by the drill of {}", at.strftime("%Y-%m-%d"))
            }
            Some(at) => console.red(&format!(
                "NOT proved since {}: catwing recovery drill",
                at.strftime("%Y-%m-%d")
            )),
            None => console.red("NOT proved: catwing recovery drill"),
        };
        format!("{}, {} old, {proof}", self.key, age(self.age_seconds))
    }
}

/// The newest backup that looks right.
async fn newest_backup(session: &Session, standings: &[Standing]) -> Result<Option<NewestBackup>> {
    let found = list(&session.store).await?;
    let Some(sidecar) = found.into_iter().find_map(|found| found.sidecar.ok()) else {
        return Ok(None);
    };
    let now = session.clock.now();
    let mut oldest_proof = Some(now);
    for standing in standings {
        let proof = newest_proof(&session.store, standing.client).await?;
        // Of several tenants the one counts that was proved longest ago.
        oldest_proof = oldest_proof
            .zip(proof)
            .map(|(oldest, proof)| oldest.min(proof.at));
    }
    let recent = |at: Timestamp| now.duration_since(at).as_secs() <= PROVED_WITHIN_SECONDS;
    let proved_at = oldest_proof.filter(|_| !standings.is_empty());
    Ok(Some(NewestBackup {
        age_seconds: now.duration_since(sidecar.taken_at).as_secs(),
        taken_at: sidecar.taken_at,
        key: sidecar.key,
        is_proved: proved_at.is_some_and(recent),
        proved_at,
    }))
}

async fn standing(session: &Session, tenant: registry::Registered) -> Result<Standing> {
    let client = tenant.client;
    let loader = session.loader();
    let plan = backfill::applier(session, &loader, client, "", Grouping::default())
        .plan()
        .await?;
    let pending = plan.pending;
    let transaction = journal::as_loader(session, client).await?;
    let applied = load_ledger::Entity::find().count(&transaction).await?;
    let newest_day: Option<Option<Date>> = load_ledger::Entity::find()
        .filter(load_ledger::Column::Kind.eq("delivery"))
        .select_only()
        .column_as(load_ledger::Column::BusinessDay.max(), "newest_day")
        .into_tuple()
        .one(&transaction)
        .await?;
    drop(transaction);
    let last_run = journal::newest(session, client, 1).await?.pop();
    let is_under_way = journal::is_under_way(session, client).await?;
    Ok(Standing {
        client,
        name: tenant.name,
        entries: plan.newest_entry,
        applied,
        newest_day: newest_day.flatten().map(|day| day.to_string()),
        pending: pending.len(),
        pending_bytes: pending.iter().map(Pending::size_bytes).sum(),
        first_pending_day: pending.iter().map(Pending::day).min(),
        quarantined: quarantine::count(session, client).await?,
        rebuild_due: plan.rebuild_due,
        last_run: last_run.map(|run| LastRun {
            run_id: run.run_key,
            kind: run.kind,
            day: run.thru_day.to_string(),
            state: match run.status.as_str() {
                "running" if !is_under_way => "died".to_owned(),
                _ => run.status,
            },
            started_at: run.started_at.to_rfc3339(),
            error: run.error_message,
        }),
    })
}

fn row(standing: &Standing) -> [String; 6] {
    let pending = match standing.pending {
        0 => "nothing".to_owned(),
        count => format!(
            "{} ({})",
            grouped(count as u64),
            mebibytes(standing.pending_bytes)
        ),
    };
    let run = standing.last_run.as_ref();
    [
        standing.client.to_string(),
        standing.newest_day.clone().unwrap_or_default(),
        grouped(standing.applied),
        pending,
        grouped(standing.quarantined),
        run.map_or("none".to_owned(), |run| {
            format!("{} {}", run.kind, run.state)
        }),
    ]
}

fn advice(standing: &Standing) -> String {
    let client = standing.client;
    let mut text = String::new();
    for reason in &standing.rebuild_due {
        text.push_str(&format!("\n{client}: rebuild due: {reason}"));
    }
    if !standing.rebuild_due.is_empty() {
        text.push_str(&format!(
            "\nrebuild: catwing recovery rebuild --client {client}"
        ));
    }
    if let Some(run) = standing
        .last_run
        .as_ref()
        .filter(|run| run.state == "failed")
    {
        let error = run.error.as_deref().unwrap_or("no reason was recorded");
        text.push_str(&format!("\n{client}: the last run failed: {error}"));
    }
    let halted = standing
        .last_run
        .as_ref()
        .filter(|run| run.state == "halted");
    if let Some(run) = halted {
        text.push_str(&format!(
            "\n{client}: the quality gate halted {day}: catwing quality show --client {client} --date {day}",
            day = run.day
        ));
    }
    if standing.pending > 0 {
        text.push_str(&format!(
            "\nload what is there: catwing backfill --client {client}"
        ));
    }
    if standing.quarantined > 0 {
        text.push_str(&format!(
            "\nsee what was refused: catwing quarantine list --client {client}"
        ));
    }
    text
}
