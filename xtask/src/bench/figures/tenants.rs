//! The daily runs of many small tenants against so many times one tenant's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::Bench;
use crate::bench::meter::Metered;
use crate::bench::program::answer;
use crate::bench::taken::{Measure, Side, Taken, Unit, median, ratio};
use crate::bench::templates::{BUILDING, TENANTS};
use crate::bench::workload::{Erp, SHARED, Shape, TENANT, days, shared_file_of};
use crate::workspace::execute;

/// A small shop of three days; the last one is measured.
const SHAPE: Shape = Shape {
    days: 3,
    products: 60,
    locations: 4,
    orders: 80,
};
/// The number of the first of them.
const FIRST: usize = 301;

/// Tenants whose days are loaded but the last.
struct Tenants<'a> {
    bench: &'a Bench<'a>,
    erp: Erp,
    home: PathBuf,
    clients: Vec<String>,
    last: String,
}

/// All tenants' runs of a day, two at a time, beside one tenant's run alone.
pub fn take(bench: &Bench<'_>) -> Result<Vec<Taken>> {
    let count = bench.workload.size.tenants();
    let tenants = Tenants::open(bench, count)?;
    let name = |name: String| Side {
        name,
        samples: Vec::new(),
    };
    let mut sides = [
        name(format!("catwing run --all --jobs 2, {count} tenants")),
        name("catwing run of one tenant".to_owned()),
    ];
    let mut longest = Vec::new();
    for _ in 0..bench.runs {
        let [all, one] = &mut sides;
        let metered = tenants.run(&["run", "--all", "--jobs", "2", "--date", &tenants.last])?;
        longest.push(longest_of_median(&answer(&metered.stdout)?)?);
        all.samples.push(metered.sample);
        let first = tenants.clients.first().context("there is no tenant")?;
        let metered = tenants.run(&["run", "--client", first, "--date", &tenants.last])?;
        one.samples.push(metered.sample);
    }
    let [all, one] = &sides;
    let value = ratio(
        all.median(Measure::Cpu),
        one.median(Measure::Cpu) * count as f64,
    );
    let what = format!("{count} tenants' daily runs, each against one alone");
    let taken = Taken::new("tenants", &what, sides, &[]).with("CPU", value, Unit::Ratio, Some(1.2));
    let longest = median(longest);
    Ok(vec![taken.with(
        "longest run of the median",
        longest,
        Unit::Ratio,
        None,
    )])
}

/// How much longer than the median of all tenants' runs the longest took: none waits for the others.
fn longest_of_median(answer: &Value) -> Result<f64> {
    let tenants = answer.get("tenants").and_then(Value::as_array);
    let seconds: Vec<f64> = tenants
        .context("`catwing run --all --json` names no tenants")?
        .iter()
        .filter(|tenant| tenant.get("client").and_then(Value::as_str) != Some(SHARED))
        .map(|tenant| {
            let steps = tenant.get("steps").and_then(Value::as_array);
            let of_step = |step: &Value| step.get("seconds").and_then(Value::as_f64);
            steps.into_iter().flatten().filter_map(of_step).sum()
        })
        .collect();
    let longest = seconds.iter().copied().fold(0.0, f64::max);
    Ok(longest / median(seconds).max(0.001))
}

impl<'a> Tenants<'a> {
    /// Those that the folder has already, or new ones.
    fn open(bench: &'a Bench<'a>, count: usize) -> Result<Self> {
        let folder = bench.program.folder();
        let file = folder.join("small-tenant.toml");
        let erp = Erp::start(bench.program, bench.server, SHAPE, TENANT, &file)?;
        let days = days(bench.server, &erp.first_day, &erp.last_day)?;
        let tenants = Self {
            bench,
            erp,
            home: folder.join("home-tenants"),
            clients: (FIRST..FIRST + count)
                .map(|number| format!("CW-{number:06}"))
                .collect(),
            last: days.last().cloned().unwrap_or_default(),
        };
        if !bench.server.has(TENANTS)? || !tenants.home.is_dir() {
            bench.server.drop(TENANTS)?;
            tenants.make(&fs::read_to_string(&file)?, &days)?;
        }
        tenants.erp.set_clock(&tenants.last, "2")?;
        Ok(tenants)
    }

    fn make(&self, file: &str, days: &[String]) -> Result<()> {
        eprintln!("bench: making {} tenants ...", self.clients.len());
        if self.home.exists() {
            fs::remove_dir_all(&self.home)?;
        }
        self.register(file)?;
        for day in days.iter().filter(|day| **day != self.last) {
            self.erp.set_clock(day, "2")?;
            self.call(&["run", "--all", "--jobs", "2", "--date", day])?;
        }
        self.bench.server.name(BUILDING, TENANTS)
    }

    fn register(&self, like: &str) -> Result<()> {
        let server = self.bench.server;
        server.drop(BUILDING)?;
        server.sql("postgres", &format!("create database {BUILDING}"))?;
        self.call(&["migrate"])?;
        self.add(SHARED, &shared_file_of(like)?)?;
        let own = format!("client = \"{TENANT}\"");
        ensure!(
            like.contains(&own),
            "the simulator's tenant file has no line `{own}`"
        );
        for client in &self.clients {
            self.add(
                client,
                &like.replace(&own, &format!("client = \"{client}\"")),
            )?;
        }
        Ok(())
    }

    fn add(&self, client: &str, toml: &str) -> Result<()> {
        let file = self.bench.program.folder().join("one-tenant.toml");
        fs::write(&file, toml)?;
        let path = file.to_str().context("the folder's name is not Unicode")?;
        self.call(&["tenant", "add", path])
            .with_context(|| format!("cannot add the tenant {client}"))
    }

    fn call(&self, arguments: &[&str]) -> Result<()> {
        let mut command = self.command(&self.home, BUILDING, arguments);
        execute(command.stdin(Stdio::null()).stdout(Stdio::null()))
    }

    fn command(&self, home: &Path, database: &str, arguments: &[&str]) -> Command {
        let program = self.bench.program;
        let command = program.command_at(home, self.bench.server, database, arguments);
        self.erp.show_to(command)
    }

    /// A run on copies of the database and of the archive, which it adds to.
    fn run(&self, arguments: &[&str]) -> Result<Metered> {
        let (bench, database) = (self.bench, "bench_run");
        let home = bench.program.folder().join("home-run");
        if home.exists() {
            fs::remove_dir_all(&home)?;
        }
        execute(Command::new("cp").arg("-a").arg(&self.home).arg(&home))?;
        bench.server.copy(TENANTS, database)?;
        let command = self.command(&home, database, arguments);
        let metered = bench.program.measure(bench.server, command, arguments)?;
        bench.server.drop(database)?;
        fs::remove_dir_all(&home)?;
        Ok(metered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_run_is_measured_by_the_median() {
        let tenant = |client: &str, seconds: f64| {
            let steps = [seconds, 0.5].map(|seconds| serde_json::json!({ "seconds": seconds }));
            serde_json::json!({ "client": client, "steps": steps })
        };
        let tenants = [
            tenant(SHARED, 90.0),
            tenant("CW-000301", 0.5),
            tenant("CW-000302", 1.5),
            tenant("CW-000303", 3.5),
        ];
        let answer = serde_json::json!({ "tenants": tenants });
        assert_eq!(longest_of_median(&answer).expect("tenants"), 2.0);
        assert!(longest_of_median(&Value::Null).is_err());
    }
}
