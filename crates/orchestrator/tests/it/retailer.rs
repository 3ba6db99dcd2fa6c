//! A few days of a simulated retailer: all kinds of records, as files or over HTTP.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::Result;
use catwing_simulator::{Dataset, History, Settings};

use crate::sales::CLIENT;

/// Business days: enough for a second delivery of the products and of the stock.
const DAYS: u16 = 8;
/// The shared tenant, which has the rates of exchange.
pub const SHARED: &str = r#"
client = "CW-GLOBAL"
name = "Rates"
time_zone = "Europe/Berlin"
base_currency = "EUR"
[datasets.currency_rates]
number = 1
"#;
/// Variables that tell the command where the ERP is, and who asks.
pub const URL: &str = "TEST_ERP_URL";
pub const TOKEN: &str = "TEST_ERP_TOKEN";

/// A small history of the tenant.
pub fn history(days: u16) -> Result<History> {
    Ok(History::new(Settings {
        days,
        products: 16,
        locations: 3,
        customers: 20,
        suppliers: 3,
        documents_a_day: 10,
        ..Settings::demo(CLIENT.parse()?, 11)
    }))
}

/// The tenant's file, for files.
pub fn tenant() -> Result<String> {
    Ok(history(DAYS)?.tenant_file("Killed again and again"))
}

/// The same for an ERP over HTTP.
pub fn served_tenant() -> Result<String> {
    let asked =
        format!("kind = \"rest\"\nbase_url_env = \"{URL}\"\ntoken_env = \"{TOKEN}\"\nattempts = 1");
    let file = tenant()?.replace("kind = \"files\"", &asked);
    let mut served = String::new();
    let mut dataset = "";
    for line in file.lines() {
        let header = line.strip_prefix("[datasets.");
        dataset = header
            .and_then(|rest| rest.strip_suffix(']'))
            .unwrap_or(dataset);
        writeln!(served, "{line}")?;
        if line.starts_with("completeness") {
            writeln!(
                served,
                "format = {{ type = \"json\", records = \"records\" }}\n\
                 fetch = {{ path = \"/v1/{dataset}\", query = {{ date = \"{{date}}\", page_size = \"25\" }}, \
                 page = \"page\", total = \"total\", next = \"next\" }}"
            )?;
        }
    }
    Ok(served)
}

/// Writes the files of all days but rates.
pub fn write(folder: &Path) -> Result<()> {
    write_files(folder, |dataset| !dataset.is_shared())
}

/// Writes the files of rates.
pub fn write_rates(folder: &Path) -> Result<()> {
    write_files(folder, Dataset::is_shared)
}

fn write_files(folder: &Path, which: fn(Dataset) -> bool) -> Result<()> {
    for day in history(DAYS)? {
        for file in day.files.iter().filter(|file| which(file.dataset)) {
            let revision = match file.revision {
                1 => String::new(),
                revision => format!(".r{revision}"),
            };
            let name = format!("{}_{}{revision}.json", file.dataset, day.day);
            fs::write(folder.join(name), &file.bytes)?;
        }
    }
    Ok(())
}
