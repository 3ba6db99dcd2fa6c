//! The yardstick R's input: all versions of all rows that raw gives, flattened, as CSV files.
//!
//! They come from a rebuild of `catwing`, which stages all versions of all rows before it chooses winners: it
//! is held up by a lock at that moment, read, and thrown away.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

use super::program::Program;
use super::server::Server;
use super::workload::{TENANT, Workload};

/// Where the tenant's tables are.
pub const SCHEMA: &str = "cw_200";
/// Where a rebuild makes them beside, and what it stages.
const BESIDE: &str = "cw_200_next";
const STAGED: &str = "cw_200_next_staging";
const STAGED_WITHIN: Duration = Duration::from_secs(3_600);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// A table that raw feeds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    pub table: String,
    /// The staged columns that the table has.
    pub columns: Vec<String>,
    /// The columns of its primary key.
    pub key: Vec<String>,
    /// Staged rows: all, of the later half of the days, of the last day.
    pub rows: [u64; 3],
}

/// Which days' versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Whole,
    Earlier,
    Later,
    AllButLast,
    Last,
}

impl Part {
    const ALL: [Self; 5] = [
        Self::Whole,
        Self::Earlier,
        Self::Later,
        Self::AllButLast,
        Self::Last,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Earlier => "earlier",
            Self::Later => "later",
            Self::AllButLast => "all-but-last",
            Self::Last => "last",
        }
    }

    /// What the day of a row has to be. A position begins with its day, as days since 1970 in 16 bits.
    fn condition(self, workload: &Workload) -> String {
        let day = "date '1970-01-01' + (raw_position >> 47)::integer";
        match self {
            Self::Whole => "true".to_owned(),
            Self::Earlier => format!("{day} <= date '{}'", workload.middle()),
            Self::Later => format!("{day} > date '{}'", workload.middle()),
            Self::AllButLast => format!("{day} < date '{}'", workload.last()),
            Self::Last => format!("{day} = date '{}'", workload.last()),
        }
    }
}

/// The files.
pub struct Flat {
    folder: PathBuf,
    pub feeds: Vec<Feed>,
}

impl Flat {
    /// The files that a folder has already, or new ones. `database` holds the tenant and nothing of its data,
    /// and is used up.
    pub fn prepare(
        workload: &Workload,
        program: &Program,
        server: &Server,
        template: &str,
    ) -> Result<Self> {
        let folder = program.folder().join("flat");
        let note = folder.join("tables.json");
        if let Ok(text) = fs::read_to_string(&note) {
            let feeds = serde_json::from_str(&text)
                .with_context(|| format!("{} is of another version: remove it", note.display()))?;
            return Ok(Self { folder, feeds });
        }
        eprintln!("bench: flattening all versions for psql ...");
        let database = "bench_staging";
        server.copy(template, database)?;
        for part in Part::ALL {
            fs::create_dir_all(folder.join(part.name()))?;
        }
        let feeds = {
            let _held = Held::at_staging(program, server, database)?;
            let feeds = feeds(server, database, workload)?;
            let sql: String = Part::ALL
                .iter()
                .flat_map(|part| {
                    feeds
                        .iter()
                        .map(|feed| write_sql(feed, *part, workload, &folder))
                })
                .collect();
            server.sql(database, &sql)?;
            feeds
        };
        server.drop(database)?;
        ensure!(
            !feeds.is_empty(),
            "a rebuild staged nothing: look at `catwing recovery rebuild --no-switch`"
        );
        fs::write(&note, serde_json::to_string_pretty(&feeds)?)?;
        Ok(Self { folder, feeds })
    }

    /// The file of a table's rows.
    pub fn file(&self, feed: &Feed, part: Part) -> PathBuf {
        file_in(&self.folder, feed, part)
    }

    /// Rows of all files of a part.
    pub fn rows(&self, part: Part) -> u64 {
        let of =
            |at: usize| -> u64 { self.feeds.iter().filter_map(|feed| feed.rows.get(at)).sum() };
        match part {
            Part::Whole => of(0),
            Part::Earlier => of(0) - of(1),
            Part::Later => of(1),
            Part::AllButLast => of(0) - of(2),
            Part::Last => of(2),
        }
    }
}

fn file_in(folder: &Path, feed: &Feed, part: Part) -> PathBuf {
    folder.join(part.name()).join(format!("{}.csv", feed.table))
}

fn write_sql(feed: &Feed, part: Part, workload: &Workload, folder: &Path) -> String {
    format!(
        "\\copy (select {} from {STAGED}.stage_{} where {}) to '{}' csv\n",
        feed.columns.join(", "),
        feed.table,
        part.condition(workload),
        file_in(folder, feed, part).display()
    )
}

