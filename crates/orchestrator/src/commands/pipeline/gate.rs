//! Step 2: the deliveries of a day are judged before they are loaded.

use anyhow::{Result, bail};
use catwing_domain::{
    BusinessDay, TenantId,
    failpoint::{GATE_AFTER_VERDICT, failpoint},
    manifest::{Body, EntryNumber, Verdict},
};
use catwing_quality::{
    Baseline, Check, Decision, Delivered, Finding, GateRun, Judged, Profile, in_force, record,
};
use catwing_raw_store::Author;
use catwing_recovery::apply::{Applier, Grouping, Pending, Refused};
use catwing_transform::Summary;

use crate::{
    Console, Session,
    commands::backfill,
    failure::Halted,
    journal::{Run, StepEnd},
    registry,
};

/// Who seals the gate's verdicts.
const GATE: &str = "quality gate";

/// A delivery that was read and judged.
pub(in crate::commands) struct Reading {
    pub(in crate::commands) pending: Pending,
    pub(in crate::commands) findings: Vec<Finding>,
    summary: Summary,
    profile: Profile,
}

/// Judges the deliveries of the day that the database lacks and nobody has decided on. What fails a
/// critical check is refused by a verdict in the manifest before anything else happens, and so is the run.
/// What the gate has refused before halts it again, until a person overrides or confirms it.
pub(super) async fn judge(
    session: &Session,
    (run, row): (&Run, i64),
    (client, day): (TenantId, BusinessDay),
    console: &Console,
) -> Result<StepEnd> {
    let started_at = session.clock.now().to_string();
    let checks = checks(session, client).await?;
    let loader = session.loader();
    let applier = backfill::applier(session, &loader, client, &run.id, Grouping::default());
    let plan = applier.plan().await?;
    let mut readings = Vec::new();
    for pending in plan.pending {
        let is_delivery = matches!(pending.sealed.entry.body, Body::Delivery(_));
        if is_delivery && pending.day() == day && pending.admitted_by.is_none() {
            readings.push(read(session, &applier, &checks, pending).await?);
        }
    }
    let mut reasons = refuse(session, client, &run.id, &readings).await?;
    let is_standing = |one: &&Refused| one.pending.day() == day && one.verdict.by == GATE;
    let standing = plan.refused.iter().filter(is_standing);
    reasons.extend(standing.map(standing_reason));
    let findings: Vec<_> = readings.iter().flat_map(|one| &one.findings).collect();
    let decision = match reasons.is_empty() {
        true => Decision::of(findings.iter().copied()),
        false => Decision::Halted,
    };
    let gate_run = GateRun {
        step_run: row,
        day,
        started_at,
        decision,
        checks: &checks,
    };
    let judged: Vec<_> = readings.iter().map(Reading::judged).collect();
    record(
        &session.pool,
        client,
        &gate_run,
        &judged,
        session.clock.as_ref(),
    )
    .await?;
    if !reasons.is_empty() {
        bail!(Halted(halted(client, day, &reasons)));
    }
    let failed: Vec<_> = findings
        .iter()
        .filter(|finding| !finding.is_passed)
        .collect();
    for finding in &failed {
        let (severity, check) = (finding.severity, &finding.check);
        console.say(&format!("{severity}: {check}: {}", finding.message));
    }
    Ok(StepEnd {
        rows_in: None,
        rows_out: None,
        counts: serde_json::json!({
            "deliveries": readings.len(), "checks": findings.len(), "failed": failed.len(),
            "decision": decision.name(),
        }),
    })
}

/// The checks of a tenant, as its file in force has them.
pub(in crate::commands) async fn checks(session: &Session, client: TenantId) -> Result<Vec<Check>> {
    let registered = registry::get(session, client).await?;
    let file = registry::file_in_force(session, &registered).await?.file;
    Ok(in_force(&file.quality, &file.contracts))
}

/// Reads a delivery and judges it; nothing is loaded.
pub(in crate::commands) async fn read(
    session: &Session,
    applier: &Applier<'_>,
    checks: &[Check],
    pending: Pending,
) -> Result<Reading> {
    let mut profile = Profile::new(pending.day());
    let summary = applier
        .inspect(&pending, &mut |output| profile.look(output))
        .await?;
    let baseline = Baseline::read(&session.pool, applier.tenant, pending.day(), &profile).await?;
    let delivered = Delivered {
        entry: pending.sealed.entry.number,
        day: pending.day(),
        objects: &pending.delivery.objects,
        counts: &summary.counts,
        drift: &summary.drift,
        profile: &profile,
    };
    let findings = catwing_quality::judge(checks, &delivered, &baseline);
    profile.forget_keys();
    Ok(Reading {
        pending,
        findings,
        summary,
        profile,
    })
}

impl Reading {
    fn number(&self) -> EntryNumber {
        self.pending.sealed.entry.number
    }

    fn judged(&self) -> Judged<'_> {
        Judged {
            delivered: Delivered {
                entry: self.number(),
                day: self.pending.day(),
                objects: &self.pending.delivery.objects,
                counts: &self.summary.counts,
                drift: &self.summary.drift,
                profile: &self.profile,
            },
            findings: self.findings.clone(),
        }
    }

    /// Why it is refused; none where it is not.
    pub(in crate::commands) fn refusal(&self) -> Option<String> {
        let critical = self.findings.iter().filter(|finding| finding.is_critical());
        let told: Vec<_> = critical
            .map(|finding| format!("{}: {}", finding.check, finding.message))
            .collect();
        (!told.is_empty()).then(|| told.join("; "))
    }
}

/// Seals a verdict on each delivery that failed a critical check.
async fn refuse(
    session: &Session,
    client: TenantId,
    run_id: &str,
    readings: &[Reading],
) -> Result<Vec<(EntryNumber, String)>> {
    let mut reasons = Vec::new();
    for reading in readings {
        let Some(reason) = reading.refusal() else {
            continue;
        };
        let verdict = Verdict {
            delivery: reading.number(),
            accepted: false,
            by: GATE.to_owned(),
            reason: reason.clone(),
        };
        let author = Author {
            run_id,
            clock: session.clock.as_ref(),
        };
        session.store.seal_verdict(client, verdict, author).await?;
        failpoint(GATE_AFTER_VERDICT);
        reasons.push((reading.number(), reason));
    }
    Ok(reasons)
}

fn standing_reason(refused: &Refused) -> (EntryNumber, String) {
    let number = refused.pending.sealed.entry.number;
    let reason = format!("{} (verdict {})", refused.verdict.reason, refused.number);
    (number, reason)
}

fn halted(client: TenantId, day: BusinessDay, reasons: &[(EntryNumber, String)]) -> String {
    let mut text = format!(
        "the quality gate refused what came for {client} on {day}, and nothing of it was loaded"
    );
    for (number, reason) in reasons {
        text.push_str(&format!("\n  entry {number}: {reason}"));
    }
    text.push_str(&format!(
        "\nsee what and where: catwing quality show --client {client} --date {day}"
    ));
    for (number, _) in reasons {
        text.push_str(&format!(
            "\nload it all the same: catwing quality override --client {client} --entry {number} --by WHO --reason WHY\
             \ngo on without it: catwing quality refuse --client {client} --entry {number} --by WHO --reason WHY"
        ));
    }
    text
}
