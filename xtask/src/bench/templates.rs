//! Databases that figures begin with, each made once and copied for every run.

use anyhow::{Result, ensure};

use super::flat::{Flat, Part, SCHEMA};
use super::program::Program;
use super::server::Server;
use super::statistics;
use super::upsert;
use super::workload::{EMPTY, TENANT, Workload};

/// The database of many small tenants.
pub const TENANTS: &str = "bench_tenants";
/// What a database is called until it is whole.
pub const BUILDING: &str = "bench_building";

/// The tenant's schemas.
pub const SCHEMAS: [&str; 3] = [SCHEMA, "cw_200_staging", "cw_200_stats"];

/// A refresh takes what loads have noted; now it fails at that.
const REFUSE_STATISTICS: &str = "set search_path to cw_200; \
    create function bench_refuse() returns trigger language plpgsql as \
        $$ begin raise exception 'statistics are refreshed by the figure'; end $$; \
    create trigger bench_refuse before delete on statistics_touched execute function bench_refuse()";
const ALLOW_STATISTICS: &str = "set search_path to cw_200; drop trigger bench_refuse on statistics_touched; drop function bench_refuse";

/// A database that figures begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Template {
    /// The tenant is known, rates of exchange are there, nothing is loaded.
    Empty,
    /// The earlier half of the days is loaded.
    Half,
    /// All days but the last are loaded.
    AllButLast,
    /// All is loaded.
    Whole,
    /// All is loaded, and there are no statistics.
    WithoutStatistics,
    /// The yardstick's tables, empty.
    FlatEmpty,
    /// The same with the earlier half of the days.
    FlatHalf,
    /// The same with all days but the last.
    FlatAllButLast,
    /// All is loaded, and statistics are those of all days but the last.
    Touched,
    /// All is loaded, beside tables for statistics by plain SQL.
    PlainStatistics,
    /// What all tenants share, as it is when all is loaded, and no tenant.
    Unrestored,
}

impl Template {
    /// All that can be made anew of what is landed.
    pub const DERIVED: [Self; 10] = [
        Self::Half,
        Self::AllButLast,
        Self::Whole,
        Self::WithoutStatistics,
        Self::FlatEmpty,
        Self::FlatHalf,
        Self::FlatAllButLast,
        Self::Touched,
        Self::PlainStatistics,
        Self::Unrestored,
    ];

    pub fn database(self) -> &'static str {
        match self {
            Self::Empty => EMPTY,
            Self::Half => "bench_half",
            Self::AllButLast => "bench_all_but_last",
            Self::Whole => "bench_whole",
            Self::WithoutStatistics => "bench_without_statistics",
            Self::FlatEmpty => "bench_flat_empty",
            Self::FlatHalf => "bench_flat_half",
            Self::FlatAllButLast => "bench_flat_all_but_last",
            Self::Touched => "bench_touched",
            Self::PlainStatistics => "bench_plain_statistics",
            Self::Unrestored => "bench_unrestored",
        }
    }

    fn base(self) -> Self {
        match self {
            Self::WithoutStatistics | Self::PlainStatistics | Self::Unrestored => Self::Whole,
            Self::Touched => Self::AllButLast,
            Self::FlatHalf | Self::FlatAllButLast => Self::FlatEmpty,
            Self::Empty | Self::Half | Self::AllButLast | Self::Whole | Self::FlatEmpty => {
                Self::Empty
            }
        }
    }
}

/// Makes templates, and copies of them.
pub struct Templates<'a> {
    pub server: &'a Server,
    pub program: &'a Program,
    pub workload: &'a Workload,
}

