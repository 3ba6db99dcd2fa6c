//! What this machine lacks, and how it gets it: the answers of `catwing doctor`, acted on.

use std::io::Write;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::workspace::execute;

/// The exit code for a machine that lacks something which only root can add.
const EXIT_NOT_READY: u8 = 2;

/// The answer of `catwing doctor --json`, as far as it is acted on here.
#[derive(Debug, Deserialize)]
struct Report {
    findings: Vec<Finding>,
}

#[derive(Debug, Deserialize)]
struct Finding {
    what: String,
    state: State,
    detail: String,
    mend: Option<String>,
    #[serde(default)]
    packages: Vec<String>,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Missing,
    Warn,
}

/// What follows from a report.
#[derive(Debug, PartialEq, Eq)]
enum Decision {
    /// Nothing is missing.
    Ready,
    /// We are root: these shell commands bring what is missing, in this order.
    Mend(Vec<String>),
    /// We are not root: this is the one command that root would run.
    Ask(String),
    /// No command brings these, so a person must: what and why.
    Helpless(Vec<String>),
}

/// Brings what the doctor misses. `None` means ready; else the exit code to end with, all said.
pub fn prepare(catwing: &Path) -> Result<Option<ExitCode>> {
    let report = examine(catwing)?;
    warn_of(&report);
    match decide(&report, is_root()?) {
        Decision::Ready => Ok(None),
        Decision::Ask(command) => {
            let names: Vec<&str> = missing(&report).map(|finding| &*finding.what).collect();
            eprintln!("this machine lacks: {}", names.join(", "));
            eprintln!("as root, run this, then try again:\n\n    {command}\n");
            Ok(Some(ExitCode::from(EXIT_NOT_READY)))
        }
        Decision::Helpless(reasons) => {
            eprintln!(
                "this machine lacks what no command of ours can add:\n  {}",
                reasons.join("\n  ")
            );
            Ok(Some(ExitCode::from(EXIT_NOT_READY)))
        }
        Decision::Mend(commands) => {
            for finding in missing(&report) {
                eprintln!("missing: {}{}", finding.what, brought_by(finding));
            }
            for command in commands {
                eprintln!("as root: {command}");
                mend(&command)?;
            }
            confirm(catwing)
        }
    }
}

/// A mend that ran well and brought nothing is an error, not a reason to try for ever.
fn confirm(catwing: &Path) -> Result<Option<ExitCode>> {
    let report = examine(catwing)?;
    let left: Vec<String> = missing(&report)
        .map(|finding| format!("{}: {}", finding.what, finding.detail))
        .collect();
    if !left.is_empty() {
        bail!(
            "the commands above succeeded, but this is still missing: {}",
            left.join("; ")
        );
    }
    Ok(None)
}

fn decide(report: &Report, root: bool) -> Decision {
    let helpless: Vec<String> = missing(report)
        .filter(|finding| finding.mend.is_none())
        .map(|finding| format!("{}: {}", finding.what, finding.detail))
        .collect();
    if !helpless.is_empty() {
        return Decision::Helpless(helpless);
    }
    // Several findings may be mended by one command; their order is the doctor's.
    let mut commands: Vec<String> = Vec::new();
    for command in missing(report).filter_map(|finding| finding.mend.as_ref()) {
        if !commands.contains(command) {
            commands.push(command.clone());
        }
    }
    match (commands.is_empty(), root) {
        (true, _) => Decision::Ready,
        (false, true) => Decision::Mend(commands),
        (false, false) => Decision::Ask(commands.join(" && ")),
    }
}

fn missing(report: &Report) -> impl Iterator<Item = &Finding> {
    report
        .findings
        .iter()
        .filter(|finding| finding.state == State::Missing)
}

fn warn_of(report: &Report) {
    for finding in &report.findings {
        if finding.state == State::Warn {
            eprintln!("note: {}: {}", finding.what, finding.detail);
        }
    }
}

