//! The simulated retailer that figures are taken with: its sizes, and its files in the archive.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use super::program::{ERP_VARIABLE, Program};
use super::server::Server;
use super::templates::BUILDING;
use crate::workspace::execute;

/// The tenant of the figures.
pub const TENANT: &str = "CW-000200";
/// What all tenants share; its rates of exchange are read by statistics.
pub const SHARED: &str = "CW-GLOBAL";
/// The same history on every machine.
const SEED: &str = "1";
/// The database of a tenant that is known and has nothing.
pub const EMPTY: &str = "bench_empty";

/// How much is measured with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Size {
    /// 10 days of a small shop: shows that figures can be taken
    Small,
    /// 60 days, about 250,000 versions of sales orders with 750,000 lines
    Medium,
    /// 365 days of the same shop
    Large,
}

/// What the simulator is told of a size. A day of medium and large brings about 28,000 rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    pub days: u32,
    pub products: u32,
    pub locations: u32,
    pub orders: u32,
}

impl Size {
    pub fn shape(self) -> Shape {
        let of = |days, products, locations, orders| Shape {
            days,
            products,
            locations,
            orders,
        };
        match self {
            Self::Small => of(10, 120, 6, 400),
            Self::Medium => of(60, 600, 20, 3_700),
            Self::Large => of(365, 600, 20, 3_700),
        }
    }

    /// Tenants whose daily runs are measured.
    pub fn tenants(self) -> usize {
        match self {
            Self::Small => 4,
            Self::Medium | Self::Large => 50,
        }
    }

    /// As it is called on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
        }
    }
}

/// What lies in the archive.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Workload {
    pub size: Size,
    /// Business days, the oldest first, as `YYYY-MM-DD`.
    pub days: Vec<String>,
    /// Bytes of the objects that were landed for the tenant.
    pub raw_bytes: u64,
    /// Of these, what the later half of the days brought.
    pub later_raw_bytes: u64,
    /// Of these, what the last day brought.
    pub last_raw_bytes: u64,
}

impl Workload {
    /// The workload that is in the program's home, or a new one.
    pub fn prepare(size: Size, program: &Program, server: &Server) -> Result<Self> {
        let note = program.folder().join("workload.json");
        if let Ok(text) = fs::read_to_string(&note) {
            let found: Self = serde_json::from_str(&text).with_context(|| {
                format!(
                    "{} is of another version: remove the folder",
                    note.display()
                )
            })?;
            ensure!(
                found.size == size,
                "the folder of --keep holds the {} workload: say --size {}, or give another folder",
                found.size.name(),
                found.size.name()
            );
            return Ok(found);
        }
        ensure!(
            !program.home().exists(),
            "a benchmark that was ended before its files were landed left {}: remove the folder",
            program.folder().display()
        );
        let workload = land(size, program, server)?;
        fs::write(&note, serde_json::to_string_pretty(&workload)?)?;
        Ok(workload)
    }

    /// The last day of the earlier half.
    pub fn middle(&self) -> &str {
        self.days
            .get((self.days.len() / 2).saturating_sub(1))
            .map_or("", String::as_str)
    }

    /// The last day but one.
    pub fn last_but_one(&self) -> &str {
        self.days
            .get(self.days.len().saturating_sub(2))
            .map_or("", String::as_str)
    }

    /// The last day.
    pub fn last(&self) -> &str {
        self.days.last().map_or("", String::as_str)
    }
}

