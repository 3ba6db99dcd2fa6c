//! `cargo xtask faults`: the tests that break things on purpose, alone and counted.

mod catalogue;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::machine;
use crate::skips::{self, Skips};
use crate::workspace::{SHAPE, Workspace, show};
use catalogue::{FAULTS, Fault};

/// Tells tests where to append what they counted, one line of JSON each.
const COUNTS_VARIABLE: &str = "CATWING_FAULTS_LOG";
/// Tells tests of random kills how many they make, and which is the first.
const SEEDS_VARIABLE: &str = "CATWING_FAULT_SEEDS";
const SEED_VARIABLE: &str = "CATWING_FAULT_SEED";
/// Random kills of each test of a long run.
const LONG_SEEDS: u64 = 100;

/// What a test counted.
#[derive(Deserialize)]
struct Count {
    fault: String,
    test: String,
    kills: u64,
    faults: u64,
    digests: u64,
    differences: u64,
}

/// Runs the tests of all faults and prints the table. Good where every one passed or said aloud that it
/// could not run, and every fault that must be counted is.
pub fn run(workspace: &Workspace, long: bool, seed: u64) -> Result<ExitCode> {
    workspace.build()?;
    if let Some(code) = machine::prepare(&workspace.catwing())? {
        return Ok(code);
    }
    let skips = Skips::begin(workspace)?;
    let log = workspace.scratch().join("faults.jsonl");
    fs::write(&log, "").with_context(|| format!("cannot write {}", log.display()))?;
    let mut command = runner(workspace);
    command
        .env(COUNTS_VARIABLE, &log)
        .env(skips::VARIABLE, skips.file())
        .env(SEED_VARIABLE, seed.to_string());
    if long {
        command.env(SEEDS_VARIABLE, LONG_SEEDS.to_string());
        command.args(["--profile", "faults-long"]);
    }
    let outcomes = follow(&mut command)?;
    let skipped = skips.read()?;
    for entry in &skipped {
        println!("skipped: {entry}");
    }
    let counts = counts(&log)?;
    println!("{}", table(&outcomes, &counts));
    let mut problems = problems(&outcomes, &counts, &skipped);
    if !problems.is_empty() {
        problems.push(
            "where a seed failed it is named above: `cargo xtask faults --seed N` begins with it"
                .to_owned(),
        );
    }
    for problem in &problems {
        println!("faults: {problem}");
    }
    Ok(if problems.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

/// One call of nextest with every test of the catalogue.
fn runner(workspace: &Workspace) -> Command {
    let exact = |test: &&str| format!("test(={test})");
    let tests: BTreeSet<_> = FAULTS.iter().flat_map(|fault| fault.tests).collect();
    let filter: Vec<_> = tests.into_iter().map(exact).collect();
    let mut command = workspace.cargo();
    command.args(["nextest", "run"]).args(SHAPE);
    command.args(["--no-fail-fast", "-E", &filter.join(" | ")]);
    command
}

/// Runs it, passing on what it prints, and returns which tests passed.
fn follow(command: &mut Command) -> Result<BTreeMap<String, bool>> {
    let shown = show(command);
    let mut child = command
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{shown}`"))?;
    let printed = child
        .stderr
        .take()
        .with_context(|| format!("`{shown}` has no output to read"))?;
    let mut outcomes = BTreeMap::new();
    for line in BufReader::new(printed).split(b'\n') {
        // A test may print anything, so that its lines need not be UTF-8.
        let line = line.with_context(|| format!("cannot read what `{shown}` prints"))?;
        let line = String::from_utf8_lossy(&line);
        eprintln!("{line}");
        if let Some((test, passed)) = outcome(&line) {
            // nextest names failed tests once more at its end.
            let known = outcomes.entry(test).or_insert(passed);
            *known &= passed;
        }
    }
    child.wait()?;
    Ok(outcomes)
}

/// What a line of nextest says of a test, `PASS [   1.2s] catwing-tests::it module::name`.
fn outcome(line: &str) -> Option<(String, bool)> {
    let (status, rest) = line.trim_start().split_once(" [")?;
    let passed = match status.trim_end() {
        "PASS" | "LEAK" => true,
        "FAIL" | "TIMEOUT" | "LEAK-FAIL" | "XFAIL" => false,
        status if status.starts_with("SIG") || status.starts_with("ABORT") => false,
        _ => return None,
    };
    let (_, named) = rest.split_once(']')?;
    Some((named.split_whitespace().next_back()?.to_owned(), passed))
}

fn counts(log: &Path) -> Result<Vec<Count>> {
    let text = fs::read_to_string(log).with_context(|| format!("cannot read {}", log.display()))?;
    let read = |line: &str| {
        serde_json::from_str(line).with_context(|| format!("this is no count of a test: {line}"))
    };
    text.lines().map(read).collect()
}

/// What a fault comes to.
#[derive(Default)]
struct Sum {
    tests: usize,
    kills: u64,
    faults: u64,
    digests: u64,
    differences: u64,
}

fn sum(fault: &Fault, outcomes: &BTreeMap<String, bool>, counts: &[Count]) -> Sum {
    let ran = |test: &&&str| outcomes.contains_key(**test);
    let mut sum = Sum {
        tests: fault.tests.iter().filter(ran).count(),
        ..Sum::default()
    };
    for count in counts.iter().filter(|count| count.fault == fault.id) {
        sum.kills += count.kills;
        sum.faults += count.faults;
        sum.digests += count.digests;
        sum.differences += count.differences;
    }
    sum
}

fn table(outcomes: &BTreeMap<String, bool>, counts: &[Count]) -> String {
    let mut lines = vec![
        "| fault | what is done | tests | kills | faults | digests compared | differences |"
            .to_owned(),
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |".to_owned(),
    ];
    let mut total = Sum::default();
    for fault in FAULTS {
        let sum = sum(fault, outcomes, counts);
        let of = |number: u64| match fault.is_counted {
            true => number.to_string(),
            false => "-".to_owned(),
        };
        lines.push(format!(
            "| {} | {} | {} | {} | {} | {} | {} |",
            fault.id,
            fault.what,
            sum.tests,
            of(sum.kills),
            of(sum.faults),
            of(sum.digests),
            of(sum.differences)
        ));
        total.tests += sum.tests;
        total.kills += sum.kills;
        total.faults += sum.faults;
        total.digests += sum.digests;
        total.differences += sum.differences;
    }
    lines.push(format!(
        "| all | | {} | {} | {} | {} | {} |",
        total.tests, total.kills, total.faults, total.digests, total.differences
    ));
    lines.join("\n")
}

/// Everything that keeps the table from being a proof.
fn problems(
    outcomes: &BTreeMap<String, bool>,
    counts: &[Count],
    skipped: &[String],
) -> Vec<String> {
    let mut problems = Vec::new();
    for fault in FAULTS {
        for test in fault.tests {
            match outcomes.get(*test) {
                Some(true) => {}
                Some(false) => problems.push(format!("{}: {test} failed", fault.id)),
                None => problems.push(format!("{}: {test} did not run", fault.id)),
            }
        }
        let is_skipped = |test: &&str| skipped.iter().any(|entry| entry.starts_with(*test));
        let all_skipped = fault.tests.iter().all(is_skipped);
        let counted = counts.iter().any(|count| count.fault == fault.id);
        if fault.is_counted && !counted && !all_skipped {
            problems.push(format!("{}: no test counted anything", fault.id));
        }
    }
    for count in counts {
        let mut named = FAULTS.iter().filter(|fault| fault.id == count.fault);
        if !named.any(|fault| fault.tests.contains(&count.test.as_str())) {
            problems.push(format!(
                "{} counts for {} and is not in the catalogue",
                count.test, count.fault
            ));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_nextest_are_read() {
        let passed = "        PASS [   1.204s] ( 3/40) catwing-tests::it clocks::wrong";
        assert_eq!(outcome(passed), Some(("clocks::wrong".to_owned(), true)));
        let killed = "     SIGABRT [   0.1s] catwing-orchestrator::it kill::it";
        assert_eq!(outcome(killed), Some(("kill::it".to_owned(), false)));
        for line in [
            "       START             catwing-tests::it clocks::wrong",
            "        SLOW [> 60.000s] catwing-tests::it clocks::wrong",
            "     Summary [  12.0s] 3 tests run: 3 passed, 2 skipped",
        ] {
            assert_eq!(outcome(line), None, "{line}");
        }
    }

    #[test]
    fn what_is_missing_is_told() {
        let all = FAULTS.iter().flat_map(|fault| fault.tests);
        let outcomes: BTreeMap<_, _> = all.map(|test| ((*test).to_owned(), true)).collect();
        let count = |fault: &Fault| Count {
            fault: fault.id.to_owned(),
            test: fault.tests.first().copied().unwrap_or_default().to_owned(),
            kills: 2,
            faults: 0,
            digests: 3,
            differences: 0,
        };
        let counted = FAULTS.iter().filter(|fault| fault.is_counted);
        let mut counts: Vec<_> = counted.map(count).collect();
        assert_eq!(problems(&outcomes, &counts, &[]), Vec::<String>::new());
        assert!(table(&outcomes, &counts).contains("| F1 | "));

        let taken = counts.remove(0);
        assert_eq!(
            problems(&outcomes, &counts, &[]),
            ["F1: no test counted anything"]
        );
        counts.push(Count {
            test: "kill::unknown".to_owned(),
            ..taken
        });
        assert_eq!(
            problems(&outcomes, &counts, &[]),
            ["kill::unknown counts for F1 and is not in the catalogue"]
        );
    }
}
