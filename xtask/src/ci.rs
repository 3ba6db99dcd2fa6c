//! `cargo xtask ci`: the whole gate, cheapest checks first, each with its seconds.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::workspace::{SHAPE, Workspace, execute};
use crate::{bench, check_deps, check_docs, check_migrations, reference_data, test};

type Stage = (&'static str, fn(&Workspace) -> Result<ExitCode>);

/// Lints come before documentation, which reuses the metadata of dependencies that they compile.
/// Reference data is compared by a binary of the same build that the tests need. Benchmarks come last, for
/// their form: how quick anything is fails no gate.
const STAGES: [Stage; 8] = [
    ("fmt", fmt),
    ("check-deps", |workspace| passed(check_deps::run(workspace))),
    ("check-migrations", |workspace| {
        passed(check_migrations::run(workspace, false))
    }),
    ("clippy", clippy),
    ("check-docs", |workspace| passed(check_docs::run(workspace))),
    ("reference-data", |workspace| {
        passed(reference_data::run(workspace, true, None))
    }),
    ("test", |workspace| test::run(workspace, &[])),
    ("bench", bench::form),
];

/// Runs the stages in order and stops at the first that fails.
pub fn run(workspace: &Workspace) -> Result<ExitCode> {
    run_stages(workspace, &STAGES)
}

fn run_stages(workspace: &Workspace, stages: &[Stage]) -> Result<ExitCode> {
    let begun = Instant::now();
    for (name, stage) in stages {
        eprintln!("ci: {name}");
        let stage_begun = Instant::now();
        let result = stage(workspace).with_context(|| format!("ci stage {name}"));
        let seconds = stage_begun.elapsed().as_secs_f64();
        match result {
            Ok(ExitCode::SUCCESS) => eprintln!("ci: {name} passed in {seconds:.1} s"),
            failed => {
                eprintln!("ci: {name} FAILED after {seconds:.1} s");
                return failed;
            }
        }
    }
    eprintln!("ci: all passed in {:.1} s", begun.elapsed().as_secs_f64());
    Ok(ExitCode::SUCCESS)
}

fn fmt(workspace: &Workspace) -> Result<ExitCode> {
    passed(execute(workspace.cargo().args(["fmt", "--all", "--check"])))
}

fn clippy(workspace: &Workspace) -> Result<ExitCode> {
    let mut command = workspace.cargo();
    command.arg("clippy").args(SHAPE);
    passed(execute(command.args(["--", "-D", "warnings"])))
}

fn passed(result: Result<()>) -> Result<ExitCode> {
    result.map(|()| ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_stage_fails_the_gate_and_ends_it() -> Result<()> {
        let workspace = Workspace::find()?;
        let good: Stage = ("good", |_| Ok(ExitCode::SUCCESS));
        let red: Stage = ("red", |_| Ok(ExitCode::from(1)));
        let broken: Stage = ("broken", |_| anyhow::bail!("it broke"));
        let never: Stage = ("never", |_| anyhow::bail!("it ran"));

        assert_eq!(run_stages(&workspace, &[good, good])?, ExitCode::SUCCESS);
        assert_eq!(
            run_stages(&workspace, &[good, red, never])?,
            ExitCode::from(1)
        );
        let error = run_stages(&workspace, &[broken, never]).expect_err("it broke");
        assert_eq!(format!("{error:#}"), "ci stage broken: it broke");
        Ok(())
    }
}