/// Lands day after day as a retailer delivers them, and leaves a database that knows the tenant.
fn land(size: Size, program: &Program, server: &Server) -> Result<Workload> {
    eprintln!("bench: landing the {} workload ...", size.name());
    let tenant_file = program.folder().join("tenant.toml");
    let erp = Erp::start(program, server, size.shape(), TENANT, &tenant_file)?;
    let database = BUILDING;
    server.drop(database)?;
    server.sql("postgres", &format!("create database {database}"))?;
    let say = |arguments: &[&str]| {
        let mut command = erp.show_to(program.command(server, database, arguments));
        execute(command.stdin(Stdio::null()).stdout(Stdio::null()))
    };
    say(&["migrate"])?;
    let shared_file = program.folder().join("shared.toml");
    fs::write(
        &shared_file,
        shared_file_of(&fs::read_to_string(&tenant_file)?)?,
    )?;
    for file in [&shared_file, &tenant_file] {
        let file = file.to_str().context("the folder's name is not Unicode")?;
        say(&["tenant", "add", file])?;
    }
    let days = days(server, &erp.first_day, &erp.last_day)?;
    for day in &days {
        // Some days have a second delivery; where there is none, nothing new is landed.
        for delivery in ["1", "2"] {
            erp.set_clock(day, delivery)?;
            for client in [SHARED, TENANT] {
                say(&["ingest", "--client", client, "--date", day])?;
            }
        }
    }
    say(&["backfill", "--client", SHARED])?;
    server.name(database, EMPTY)?;
    let objects = objects(program)?;
    let bytes_after = |day: &str| -> u64 {
        let later = objects.iter().filter(|(of, _)| of.as_str() > day);
        later.map(|(_, bytes)| bytes).sum()
    };
    let mut workload = Workload {
        size,
        days,
        raw_bytes: bytes_after(""),
        later_raw_bytes: 0,
        last_raw_bytes: 0,
    };
    workload.later_raw_bytes = bytes_after(workload.middle());
    workload.last_raw_bytes = bytes_after(workload.last_but_one());
    Ok(workload)
}

/// The days from one to another, by the server, which knows the calendar.
pub fn days(server: &Server, first: &str, last: &str) -> Result<Vec<String>> {
    let sql = format!(
        "select d::date from generate_series(date '{first}', date '{last}', interval '1 day') as d"
    );
    let answer = server.sql("postgres", &sql)?;
    Ok(answer.lines().map(str::to_owned).collect())
}

/// A simulated ERP that serves until it is dropped.
pub struct Erp {
    child: Child,
    url: String,
    pub first_day: String,
    pub last_day: String,
}

impl Erp {
    /// Simulates a history, writes the tenant's file and serves.
    pub fn start(
        program: &Program,
        server: &Server,
        shape: Shape,
        client: &str,
        tenant_file: &Path,
    ) -> Result<Self> {
        let numbers =
            [shape.days, shape.products, shape.locations, shape.orders].map(|n| n.to_string());
        let [days, products, locations, orders] = &numbers;
        let arguments = [
            "simulator",
            "--client",
            client,
            "--seed",
            SEED,
            "--days",
            days,
            "--products",
            products,
            "--locations",
            locations,
            "--orders",
            orders,
            "--tenant-file",
        ];
        let mut child = program
            .command(server, "postgres", &arguments)
            .arg(tenant_file)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start `catwing simulator`")?;
        let stdout = child.stdout.take().context("the simulator has no output")?;
        let said = first_document(stdout);
        let mut erp = Self {
            child,
            url: String::new(),
            first_day: String::new(),
            last_day: String::new(),
        };
        let said = said.context("`catwing simulator` did not say where it serves")?;
        let text = |name: &str| {
            said.get(name)
                .and_then(|value| value.as_str())
                .unwrap_or_default()
        };
        erp.url = text("url").to_owned();
        erp.first_day = text("first_day").to_owned();
        erp.last_day = text("last_day").to_owned();
        let file = fs::read_to_string(tenant_file)?;
        fs::write(tenant_file, by_variable(&file, &erp.url)?)?;
        Ok(erp)
    }

