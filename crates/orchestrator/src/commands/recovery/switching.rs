//! From schemas beside to live ones: what differs is told first.

use anyhow::{Result, bail};
use catwing_domain::{Site, TenantId};
use catwing_recovery::{
    digest::{Comparison, TableDifference, compare, digest, digest_at},
    gaps::Gaps,
    rebuild::{Rebuild, Rebuilt},
    repair::Repaired,
    site::{drop_site, stands},
    switch::{Switch, Switched},
};
use serde::Serialize;

use super::{confirmed, named_tables};
use crate::{
    Console, Session,
    cli::TargetArgs,
    console::{grouped, table},
    failure::{Usage, told},
};

/// Tables that are named in a comparison with the live ones.
const TABLES_SHOWN: usize = 8;

/// What became of a tenant.
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    client: TenantId,
    /// `switched`, `beside` where nothing was to be switched, `kept` where somebody said no.
    state: &'static str,
    #[serde(flatten)]
    rebuilt: Rebuilt,
    /// What the live tables hold otherwise; none where there were none, or none that can be compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    switched: Option<Switched>,
    /// Rows of the live tables that were brought to what the archive says.
    #[serde(skip_serializing_if = "Option::is_none")]
    repaired: Option<Repaired>,
    /// What of the archive could not be read and was left out.
    gaps: Gaps,
}

impl Outcome {
    /// Whether live tables stand by it.
    pub fn is_switched(&self) -> bool {
        self.state == "switched"
    }

    /// Whether somebody said no.
    pub fn is_refused(&self) -> bool {
        self.state == "kept"
    }
}

/// Tells what differs, asks where that is due, and switches.
pub(super) async fn switch(
    session: &Session,
    rebuild: &Rebuild<'_>,
    mut rebuilt: Rebuilt,
    target: &TargetArgs,
    console: &Console,
) -> Result<Outcome> {
    let client = rebuild.tenant;
    for reason in &rebuilt.rebuild_due {
        console.say(&format!(
            "not what the archive says: {reason}; only `catwing recovery rebuild --client {client}` brings that"
        ));
    }
    let replaces = stands(&session.pool, client, Site::Live).await?;
    let difference = if replaces {
        compared(session, &rebuilt, client, console).await
    } else {
        None
    };
    let outcome = |state, rebuilt, switched| Outcome {
        client,
        state,
        rebuilt,
        difference,
        switched,
        repaired: None,
        gaps: rebuild.gaps.clone(),
    };
    if target.no_switch {
        return Ok(outcome("beside", rebuilt, None));
    }
    if replaces
        && !target.yes
        && !confirmed(console, &format!("replace the live tables of {client}?"))?
    {
        return Ok(outcome("kept", rebuilt, None));
    }
    if !target.tables.is_empty() {
        let repaired = repair(session, rebuild, target, console).await?;
        let mut told = outcome("repaired", rebuilt, None);
        told.repaired = Some(repaired);
        return Ok(told);
    }
    let mut switch = Switch::begin(&session.pool, client).await?;
    // What was landed and loaded while the tables were made.
    if let Some(late) = rebuild.catch_up().await? {
        rebuilt.digest = late.digest;
    }
    let left = switch.left_behind().await?;
    if !left.is_empty() {
        console.say(&format!(
            "{} entries that the live tables hold are left out; `catwing backfill --client {client}` brings them in again",
            left.len()
        ));
    }
    let switched = switch.commit(target.keep_before).await?;
    if let Some(why) = &switched.journals_lost {
        console.say(&format!(
            "runs and reports could not be carried over: {why}"
        ));
    }
    if let (Some(why), false) = (&switched.kept_before, target.keep_before) {
        console.say(&format!(
            "the tables before are still there, as {}: {why}; they go with the next switch",
            client.schemas(Site::Before).main
        ));
    }
    Ok(outcome("switched", rebuilt, Some(switched)))
}

