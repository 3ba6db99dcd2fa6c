//! The daily runs of many small tenants against so many times one tenant's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::Bench;
use crate::bench::meter::Sample;
use crate::bench::taken::{Measure, Side, Taken, Unit, ratio};
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
const DATABASE: &str = "bench_tenants";

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
    for _ in 0..bench.runs {
        let [all, one] = &mut sides;
        all.samples
            .push(tenants.run(&["run", "--all", "--jobs", "2", "--date", &tenants.last])?);
        let first = tenants.clients.first().context("there is no tenant")?;
        one.samples
            .push(tenants.run(&["run", "--client", first, "--date", &tenants.last])?);
    }
    fs::remove_dir_all(&tenants.home)?;
    let value = ratio(
        sides[0].median(Measure::Cpu),
        sides[1].median(Measure::Cpu) * count as f64,
    );
    let what = format!("{count} tenants' daily runs, each against one alone");
    Ok(vec![Taken::new("tenants", &what, sides, &[]).with(
        "CPU",
        value,
        Unit::Ratio,
        Some(1.2),
    )])
}

impl<'a> Tenants<'a> {
    fn open(bench: &'a Bench<'a>, count: usize) -> Result<Self> {
        let folder = bench.program.folder();
        let home = folder.join("home-tenants");
        if home.exists() {
            fs::remove_dir_all(&home)?;
        }
        eprintln!("bench: making {count} tenants ...");
        let file = folder.join("small-tenant.toml");
        let erp = Erp::start(bench.program, bench.server, SHAPE, TENANT, &file)?;
        let days = days(bench.server, &erp.first_day, &erp.last_day)?;
        let tenants = Self {
            bench,
            erp,
            home,
            clients: (FIRST..FIRST + count)
                .map(|number| format!("CW-{number:06}"))
                .collect(),
            last: days.last().cloned().unwrap_or_default(),
        };
        tenants.register(&fs::read_to_string(&file)?)?;
        let earlier = days.iter().filter(|day| **day != tenants.last);
        for day in earlier {
            tenants.erp.set_clock(day, "2")?;
            tenants.call(&["run", "--all", "--jobs", "2", "--date", day])?;
        }
        tenants.erp.set_clock(&tenants.last, "2")?;
        Ok(tenants)
    }

    fn register(&self, like: &str) -> Result<()> {
        let server = self.bench.server;
        server.drop(DATABASE)?;
        server.sql("postgres", &format!("create database {DATABASE}"))?;
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
        let mut command = self.command(&self.home, DATABASE, arguments);
        execute(command.stdin(Stdio::null()).stdout(Stdio::null()))
    }

    fn command(&self, home: &Path, database: &str, arguments: &[&str]) -> Command {
        let program = self.bench.program;
        let command = program.command_at(home, self.bench.server, database, arguments);
        self.erp.show_to(command)
    }

    /// A run on copies of the database and of the archive, which it adds to.
    fn run(&self, arguments: &[&str]) -> Result<Sample> {
        let (bench, database) = (self.bench, "bench_run");
        let home = bench.program.folder().join("home-run");
        if home.exists() {
            fs::remove_dir_all(&home)?;
        }
        execute(Command::new("cp").arg("-a").arg(&self.home).arg(&home))?;
        bench.server.copy(DATABASE, database)?;
        let command = self.command(&home, database, arguments);
        let sample = bench
            .program
            .measure(bench.server, command, arguments)?
            .sample;
        bench.server.drop(database)?;
        fs::remove_dir_all(&home)?;
        Ok(sample)
    }
}
