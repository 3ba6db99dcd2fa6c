//! Files of a few days' sales: small, and with all that makes loading hard.

use std::{fs, path::Path};

use anyhow::Result;
use serde_json::{Value, json};

/// The tenant, whose sources speak canonical records.
pub const TENANT: &str = r#"
client = "CW-000330"
name = "Killed again and again"
time_zone = "Europe/London"
base_currency = "GBP"
[datasets.customers]
number = 3
completeness = "snapshot"
[datasets.sales_orders]
number = 20
"#;
pub const CLIENT: &str = "CW-000330";
/// The schema of the tenant.
pub const SCHEMA: &str = "cw_330";
/// How the files are named.
pub const PATTERN: &str = "{dataset}_%Y-%m-%d";

/// Business days with files.
pub const DAYS: u32 = 10;
/// Documents that a day brings; some of them are corrections of the day before.
const DOCUMENTS: u32 = 30;
const LINES_MAX: u32 = 6;

/// Writes the files of all days: a snapshot of customers and the day's documents.
pub fn write(folder: &Path) -> Result<()> {
    for day in 0..DAYS {
        let date = format!("2011-01-{}", 10 + day);
        let of_day = |name: &str| folder.join(format!("{name}_{date}.json"));
        // A customer leaves each day, and returns the day after.
        let customers = (0..8)
            .filter(|customer| customer % DAYS != day)
            .map(customer);
        fs::write(
            of_day("customers"),
            json!(customers.collect::<Vec<_>>()).to_string(),
        )?;
        let documents = (0..DOCUMENTS).map(|number| document(day, number, &date));
        fs::write(
            of_day("sales_orders"),
            json!(documents.collect::<Vec<_>>()).to_string(),
        )?;
    }
    Ok(())
}

fn customer(number: u32) -> Value {
    json!({ "external_id": format!("C{number}"), "name": format!("Customer {number}") })
}

/// Every fifth document corrects one of the day before, with fewer lines; every eleventh is refused.
fn document(day: u32, number: u32, date: &str) -> Value {
    let is_correction = number.is_multiple_of(5) && day > 0;
    let key = format!("{}-{number}", if is_correction { day - 1 } else { day });
    let lines = if is_correction {
        1
    } else {
        1 + (day + number) % LINES_MAX
    };
    let lines = (0..lines).map(|line| {
        json!({
            "line_no": line + 1, "qty": 1 + (number + line) % 7, "unit_price": "2.55",
            "product": { "external_id": format!("P{}", (number * 3 + line) % 40), "name": date },
        })
    });
    let is_refused = number % 11 == 10;
    json!({
        "external_id": key, "order_date": if is_refused { "yesterday" } else { date },
        "location_external_id": format!("L{}", number % 3),
        "customer": { "external_id": format!("C{}", number % 9) },
        "lines": lines.collect::<Vec<_>>(),
    })
}