/// Brings some tables of the live tenant to what was made beside, which is dropped then.
async fn repair(
    session: &Session,
    rebuild: &Rebuild<'_>,
    target: &TargetArgs,
    console: &Console,
) -> Result<Repaired> {
    let client = rebuild.tenant;
    let tables = named_tables(target, client)?;
    if !stands(&session.pool, client, Site::Live).await? {
        bail!(Usage(format!(
            "{client} has no live tables to repair: rebuild all of it, without --tables"
        )));
    }
    let mut switch = Switch::begin(&session.pool, client).await?;
    rebuild.catch_up().await?;
    let (left, ahead) = (switch.left_behind().await?, switch.ahead().await?);
    if !left.is_empty() || !ahead.is_empty() {
        bail!(Usage(format!(
            "the live tables of {client} lack {} entries and hold {} that the rebuild left out: run `catwing backfill --client {client}` first, or rebuild all of it",
            ahead.len(),
            left.len()
        )));
    }
    let repaired = switch.repair(&tables).await?;
    for (table, rows) in &repaired {
        console.say(&format!(
            "{table}: {} rows inserted, {} updated, {} deleted",
            grouped(rows.inserted),
            grouped(rows.updated),
            grouped(rows.deleted)
        ));
    }
    let beside = digest_at(&session.pool, client, Site::Beside).await?;
    let live = digest(&session.pool, client).await?;
    if let Comparison::Different(others) = compare(&live, &beside)? {
        let names: Vec<_> = others.iter().map(|table| table.table.clone()).collect();
        console.say(&format!(
            "still different, and not asked for: {}",
            names.join(", ")
        ));
    }
    drop_site(&session.pool, client, Site::Beside).await?;
    Ok(repaired)
}

/// Says which tables the live ones hold otherwise. A live tenant that can't be read is no reason not to
/// replace it.
async fn compared(
    session: &Session,
    rebuilt: &Rebuilt,
    client: TenantId,
    console: &Console,
) -> Option<Vec<String>> {
    let live = match digest(&session.pool, client).await {
        Ok(live) => live,
        Err(error) => {
            let why = told(&error.into());
            console.say(&format!("the live tables can't be read: {why}"));
            return None;
        }
    };
    let tables = match compare(&live, &rebuilt.digest) {
        Ok(Comparison::Equal) => Vec::new(),
        Ok(Comparison::Different(tables)) => tables,
        Err(error) => {
            console.say(&format!("not compared with the live tables: {error}"));
            return None;
        }
    };
    let named = |table: &TableDifference| table.table.clone();
    let tables: Vec<_> = tables.iter().map(named).collect();
    if tables.is_empty() {
        console.say("equal to the live tables, digest for digest");
    } else {
        let some: Vec<_> = tables.iter().take(TABLES_SHOWN).cloned().collect();
        let more = tables.len().saturating_sub(TABLES_SHOWN);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        console.say(&format!(
            "the live tables hold otherwise: {}{more}",
            some.join(", ")
        ));
    }
    Some(tables)
}

/// What became of all tenants, as a person reads it.
pub(super) fn shown(outcomes: &[Outcome]) -> String {
    let row = |outcome: &Outcome| {
        let seconds = outcome.rebuilt.seconds;
        [
            outcome.client.to_string(),
            outcome.state.to_owned(),
            grouped(i128::try_from(outcome.rebuilt.applied.deliveries).unwrap_or_default()),
            grouped(
                outcome
                    .rebuilt
                    .digest
                    .tables
                    .values()
                    .map(|table| table.rows)
                    .sum::<u64>(),
            ),
            format!("{:.1}", seconds.read),
            format!("{:.1}", seconds.finish),
            format!("{:.1}", seconds.statistics),
            format!("{:.1}", seconds.digest),
            outcome.rebuilt.digest.digest.chars().take(16).collect(),
        ]
    };
    let header = [
        "tenant",
        "state",
        "deliveries",
        "rows",
        "read s",
        "finish s",
        "statistics s",
        "digest s",
        "digest",
    ];
    table(header, outcomes.iter().map(row))
}
