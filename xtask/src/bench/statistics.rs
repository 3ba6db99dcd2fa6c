//! The yardstick S: the statistics by plain SQL, all of them from the facts.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};

use super::flat::SCHEMA;
use super::meter::{self, Output, Sample};
use super::server::Server;
use super::workload::{TENANT, Workload};

const PLAIN: &str = include_str!("statistics.sql");
/// Where the yardstick's tables are, and where Catwing's are.
const OWN: &str = "plain";
const THEIRS: &str = "cw_200_stats";
/// Of a stock, a period shows its last day with such data, the same for all places: the start of the period a
/// day is in, and its last day.
const PERIODS: [(&str, &str, &str); 3] = [
    (
        "weekly",
        "date_trunc('week', period_start::timestamp)::date",
        "start + 6",
    ),
    (
        "monthly",
        "date_trunc('month', period_start::timestamp)::date",
        "(start + interval '1 month')::date - 1",
    ),
    (
        "quarterly",
        "date_trunc('quarter', period_start::timestamp)::date",
        "(start + interval '3 months')::date - 1",
    ),
];
/// Stocks, and the days that there is such data of.
const STOCKS: [(&str, &str); 2] = [
    (
        "inventory_values",
        "select snapshot_date from inventory_sets",
    ),
    (
        "pending_po_values",
        "select business_day from delivered_days where entity in ('purchase_orders', 'receiving_orders')",
    ),
];
/// Subjects whose tables both sides fill.
const SUBJECTS: [&str; 3] = ["sales_values", "inventory_values", "pending_po_values"];
const LENGTHS: [&str; 4] = ["daily", "weekly", "monthly", "quarterly"];

/// Tables of the same shape, empty, with the same indexes.
pub fn tables_sql() -> String {
    let tables: String = tables()
        .map(|table| {
            format!("create table {OWN}.{table} (like {THEIRS}.{table} including defaults including indexes);\n")
        })
        .collect();
    format!("create schema {OWN};\n{tables}")
}

/// All statistics, in one transaction.
fn script(workload: &Workload) -> String {
    let first = workload.days.first().map_or("", String::as_str);
    let plain = PLAIN
        .replace("{own}", OWN)
        .replace("{client}", TENANT)
        .replace("{first}", first)
        .replace("{last}", workload.last());
    let mut sql = format!("begin;\nset local search_path to {SCHEMA}, pg_temp;\n{plain}");
    for (subject, days) in STOCKS {
        for (length, start, end) in PERIODS {
            sql.push_str(&format!(
                "insert into {OWN}.{length}_{subject} \
                 select d.location_id, p.start, {end}, d.total_qty, d.total_value, d.product_count \
                 from (select {start} as start, max(period_start) as day from ({days}) as known (period_start) \
                     group by 1) as p \
                 join {OWN}.daily_{subject} as d on d.period_start = p.day;\n"
            ));
        }
    }
    sql.push_str("commit;\n");
    sql
}

/// Runs the yardstick on a database that has its tables.
pub fn run(server: &Server, database: &str, workload: &Workload, folder: &Path) -> Result<Sample> {
    let file = folder.join("statistics.sql");
    fs::write(&file, script(workload))?;
    let mut psql = server.psql(database);
    psql.arg("-f").arg(&file);
    Ok(meter::run(server, &mut psql, Output::Thrown)?.sample)
}

/// Proves that both sides say the same, so that none is quick by leaving something out.
pub fn compare(server: &Server, database: &str) -> Result<u64> {
    let mut rows = 0;
    for table in tables() {
        let sql = format!(
            "select (select count(*) from {OWN}.{table}), (select count(*) from ( \
             (table {OWN}.{table} except table {THEIRS}.{table}) union all \
             (table {THEIRS}.{table} except table {OWN}.{table})) as differing)"
        );
        let answer = server.sql(database, &sql)?;
        let counts: Vec<u64> = answer
            .split('|')
            .filter_map(|count| count.parse().ok())
            .collect();
        ensure!(
            counts.len() == 2 && counts.get(1) == Some(&0),
            "{table} of `catwing stats` and of plain SQL differ ({answer}): the definition of one has changed; \
             look at both with --keep"
        );
        rows += counts.first().copied().unwrap_or_default();
    }
    ensure!(rows > 0, "there are no statistics: nothing was loaded");
    Ok(rows)
}

fn tables() -> impl Iterator<Item = String> {
    SUBJECTS.iter().flat_map(|subject| {
        LENGTHS
            .iter()
            .map(move |length| format!("{length}_{subject}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::workload::Size;

    #[test]
    fn every_table_is_filled_once() {
        let workload = Workload {
            size: Size::Small,
            days: vec!["2026-01-05".to_owned(), "2026-01-06".to_owned()],
            raw_bytes: 0,
            later_raw_bytes: 0,
            last_raw_bytes: 0,
        };
        let sql = script(&workload);
        for table in tables() {
            let filled = sql.matches(&format!("insert into plain.{table}")).count();
            assert_eq!(filled, 1, "{table}");
            assert!(tables_sql().contains(&format!(
                "create table plain.{table} (like cw_200_stats.{table} "
            )));
        }
        assert!(!sql.contains('{'), "{sql}");
    }
}