    /// Says how far the ERP's time is: the day and how many of its deliveries.
    pub fn set_clock(&self, day: &str, delivery: &str) -> Result<()> {
        let address = self.url.trim_start_matches("http://");
        let body = format!("{{\"day\": \"{day}\", \"delivery\": {delivery}}}");
        let mut stream = TcpStream::connect(address)?;
        write!(
            stream,
            "PUT /clock HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let status = answer.split_ascii_whitespace().nth(1).unwrap_or_default();
        if !status.starts_with('2') {
            bail!("the simulator did not take the day {day}: {answer}");
        }
        Ok(())
    }

    /// Lets a command of `catwing` find the ERP.
    pub fn show_to(&self, mut command: Command) -> Command {
        command.env(ERP_VARIABLE, &self.url);
        command
    }
}

impl Drop for Erp {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first JSON document of a stream that stays open.
fn first_document(stream: impl Read) -> Result<serde_json::Value> {
    let mut text = String::new();
    for line in BufReader::new(stream).lines() {
        text.push_str(&line?);
        text.push('\n');
        if let Ok(value) = serde_json::from_str(&text) {
            return Ok(value);
        }
    }
    bail!("it ended after saying {text:?}")
}

/// The tenant's file with the address in a variable: another run serves on another port.
fn by_variable(file: &str, url: &str) -> Result<String> {
    let address = format!("base_url = \"{url}\"");
    ensure!(
        file.contains(&address),
        "the simulator's tenant file has no line `{address}`"
    );
    Ok(file.replace(&address, &format!("base_url_env = \"{ERP_VARIABLE}\"")))
}

/// The shared tenant's file: the rates that the same ERP tells, fetched as its other datasets are.
pub fn shared_file_of(tenant_file: &str) -> Result<String> {
    let like = "/v1/sales_orders";
    let fetch = tenant_file
        .lines()
        .find(|line| line.starts_with("fetch") && line.contains(like))
        .context("the simulator's tenant file fetches no sales orders")?
        .replace(like, "/v1/currency_rates");
    Ok(format!(
        "client = \"{SHARED}\"\nname = \"Rates of exchange\"\ntime_zone = \"Europe/Berlin\"\n\
         base_currency = \"EUR\"\n\n[sources.erp]\nkind = \"rest\"\nbase_url_env = \"{ERP_VARIABLE}\"\n\n\
         [datasets.rates]\nnumber = 1\nsource = \"erp\"\ncompleteness = \"delta\"\n\
         format = {{ type = \"json\", records = \"records\" }}\n{fetch}\n\
         [datasets.rates.feeds.currency_rates]\n"
    ))
}

/// The business day and the size of each raw object of the tenant: folders of the archive are named by day.
fn objects(program: &Program) -> Result<Vec<(String, u64)>> {
    let root = program.home().join("s3");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let key = path.strip_prefix(&root)?.to_string_lossy();
            if let Some(day) = day_in(&key).filter(|_| key.contains(TENANT)) {
                found.push((day.to_owned(), entry.metadata()?.len()));
            }
        }
    }
    Ok(found)
}

/// The part of a path that is a date.
fn day_in(path: &str) -> Option<&str> {
    path.split('/').find(|part| {
        part.len() == 10
            && part.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "[sources.erp]\nbase_url = \"http://127.0.0.1:7\"\n\
        fetch = { path = \"/v1/products\" }\nfetch = { path = \"/v1/sales_orders\", page = \"page\" }\n";

    #[test]
    fn the_address_goes_to_a_variable() {
        let file = by_variable(FILE, "http://127.0.0.1:7").expect("it is there");
        assert!(file.contains("base_url_env = \"CATWING_BENCH_ERP\"\n"));
        assert!(!file.contains("127.0.0.1"));
        assert!(by_variable(FILE, "http://127.0.0.1:8").is_err());
    }

    #[test]
    fn rates_are_fetched_as_sales_are() {
        let file = shared_file_of(FILE).expect("sales orders are there");
        assert!(file.contains("fetch = { path = \"/v1/currency_rates\", page = \"page\" }"));
        assert!(shared_file_of("fetch = {}").is_err());
    }

    #[test]
    fn a_day_is_found_in_a_path() {
        assert_eq!(
            day_in("/s3/raw/CW-000200/2026-01-05/01/x.json"),
            Some("2026-01-05")
        );
        assert_eq!(day_in("/s3/raw/CW-000200/manifest/x.json"), None);
        assert_eq!(day_in("2026-1-0500"), None);
    }

    #[test]
    fn halves_and_last_days_are_of_the_days_in_order() {
        let days = ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"];
        let workload = Workload {
            size: Size::Small,
            days: days.map(str::to_owned).to_vec(),
            raw_bytes: 0,
            later_raw_bytes: 0,
            last_raw_bytes: 0,
        };
        assert_eq!(workload.middle(), "2026-01-02");
        assert_eq!(workload.last_but_one(), "2026-01-03");
        assert_eq!(workload.last(), "2026-01-04");
    }

    #[test]
    fn a_document_is_read_before_its_stream_ends() {
        let value = first_document("{\n \"url\": \"x\"\n}\nmore".as_bytes()).expect("a document");
        assert_eq!(value["url"], "x");
        assert!(first_document("simulating ...".as_bytes()).is_err());
    }
}