/// What was staged of tables that raw feeds, with the columns and keys of these tables.
fn feeds(server: &Server, database: &str, workload: &Workload) -> Result<Vec<Feed>> {
    let columns = "(select string_agg(quote_ident(a.attname), ',' order by a.attnum) \
         from pg_attribute as a where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped \
         and a.attgenerated = '' and exists (select from pg_attribute as b \
             where b.attrelid = s.oid and b.attname = a.attname and b.attnum > 0))";
    let key = "(select string_agg(quote_ident(a.attname), ',' order by array_position(i.indkey::int2[], a.attnum)) \
         from pg_index as i join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = any (i.indkey) \
         where i.indrelid = t.oid and i.indisprimary)";
    let sql = format!(
        "select t.relname, {columns}, {key} from pg_class as t join pg_class as s \
         on s.relname = 'stage_' || t.relname and s.relnamespace = '{STAGED}'::regnamespace \
         where t.relnamespace = '{SCHEMA}'::regnamespace and t.relkind in ('r', 'p') order by t.relname"
    );
    let mut feeds = Vec::new();
    for line in server.sql(database, &sql)?.lines() {
        let mut fields = line.split('|');
        let table = fields.next().unwrap_or_default().to_owned();
        let mut names = || -> Vec<String> {
            let list = fields.next().unwrap_or_default().split(',');
            list.filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let (columns, key) = (names(), names());
        // Registers of our own, such as refused records, have no version and no natural key.
        let has = |name: &str| columns.iter().any(|column| column == name);
        if !has("raw_position") || !has("source_version") || key.is_empty() {
            continue;
        }
        let sql = format!(
            "select count(*), count(*) filter (where {}), count(*) filter (where {}) from {STAGED}.stage_{table}",
            Part::Later.condition(workload),
            Part::Last.condition(workload)
        );
        let answer = server.sql(database, &sql)?;
        let counts: Vec<u64> = answer
            .split('|')
            .filter_map(|count| count.parse().ok())
            .collect();
        let rows = <[u64; 3]>::try_from(counts)
            .map_err(|_| anyhow::anyhow!("counting rows of {table} gave {answer:?}"))?;
        feeds.push(Feed {
            table,
            columns,
            key,
            rows,
        });
    }
    Ok(feeds)
}

/// A rebuild that waits before it merges, and the session that it waits for. Both end when this is dropped.
struct Held {
    children: Vec<Child>,
}

impl Held {
    fn at_staging(program: &Program, server: &Server, database: &str) -> Result<Self> {
        let arguments = ["recovery", "rebuild", "--client", TENANT, "--no-switch"];
        let rebuild = program
            .command(server, database, &arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .context("cannot start `catwing recovery rebuild`")?;
        let mut held = Self {
            children: vec![rebuild],
        };
        let bare = format!("select to_regclass('{STAGED}.bulk_state') is not null");
        held.wait(server, database, &bare)?;
        let lock = server
            .psql(database)
            .args(["-c", &lock_sql()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .context("cannot start psql")?;
        held.children.push(lock);
        let waits = "select exists (select from pg_stat_activity as w \
             cross join lateral unnest(pg_blocking_pids(w.pid)) as b (pid) \
             join pg_stat_activity as a on a.pid = b.pid \
             where w.datname = current_database() and a.application_name = 'psql')";
        held.wait(server, database, waits)?;
        Ok(held)
    }

    fn wait(&mut self, server: &Server, database: &str, question: &str) -> Result<()> {
        let begun = Instant::now();
        while server.sql(database, question)? != "t" {
            for child in &mut self.children {
                if let Some(status) = child.try_wait()? {
                    bail!(
                        "`catwing recovery rebuild --no-switch` ended ({status}) before it merged what it staged"
                    );
                }
            }
            if begun.elapsed() > STAGED_WITHIN {
                bail!(
                    "`catwing recovery rebuild --no-switch` does not come to merging what it staged"
                );
            }
            thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Lets nobody write to the tables of the rebuild until the session ends.
fn lock_sql() -> String {
    format!(
        "do $$ declare name regclass; begin \
         for name in select oid::regclass from pg_class as c \
             where relnamespace = '{BESIDE}'::regnamespace and relkind in ('r', 'p') and exists ( \
                 select from pg_attribute as a where a.attrelid = c.oid and a.attname = 'raw_position') loop \
             execute format('lock table %s in share mode', name); \
         end loop; end $$; select pg_sleep(86400)"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::workload::Size;

    fn workload() -> Workload {
        let days = ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"];
        Workload {
            size: Size::Small,
            days: days.map(str::to_owned).to_vec(),
            raw_bytes: 0,
            later_raw_bytes: 0,
            last_raw_bytes: 0,
        }
    }

    fn feed() -> Feed {
        Feed {
            table: "brands".to_owned(),
            columns: ["id", "name"].map(str::to_owned).to_vec(),
            key: vec!["id".to_owned()],
            rows: [10, 4, 1],
        }
    }

    #[test]
    fn parts_are_cut_by_day_and_add_up() {
        let flat = Flat {
            folder: PathBuf::from("/w/flat"),
            feeds: vec![feed(), feed()],
        };
        let rows = Part::ALL.map(|part| flat.rows(part));
        assert_eq!(rows, [20, 12, 8, 18, 2]);
        assert!(
            Part::Earlier
                .condition(&workload())
                .ends_with("<= date '2026-01-02'")
        );
        assert!(
            Part::Last
                .condition(&workload())
                .ends_with("= date '2026-01-04'")
        );
    }

    #[test]
    fn a_part_of_a_table_is_a_file() {
        let sql = write_sql(&feed(), Part::Later, &workload(), Path::new("/w/flat"));
        assert_eq!(
            sql,
            "\\copy (select id, name from cw_200_next_staging.stage_brands where date '1970-01-01' + \
             (raw_position >> 47)::integer > date '2026-01-02') to '/w/flat/later/brands.csv' csv\n"
        );
    }
}
