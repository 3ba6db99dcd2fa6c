//! The yardstick R: psql copies flattened CSV to unlogged staging tables and upserts it, set by set, into
//! tables with the same columns, primary keys and indexes as Catwing's. No JSON, no validation, no foreign
//! keys, no lineage of what is refused.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::flat::{Feed, Flat, Part, SCHEMA};
use super::meter::{self, Output, Sample};
use super::server::Server;

/// Where the yardstick's tables are.
const OWN: &str = "flat";

/// As Catwing's own sessions have it.
const MEMORY: &str = "set local work_mem to '64MB'; set local jit to off";

/// The tables, empty: as Catwing's are, without foreign keys, checks and triggers.
pub fn tables_sql(feeds: &[Feed]) -> String {
    let mut sql = format!("create schema {OWN};\n");
    for feed in feeds {
        let table = &feed.table;
        sql.push_str(&format!(
            "create table {OWN}.{table} (like {SCHEMA}.{table} including defaults including indexes);\n"
        ));
    }
    // Columns that load works out stay empty here: less work than Catwing does.
    sql.push_str(&format!(
        "do $$ declare one record; begin \
         for one in select attrelid::regclass as name, attname from pg_attribute as a \
             join pg_class as c on c.oid = a.attrelid \
             where c.relnamespace = '{OWN}'::regnamespace and c.relkind = 'r' and attnum > 0 and attnotnull \
                 and not exists (select from pg_index as i where i.indrelid = c.oid and i.indisprimary \
                     and a.attnum = any (i.indkey)) loop \
             execute format('alter table %s alter %I drop not null', one.name, one.attname); \
         end loop; end $$;\n"
    ));
    sql
}

/// All of a part in one session and one transaction.
pub fn script(flat: &Flat, part: Part) -> String {
    let mut sql = format!("begin;\nset local search_path to {OWN};\n{MEMORY};\n");
    for feed in &flat.feeds {
        sql.push_str(&upsert_sql(feed, &flat.file(feed, part)));
    }
    sql.push_str("commit;\n");
    sql
}

fn upsert_sql(feed: &Feed, file: &Path) -> String {
    let Feed {
        table,
        columns,
        key,
        ..
    } = feed;
    let (list, key_list) = (columns.join(", "), key.join(", "));
    let set: Vec<_> = columns
        .iter()
        .filter(|column| !key.contains(column))
        .map(|column| format!("{column} = excluded.{column}"))
        .collect();
    format!(
        "create unlogged table stage_{table} as select {list} from {table} with no data;\n\
         \\copy stage_{table} ({list}) from '{file}' csv\n\
         insert into {table} ({list}) select distinct on ({key_list}) {list} from stage_{table} \
         order by {key_list}, source_version desc, raw_position desc \
         on conflict ({key_list}) do update set {set};\n\
         drop table stage_{table};\n",
        file = file.display(),
        set = set.join(", ")
    )
}

/// Runs the yardstick on a database that has its tables.
pub fn run(
    server: &Server,
    database: &str,
    flat: &Flat,
    part: Part,
    folder: &Path,
) -> Result<Sample> {
    let file = script_file(folder);
    fs::write(&file, script(flat, part))?;
    let mut psql = server.psql(database);
    psql.arg("-f").arg(&file);
    Ok(meter::run(server, &mut psql, Output::Thrown)?.sample)
}

fn script_file(folder: &Path) -> PathBuf {
    folder.join("upsert.sql")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_of_a_key_wins() {
        let feed = Feed {
            table: "prices".to_owned(),
            columns: [
                "product_id",
                "day",
                "amount",
                "source_version",
                "raw_position",
            ]
            .map(str::to_owned)
            .to_vec(),
            key: ["product_id", "day"].map(str::to_owned).to_vec(),
            rows: [0; 3],
        };
        let sql = upsert_sql(&feed, Path::new("/w/prices.csv"));
        assert!(sql.contains(
            "select distinct on (product_id, day) product_id, day, amount, source_version, raw_position from \
             stage_prices order by product_id, day, source_version desc, raw_position desc on conflict \
             (product_id, day) do update set amount = excluded.amount, source_version = \
             excluded.source_version, raw_position = excluded.raw_position;"
        ));
        assert!(sql.contains(
            "\\copy stage_prices (product_id, day, amount, source_version, raw_position) from \
                              '/w/prices.csv' csv\n"
        ));
        assert!(tables_sql(&[feed]).contains(
            "create table flat.prices (like cw_200.prices including defaults including indexes);"
        ));
    }
}
