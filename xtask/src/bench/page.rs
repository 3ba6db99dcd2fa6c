//! The page that a run leaves for readers.

use super::report::{Report, Rows};
use super::taken::mebibytes;

/// What the yardsticks are, for whoever reads no code.
const YARDSTICKS: &str = "\
| yardstick | what it is |
| --- | --- |
| R | psql: `\\copy` of all versions of all rows, flattened to CSV beforehand, to unlogged staging tables, and `insert .. select distinct on .. on conflict do update` into tables with the primary keys and indexes of Catwing's. No JSON, no validation, no foreign keys, no refused records, no ledger. |
| S | psql: the statistics by plain SQL, with product counts from product-level rows. Its rows are compared with Catwing's, and have to be equal. The four tables of expected demand are empty on both sides. |
| X | psql: the queries of the export, in a session with the same settings, as `copy .. (format binary)`, thrown away |
| P | `pg_restore -j2` of a custom-format dump of the tenant's schemas |
";

/// The report as a page.
pub fn markdown(report: &Report) -> String {
    let machine = &report.machine;
    let versions = &report.versions;
    let workload = &report.workload;
    let settings: Vec<_> = report
        .settings
        .iter()
        .map(|(name, value)| format!("`{name} = {value}`"))
        .collect();
    let given = match versions.is_given {
        true => ", a binary that was given",
        false => "",
    };
    format!(
        "# Benchmarks\n\n\
         Written by `{}`, which runs each figure in turn with its yardstick in the same run: medians of {}. CPU is \
         that of client and server together. A benchmark and no test: whoever doubts a figure runs it again.\n\n\
         - machine: {} cores, {}, {} MiB of memory, Linux {}\n\
         - versions: PostgreSQL {}, {}, Catwing {}{given}\n\
         - server: a cluster of its own, {}; the rest is PostgreSQL's default. A checkpoint before each run.\n\
         - workload: {} ({} days, {} to {}), {:.0} MiB of raw JSON in the S3 folder\n\n\
         ## Figures\n\n{}\n\
         Loading is compared up to the end of the load: R makes no statistics. What they add is told beside.\n\n\
         ## Sides\n\n{}\n\
         Rows are versions of rows that were read, winning or not; MB are of raw JSON.\n\n\
         ## Phases\n\n{}\n\
         As `--json` tells them: wall seconds, of parts that run side by side more than the whole.\n\n\
         ## Yardsticks\n\n{YARDSTICKS}",
        report.command_line,
        counted(report.runs, "run"),
        machine.cores,
        machine.processor,
        machine.memory_mib,
        machine.kernel,
        versions.postgresql,
        versions.rustc,
        versions.commit,
        settings.join(", "),
        workload.size.name(),
        workload.days.len(),
        workload.days.first().map_or("", String::as_str),
        workload.last(),
        mebibytes(workload.raw_bytes),
        table(&report.values()),
        table(&report.sides()),
        table(&report.phases()),
    )
}

fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

fn table<const N: usize>(rows: &Rows<N>) -> String {
    let mut text = String::new();
    for (at, row) in rows.iter().enumerate() {
        let cells: Vec<_> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
        if at == 0 {
            text.push_str(&format!("|{}\n", " --- |".repeat(N)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::report::tests::report;

    #[test]
    fn a_page_says_what_was_measured_where() {
        let page = markdown(&report());
        for part in [
            "`cargo xtask bench --size small`",
            "2 cores, A CPU, 8000 MiB of memory, Linux 6.1",
            "PostgreSQL 15.1, rustc 1.95, Catwing abc\n",
            "`fsync = on`",
            "| backfill of an empty tenant | CPU | 1.50 s | 1.50 s | 1.00 x | 0.55 x | NO |",
            "| catwing backfill | 0.50 s | 1.00 s | 64 MiB | 5 MiB | 500 | 2.0 |",
        ] {
            assert!(page.contains(part), "{part}\n{page}");
        }
        // Every row of a table has as many cells as its header.
        let mut columns = 0;
        for line in page.lines() {
            let cells = line.matches(" | ").count();
            match (line.starts_with("| "), columns) {
                (true, 0) => columns = cells,
                (true, _) => assert_eq!(cells, columns, "{line}"),
                (false, _) => columns = 0,
            }
        }
    }
}
