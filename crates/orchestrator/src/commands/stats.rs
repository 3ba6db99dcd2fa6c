//! `catwing stats`: statistics brought up to date, or computed from the beginning.

use anyhow::Result;
use catwing_domain::TenantId;
use catwing_migrations::{migrate_tenant, ready};
use catwing_stats::{RowChanges, StatsReport, Subject};

use crate::{
    Console, Session,
    cli::{StatsCommand, StatsRefreshArgs},
    console::{grouped, table},
    failure::{FAILED, told},
    registry,
};

pub(super) async fn run(
    session: &Session,
    command: &StatsCommand,
    console: &Console,
) -> Result<u8> {
    match command {
        StatsCommand::Refresh(args) => refresh(session, args, console).await,
        StatsCommand::Rebuild { client } => rebuild(session, *client, console).await,
    }
}

async fn refresh(session: &Session, args: &StatsRefreshArgs, console: &Console) -> Result<u8> {
    let clients = match args.client {
        Some(client) => vec![registry::get(session, client).await?.client],
        None => registry::list(session)
            .await?
            .into_iter()
            .map(|tenant| tenant.client)
            .filter(|client| *client != TenantId::GLOBAL)
            .collect(),
    };
    let mut reports = Vec::new();
    let mut exit_code = 0;
    for client in &clients {
        match catwing_stats::refresh(&session.pool, *client).await {
            Ok(report) => reports.push(report),
            Err(error) if args.client.is_some() => return Err(error.into()),
            Err(error) => {
                console.failed(&format!("{client}: {}", told(&error.into())));
                exit_code = FAILED;
            }
        }
    }
    show(&reports, console)?;
    Ok(exit_code)
}

async fn rebuild(session: &Session, client: TenantId, console: &Console) -> Result<u8> {
    registry::get(session, client).await?;
    // The schema may have been dropped, which is its right. Making it again takes an administrator,
    // so whoever may only load does without where it is there.
    let names = registry::names(client);
    if ready(&session.pool, std::slice::from_ref(&names)).await? != [true] {
        migrate_tenant(&session.pool, &names).await?;
    }
    let report = catwing_stats::rebuild(&session.pool, client).await?;
    show(&[report], console)?;
    Ok(0)
}

fn show(reports: &[StatsReport], console: &Console) -> Result<()> {
    console.result(&serde_json::json!({ "tenants": reports }), || {
        let told: Vec<_> = reports.iter().map(shown).collect();
        told.join("\n\n")
    })
}

/// What a person reads of a refresh: which tables have changed, and what is worth knowing.
pub(super) fn shown(report: &StatsReport) -> String {
    let days = |subject: Subject| grouped(report.days.get(&subject).copied().unwrap_or(0));
    let seconds = report.seconds;
    let took =
        seconds.changes + seconds.sales + seconds.inventory + seconds.purchases + seconds.commit;
    let mut text = format!(
        "{}: {}days of sales {}, of stock {}, of purchases {}; {} rows changed in {took:.2} s",
        report.client,
        if report.is_whole { "everything, " } else { "" },
        days(Subject::Sales),
        days(Subject::Inventory),
        days(Subject::Purchases),
        grouped(report.rows_changed()),
    );
    if report.changed_rates > 0 {
        text.push_str(&format!(
            "\n{} rates of exchange are new or changed",
            grouped(report.changed_rates)
        ));
    }
    if report.without_cost > 0 {
        text.push_str(&format!(
            "\n{} products at a place on a day have no known cost, so no value in stock",
            grouped(report.without_cost)
        ));
    }
    let changed = report
        .tables
        .iter()
        .filter(|(_, rows)| **rows != RowChanges::default());
    let rows: Vec<_> = changed
        .map(|(name, rows)| {
            let [new, other, gone] = [rows.inserted, rows.updated, rows.deleted].map(grouped);
            [(*name).to_owned(), new, other, gone]
        })
        .collect();
    if !rows.is_empty() {
        text.push('\n');
        text.push_str(&table(["table", "new", "changed", "gone"], rows));
    }
    text
}
