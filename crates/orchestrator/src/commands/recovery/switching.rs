//! From schemas beside to live ones: what differs is told first.

use anyhow::Result;
use catwing_domain::{Site, TenantId};
use catwing_recovery::{
    digest::{Comparison, TableDifference, compare, digest},
    gaps::Gaps,
    rebuild::{Rebuild, Rebuilt},
    site::stands,
    switch::{Switch, Switched},
};
use serde::Serialize;

use super::confirmed;
use crate::{
    Console, Session,
    cli::TargetArgs,
    console::{grouped, table},
    failure::told,
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
    let mut switch = Switch::begin(&session.pool, client).await?;
    // What was landed and loaded while the tables were made.
    let late = rebuild.catch_up(&|_| {}).await?;
    rebuilt.digest = late.digest;
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
