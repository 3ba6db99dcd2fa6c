//! The export to Parquet against the same rows thrown away by psql.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, ensure};

use super::{Bench, Turn};
use crate::bench::meter::{self, Output};
use crate::bench::program::answer;
use crate::bench::taken::{Measure, Taken};
use crate::bench::templates::Template;
use crate::bench::workload::TENANT;

/// What the server's log says before a statement of a session: our own mark, then the process.
const MARK: &str = "bench-export";

/// Both files of the last day, of all days.
pub fn take(bench: &Bench<'_>) -> Result<Vec<Taken>> {
    let arguments = [
        "export",
        "--client",
        TENANT,
        "--date",
        bench.workload.last(),
    ];
    let script = bench.program.folder().join("export.sql");
    let queries = statements_of(bench, &arguments)?;
    fs::write(&script, &queries.script)?;
    let export = |database: &str| {
        Ok(bench
            .program
            .run(bench.server, database, &arguments)?
            .sample)
    };
    let copy = |database: &str| {
        let mut psql = bench.server.psql(database);
        psql.arg("-f").arg(&script);
        Ok(meter::run(bench.server, &mut psql, Output::Thrown)?.sample)
    };
    let sides = bench.alternate([
        Turn {
            name: "catwing export",
            template: Template::Whole,
            run: &export,
        },
        Turn {
            name: "psql, COPY to nowhere (X)",
            template: Template::Whole,
            run: &copy,
        },
    ])?;
    let goals = [(Measure::Cpu, Some(1.6)), (Measure::Wall, None)];
    let what = format!("export to Parquet, {} rows", queries.rows);
    Ok(vec![
        Taken::new("export", &what, sides, &goals).of(queries.rows, 0),
    ])
}

struct Queries {
    script: String,
    rows: u64,
}

/// What an export asks the server, from the server's log: the yardstick gets the same rows and columns, from
/// a session with the same settings.
fn statements_of(bench: &Bench<'_>, arguments: &[&str]) -> Result<Queries> {
    let database = "bench_run";
    bench.templates.copy(Template::Whole, database)?;
    bench.server.sql(
        database,
        &format!("alter database {database} set log_statement to 'all'"),
    )?;
    bench
        .server
        .configure("log_line_prefix", &format!("{MARK} %p "))?;
    let ran = bench.program.run(bench.server, database, arguments);
    bench.server.configure("log_line_prefix", "%m [%p] ")?;
    let says = answer(&ran?.stdout)?;
    let log = fs::read_to_string(bench.program.folder().join("postgres.log"))?;
    let script = script(&log);
    ensure!(
        script.contains("copy ("),
        "`catwing export` asked for nothing with COPY: the server's log does not show what to compare with"
    );
    let files = says.get("files").and_then(|files| files.as_array());
    let rows = files
        .context("`catwing export --json` names no files")?
        .iter()
        .filter_map(|file| file.get("rows")?.as_u64())
        .sum();
    bench.server.drop(database)?;
    Ok(Queries { script, rows })
}

/// The transactions of sessions that copied: how each began, and its copies.
fn script(log: &str) -> String {
    let mut text = String::new();
    for statements in sessions(log).values() {
        let begins = |statement: &&String, word: &str| statement.trim_start().starts_with(word);
        let copies: Vec<_> = statements
            .iter()
            .filter(|one| begins(one, "copy ("))
            .collect();
        if copies.is_empty() {
            continue;
        }
        let begun = statements.iter().find(|one| begins(one, "begin"));
        text.push_str(begun.map_or("begin", String::as_str));
        text.push_str(";\n");
        for copy in copies {
            text.push_str(copy);
            text.push_str(";\n");
        }
        text.push_str("commit;\n");
    }
    text
}

/// The statements of each process that the log shows with our mark, in their order.
fn sessions(log: &str) -> BTreeMap<&str, Vec<String>> {
    let mut sessions: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    // Whose statement goes on in the next lines, which begin with a tab.
    let mut speaker = None;
    for line in log.lines() {
        if let Some(rest) = line.strip_prefix(MARK) {
            let (process, said) = rest.trim_start().split_once(' ').unwrap_or_default();
            let statement = said.trim_start().strip_prefix("LOG:  statement: ");
            speaker = statement.map(|_| process);
            let statements = statement.map(|statement| statement.to_owned());
            sessions.entry(process).or_default().extend(statements);
        } else if let Some(more) = line.strip_prefix('\t') {
            let statements = speaker.and_then(|process| sessions.get_mut(process));
            if let Some(statement) = statements.and_then(|statements| statements.last_mut()) {
                statement.push('\n');
                statement.push_str(more);
            }
        } else {
            speaker = None;
        }
    }
    sessions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_of_the_log_become_a_script() {
        let log = "2026 [9] LOG:  statement: copy (other) to stdout\n\
            bench-export 7 LOG:  statement: begin isolation level repeatable read; set local role x\n\
            bench-export 8 LOG:  statement: begin\n\
            bench-export 7 LOG:  execute s1: select $1\n\
            \t, 2\n\
            bench-export 7 LOG:  statement: copy (select 1\n\
            \tas one) to stdout (format binary)\n\
            bench-export 8 LOG:  statement: select 1\n";
        assert_eq!(
            script(log),
            "begin isolation level repeatable read; set local role x;\n\
             copy (select 1\nas one) to stdout (format binary);\ncommit;\n"
        );
        assert_eq!(script(""), "");
    }
}
