//! `cargo xtask test`: every test and doc test, with what was skipped said aloud.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result};

use crate::machine;
use crate::skips::{self, Skips};
use crate::tally::Tally;
use crate::workspace::{SHAPE, Workspace, show};

/// Builds, prepares the machine and runs the tests. A failure does not stop the others; a run of no
/// test is a failure too.
pub fn run(workspace: &Workspace, filters: &[String]) -> Result<ExitCode> {
    workspace.build()?;
    if let Some(code) = machine::prepare(&workspace.catwing())? {
        return Ok(code);
    }
    let skips = Skips::begin(workspace)?;
    let mut total = Tally::default();
    let mut good = true;
    for (mut command, closes_on) in runners(workspace, filters) {
        command.env(skips::VARIABLE, skips.file());
        good &= follow(&mut command, closes_on, &mut total)?;
    }
    if total.passed + total.failed == 0 {
        println!("no test ran: does a name contain {filters:?}?");
        good = false;
    }
    if !filters.is_empty() {
        // nextest says "skipped" of what a filter leaves out as well.
        total.skipped = 0;
    }
    let skipped = skips.read()?;
    for entry in &skipped {
        println!("skipped: {entry}");
    }
    total.skip(u64::try_from(skipped.len())?);
    println!("tests: {total}");
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

/// Where a runner prints its closing lines.
#[derive(Clone, Copy)]
enum Output {
    Standard,
    Error,
}

impl Output {
    /// What the closing line of the runner that prints there begins with.
    fn closing(self) -> &'static str {
        match self {
            Self::Standard => "test result:",
            Self::Error => "Summary [",
        }
    }
}

fn runners(workspace: &Workspace, filters: &[String]) -> [(Command, Output); 2] {
    let mut doc_tests = workspace.cargo();
    doc_tests.args(["test", "--workspace", "--doc", "--no-fail-fast", "--"]);
    doc_tests.args(filters);

    let mut tests = workspace.cargo();
    let closes_on = if has_nextest(workspace) {
        // A filter may match doc tests alone, so that nextest's own "no tests" is no failure yet.
        tests.args(["nextest", "run"]).args(SHAPE);
        tests
            .args(["--no-fail-fast", "--no-tests=pass"])
            .args(filters);
        Output::Error
    } else {
        tests.arg("test").args(SHAPE);
        tests.args(["--no-fail-fast", "--"]).args(filters);
        Output::Standard
    };
    [(doc_tests, Output::Standard), (tests, closes_on)]
}

fn has_nextest(workspace: &Workspace) -> bool {
    workspace
        .cargo()
        .args(["nextest", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs a test runner, passing on what it prints and adding what it counts.
fn follow(command: &mut Command, closes_on: Output, total: &mut Tally) -> Result<bool> {
    let shown = show(command);
    eprintln!("{shown}");
    match closes_on {
        Output::Standard => command.stdout(Stdio::piped()),
        Output::Error => command.stderr(Stdio::piped()),
    };
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot start `{shown}`"))?;
    let printed: Option<Box<dyn Read>> = match closes_on {
        Output::Standard => child
            .stdout
            .take()
            .map(|pipe| Box::new(pipe) as Box<dyn Read>),
        Output::Error => child
            .stderr
            .take()
            .map(|pipe| Box::new(pipe) as Box<dyn Read>),
    };
    let printed = printed.with_context(|| format!("`{shown}` has no output to read"))?;
    for line in BufReader::new(printed).split(b'\n') {
        // A test may print anything, so that its lines need not be UTF-8.
        let line = line.with_context(|| format!("cannot read what `{shown}` prints"))?;
        let line = String::from_utf8_lossy(&line);
        match closes_on {
            Output::Standard => println!("{line}"),
            Output::Error => eprintln!("{line}"),
        }
        *total += Tally::of_line(&line, closes_on.closing());
    }
    Ok(child.wait()?.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_runner_counts_is_added_and_its_code_is_kept() {
        let script = "echo 'test result: FAILED. 3 passed; 1 failed; 0 ignored'; exit 101";
        let mut total = Tally::default();
        let good = follow(
            Command::new("sh").args(["-c", script]),
            Output::Standard,
            &mut total,
        );
        assert!(!good.expect("it ran"));
        assert_eq!((total.passed, total.failed), (3, 1));

        let script = "echo '  Summary [ 0.1s] 2 tests run: 2 passed, 0 skipped' >&2";
        let good = follow(
            Command::new("sh").args(["-c", script]),
            Output::Error,
            &mut total,
        );
        assert!(good.expect("it ran"));
        assert_eq!((total.passed, total.failed), (5, 1));
    }
}
