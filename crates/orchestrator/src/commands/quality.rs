//! `catwing quality`: the gate's checks, what they found, and what people decide about it.

use anyhow::{Result, bail};
use catwing_domain::{
    BusinessDay, TenantId,
    manifest::{EntryNumber, Verdict},
};
use catwing_quality::{Decision, Finding, FoundCheck, FoundRun, Severity, find};
use catwing_raw_store::Author;
use catwing_recovery::apply::Grouping;
use serde_json::Value;

use super::{
    backfill,
    pipeline::{Reading, checks, read},
};
use crate::{
    Console, Session,
    cli::{QualityCommand, VerdictArgs},
    console::table,
    failure::{REFUSED, Usage},
    registry::{self, count_of},
};

pub(super) async fn run(
    session: &Session,
    command: &QualityCommand,
    console: &Console,
) -> Result<u8> {
    match command {
        QualityCommand::List { client } => list(session, *client, console).await,
        QualityCommand::Show {
            client,
            date,
            run,
            all,
        } => show(session, *client, (*date, run.as_deref()), *all, console).await,
        QualityCommand::Check { client, date, all } => {
            check(session, *client, *date, *all, console).await
        }
        QualityCommand::Override(args) => decide(session, args, true, console).await,
        QualityCommand::Refuse(args) => decide(session, args, false, console).await,
    }
}

async fn list(session: &Session, client: TenantId, console: &Console) -> Result<u8> {
    refuse_global(client)?;
    let checks = checks(session, client).await?;
    console.result(&checks, || {
        let row = |check: &catwing_quality::Check| {
            let bound = if check.kind.fails_below() {
                "below"
            } else {
                "above"
            };
            [
                check.name.clone(),
                check.kind.type_name().to_owned(),
                match check.is_active {
                    true => check.severity.to_string(),
                    false => "not made".to_owned(),
                },
                format!("{bound} {}", check.threshold),
            ]
        };
        table(
            ["check", "kind", "severity", "fails"],
            checks.iter().map(row),
        )
    })?;
    Ok(0)
}

async fn show(
    session: &Session,
    client: TenantId,
    (date, run): (Option<BusinessDay>, Option<&str>),
    all: bool,
    console: &Console,
) -> Result<u8> {
    refuse_global(client)?;
    registry::get(session, client).await?;
    let found = find(&session.pool, client, date, run).await?;
    let refused = refused(session, client, date).await?;
    let json = serde_json::json!({ "client": client, "run": found, "refused": refused });
    console.result(&json, || {
        let mut text = match &found {
            None => format!("{client}: the quality gate has judged nothing of that"),
            Some(found) => shown(client, found, all),
        };
        for one in &refused {
            text.push_str(&format!(
                "\nentry {} of {} is refused by {} (verdict {}): {}",
                one["entry"],
                plain(&one["date"]),
                plain(&one["by"]),
                one["verdict"],
                plain(&one["reason"])
            ));
        }
        text
    })?;
    Ok(0)
}

/// The deliveries of a day, or of all days, that verdicts keep out.
async fn refused(
    session: &Session,
    client: TenantId,
    date: Option<BusinessDay>,
) -> Result<Vec<Value>> {
    let loader = session.loader();
    let plan = backfill::applier(session, &loader, client, "", Grouping::default())
        .plan()
        .await?;
    let refused = plan.refused.iter();
    let of_day = refused.filter(|one| date.is_none_or(|date| one.pending.day() == date));
    Ok(of_day
        .map(|one| {
            serde_json::json!({
                "entry": one.pending.sealed.entry.number, "date": one.pending.day(),
                "verdict": one.number, "by": one.verdict.by, "reason": one.verdict.reason,
            })
        })
        .collect())
}

async fn check(
    session: &Session,
    client: TenantId,
    date: BusinessDay,
    all: bool,
    console: &Console,
) -> Result<u8> {
    refuse_global(client)?;
    let checks = checks(session, client).await?;
    let loader = session.loader();
    let applier = backfill::applier(session, &loader, client, "", Grouping::default());
    let mut readings = Vec::new();
    for pending in applier.landed(date).await? {
        readings.push(read(session, &applier, &checks, pending).await?);
    }
    let findings: Vec<_> = readings
        .iter()
        .flat_map(|one| one.findings.clone())
        .collect();
    let decision = Decision::of(&findings);
    let json = serde_json::json!({
        "client": client, "date": date, "decision": decision.name(), "checks": findings,
    });
    console.result(&json, || {
        let (failed, passed): (Vec<_>, Vec<_>) =
            findings.iter().partition(|finding| !finding.is_passed);
        let shown = failed.iter().chain(passed.iter().filter(|_| all));
        let lines: Vec<_> = shown.map(|finding| line(finding)).collect();
        let mut text = format!(
            "{client} {date}: {}; {} of {} failed{}",
            decision.name(),
            failed.len(),
            count_of(findings.len(), "check"),
            if readings.is_empty() {
                ": nothing came"
            } else {
                ""
            },
        );
        if !lines.is_empty() {
            let header = ["check", "severity", "entry", "what"];
            text.push_str(&format!("\n{}", table(header, lines)));
        }
        text
    })?;
    let is_refused = readings
        .iter()
        .filter_map(Reading::refusal)
        .next()
        .is_some();
    Ok(if is_refused { REFUSED } else { 0 })
}