impl Templates<'_> {
    /// A fresh copy of a template, which is made where it is not there yet.
    pub fn copy(&self, template: Template, database: &str) -> Result<()> {
        self.ensure(template)?;
        self.server.copy(template.database(), database)
    }

    /// Makes a template where it is not there yet.
    pub fn ensure(&self, template: Template) -> Result<()> {
        if self.server.has(template.database())? {
            return Ok(());
        }
        self.ensure(template.base())?;
        eprintln!("bench: making {} ...", template.database());
        let database = BUILDING;
        self.server.copy(template.base().database(), database)?;
        self.fill(template, database)?;
        self.server.sql(database, "vacuum analyze")?;
        self.server.name(database, template.database())
    }

    /// Brings templates of a run before to the newest version of the schemas.
    pub fn migrate(&self) -> Result<()> {
        // There, schemas would be made anew: it is quick to make itself.
        self.server.drop(Template::Unrestored.database())?;
        let derived = Template::DERIVED.map(Template::database);
        for database in derived.into_iter().chain([EMPTY, TENANTS]) {
            if self.server.has(database)? {
                self.program.run(self.server, database, &["migrate"])?;
            }
        }
        Ok(())
    }

    /// Forgets all templates but the empty one.
    pub fn forget(&self) -> Result<()> {
        for template in Template::DERIVED {
            self.server.drop(template.database())?;
        }
        self.server.drop(TENANTS)
    }

    fn fill(&self, template: Template, database: &str) -> Result<()> {
        let load = |thru: &str| {
            let arguments = ["backfill", "--client", TENANT, "--to", thru];
            self.program
                .run(self.server, database, &arguments)
                .map(|_| ())
        };
        match template {
            Template::Empty => Ok(()),
            Template::Half => load(self.workload.middle()),
            Template::AllButLast => load(self.workload.last_but_one()),
            Template::Whole => load(self.workload.last()),
            Template::WithoutStatistics => self
                .server
                .sql(database, &without_statistics_sql())
                .map(|_| ()),
            Template::FlatEmpty => {
                let sql = upsert::tables_sql(&self.flat()?.feeds);
                self.server.sql(database, &sql).map(|_| ())
            }
            Template::FlatHalf => self.upsert(database, Part::Earlier),
            Template::FlatAllButLast => self.upsert(database, Part::AllButLast),
            Template::Touched => self.load_without_statistics(database),
            Template::PlainStatistics => self
                .server
                .sql(database, &statistics::tables_sql())
                .map(|_| ()),
            Template::Unrestored => {
                let schemas = SCHEMAS.join(", ");
                self.server
                    .sql(database, &format!("drop schema {schemas} cascade"))
                    .map(|_| ())
            }
        }
    }

    /// A backfill refreshes statistics at its end. Here it can't, and all else stays.
    fn load_without_statistics(&self, database: &str) -> Result<()> {
        self.server.sql(database, REFUSE_STATISTICS)?;
        let arguments = ["backfill", "--client", TENANT];
        let refused = self.program.run(self.server, database, &arguments);
        ensure!(
            refused.is_err(),
            "`catwing backfill` did not refresh statistics: they no longer take `statistics_touched`"
        );
        self.server.sql(database, ALLOW_STATISTICS)?;
        let touched = format!("select count(*) from {SCHEMA}.statistics_touched");
        let touched = self.server.sql(database, &touched)?;
        ensure!(
            touched != "0",
            "`catwing backfill` loaded nothing: {}",
            refused
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default()
        );
        Ok(())
    }

    fn upsert(&self, database: &str, part: Part) -> Result<()> {
        upsert::run(
            self.server,
            database,
            &self.flat()?,
            part,
            self.program.folder(),
        )
        .map(|_| ())
    }

    /// The files of the yardstick R.
    pub fn flat(&self) -> Result<Flat> {
        Flat::prepare(self.workload, self.program, self.server, EMPTY)
    }
}

/// As if no statistics had ever been made: they are computed whole the next time.
fn without_statistics_sql() -> String {
    "do $$ declare name regclass; begin \
     for name in select oid::regclass from pg_class where relkind = 'r' and \
         relnamespace = 'cw_200_stats'::regnamespace and relname ~ '^(daily|weekly|monthly|quarterly)_' loop \
         execute format('truncate %s', name); \
     end loop; end $$;\n\
     set search_path to cw_200_stats, cw_200;\n\
     delete from statistics_state; delete from statistics_rates;"
        .to_owned()
}