fn brought_by(finding: &Finding) -> String {
    if finding.packages.is_empty() {
        return String::new();
    }
    format!(" (packages: {})", finding.packages.join(" "))
}

/// The doctor exits non-zero when it misses something, so its words count and not its code.
fn examine(catwing: &Path) -> Result<Report> {
    let output = Command::new(catwing)
        .args(["doctor", "--json"])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", catwing.display()))?;
    serde_json::from_slice(&output.stdout).with_context(|| {
        format!(
            "`catwing doctor --json` ({}) did not answer with its findings: {:?}",
            output.status,
            String::from_utf8_lossy(&output.stdout)
        )
    })
}

fn mend(command: &str) -> Result<()> {
    std::io::stderr().flush()?;
    execute(
        Command::new("sh")
            .args(["-c", command])
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(Stdio::null()),
    )
}

fn is_root() -> Result<bool> {
    let output = Command::new("id")
        .arg("-u")
        .output()
        .context("cannot run `id -u` to learn who we are")?;
    Ok(output.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(json: &str) -> Report {
        serde_json::from_str(json).expect("a report of the documented form")
    }

    const LACKS_POSTGRES: &str = r#"{"findings": [
        {"what": "PostgreSQL server", "state": "missing", "detail": "no initdb",
         "mend": "apt-get install -y postgresql", "packages": ["postgresql"]},
        {"what": "pg_dump", "state": "missing", "detail": "not found",
         "mend": "apt-get install -y postgresql", "packages": ["postgresql"]},
        {"what": "psql", "state": "missing", "detail": "not found",
         "mend": "apt-get install -y postgresql-client", "packages": ["postgresql-client"]},
        {"what": "Docker", "state": "warn", "detail": "no engine", "mend": null, "packages": []}
    ]}"#;

    #[test]
    fn nothing_missing_is_ready_for_anyone() {
        let report = report(
            r#"{"findings": [
                {"what": "PostgreSQL", "state": "ok", "detail": "15.18", "mend": null},
                {"what": "Docker", "state": "warn", "detail": "no engine", "mend": "x"}]}"#,
        );
        assert_eq!(decide(&report, true), Decision::Ready);
        assert_eq!(decide(&report, false), Decision::Ready);
    }

    #[test]
    fn root_runs_each_mend_once_in_order() {
        assert_eq!(
            decide(&report(LACKS_POSTGRES), true),
            Decision::Mend(vec![
                "apt-get install -y postgresql".into(),
                "apt-get install -y postgresql-client".into(),
            ])
        );
    }

    #[test]
    fn anyone_else_is_told_one_command() {
        assert_eq!(
            decide(&report(LACKS_POSTGRES), false),
            Decision::Ask(
                "apt-get install -y postgresql && apt-get install -y postgresql-client".into()
            )
        );
    }

    #[test]
    fn what_nothing_mends_is_said_even_to_root() {
        let report = report(
            r#"{"findings": [
                {"what": "disk", "state": "missing", "detail": "1 MiB free", "mend": null},
                {"what": "psql", "state": "missing", "detail": "none", "mend": "apt"}]}"#,
        );
        assert_eq!(
            decide(&report, true),
            Decision::Helpless(vec!["disk: 1 MiB free".into()])
        );
    }

    #[test]
    fn an_unknown_state_is_no_report() {
        let text = r#"{"findings": [{"what": "x", "state": "great", "detail": "", "mend": null}]}"#;
        assert!(serde_json::from_str::<Report>(text).is_err());
    }

    #[test]
    fn a_mend_that_fails_stops_the_preparation() {
        assert!(mend("true").is_ok());
        let error = mend("exit 7").expect_err("it exits 7");
        assert!(error.to_string().contains("exit 7"), "{error}");
    }

    #[test]
    fn a_doctor_that_says_nothing_is_an_error() {
        let error = examine(Path::new("/bin/true")).expect_err("no findings");
        assert!(error.to_string().contains("doctor"), "{error}");
    }
}