/// Seals a person's verdict.
async fn decide(
    session: &Session,
    args: &VerdictArgs,
    accepted: bool,
    console: &Console,
) -> Result<u8> {
    let client = args.client;
    registry::get(session, client).await?;
    let (by, reason) = (args.by.trim(), args.reason.trim());
    if by.is_empty() || reason.is_empty() {
        bail!(Usage("--by and --reason must say something".to_owned()));
    }
    let verdict = Verdict {
        delivery: EntryNumber(args.entry),
        accepted,
        by: by.to_owned(),
        reason: reason.to_owned(),
    };
    let run_id = session.new_run_id("quality", client);
    let author = Author {
        run_id: &run_id,
        clock: session.clock.as_ref(),
    };
    let sealed = session.store.seal_verdict(client, verdict, author).await?;
    let (number, day) = (sealed.entry.number, sealed.entry.business_day);
    let json = serde_json::json!({
        "client": client, "entry": args.entry, "date": day, "verdict": number, "accepted": accepted,
    });
    console.result(&json, || {
        let verb = if accepted { "admits" } else { "refuses" };
        format!(
            "verdict {number} {verb} entry {} of {day}\ngo on: catwing run --client {client} --date {day}",
            args.entry
        )
    })?;
    let loader = session.loader();
    let plan = backfill::applier(session, &loader, client, "", Grouping::default())
        .plan()
        .await?;
    backfill::say_rebuild_due(client, &plan.rebuild_due, console);
    Ok(0)
}

fn refuse_global(client: TenantId) -> Result<()> {
    if client == TenantId::GLOBAL {
        bail!(Usage(
            "CW-GLOBAL is not judged: name a tenant, as in CW-000200".to_owned()
        ));
    }
    Ok(())
}

fn shown(client: TenantId, found: &FoundRun, all: bool) -> String {
    let failed = found.checks.iter().filter(|check| !check.is_passed).count();
    let mut text = format!(
        "{client} {}: {}; {failed} of {} failed\nrun:  {}\nat:   {}",
        found.date,
        found.decision,
        count_of(found.checks.len(), "check"),
        found.run_id,
        found.started_at,
    );
    let wanted = found.checks.iter().filter(|check| all || !check.is_passed);
    for check in wanted {
        text.push_str(&told(check));
    }
    text
}

fn told(check: &FoundCheck) -> String {
    let state = if check.is_passed {
        "passed"
    } else {
        check.severity.as_str()
    };
    let details = &check.details;
    let mut text = format!(
        "\n\n{} ({state}), entry {}\n  {}\n  observed {}, expected {}, {} affected",
        check.check,
        details["entry"],
        plain(&details["message"]),
        number(check.observed),
        number(check.expected),
        count_of(
            usize::try_from(check.affected_rows).unwrap_or_default(),
            "row"
        ),
    );
    for sample in details["samples"].as_array().into_iter().flatten() {
        let part = |name: &str| {
            sample[name]
                .as_str()
                .map(|part| format!(" {name} {part:?}"))
        };
        let parts = ["key", "field", "value", "message"]
            .into_iter()
            .filter_map(part);
        text.push_str(&format!(
            "\n  at {} record {}{}",
            plain(&sample["object"]),
            sample["ordinal"],
            parts.collect::<String>()
        ));
    }
    text
}

fn line(finding: &Finding) -> [String; 4] {
    let state = match (finding.is_passed, finding.severity) {
        (true, _) => "passed".to_owned(),
        (false, Severity::Critical) => "CRITICAL".to_owned(),
        (false, severity) => severity.to_string(),
    };
    [
        finding.check.clone(),
        state,
        finding.entry.to_string(),
        finding.message.clone(),
    ]
}

fn number(number: Option<f64>) -> String {
    number.map_or("-".to_owned(), |number| {
        let text = format!("{number:.4}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    })
}

fn plain(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
