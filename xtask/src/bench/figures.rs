//! The figures, each taken beside its yardstick in the same run.

mod again;
mod export;
mod loading;
mod memory;
mod recovery;
mod start;
mod statistics;
mod tenants;

use std::cell::RefCell;

use anyhow::Result;
use clap::ValueEnum;

use super::meter::Sample;
use super::program::Program;
use super::server::Server;
use super::taken::{Side, Taken};
use super::templates::{Template, Templates};
use super::workload::{TENANT, Workload};

/// What can be taken alone with `--only`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Figure {
    /// Backfill of an empty tenant against psql's upsert
    Backfill,
    /// Backfill of the later half of the days into a tenant that has the earlier
    Later,
    /// The last day's increment
    Increment,
    /// The same files again
    Again,
    /// A full rebuild against pg_restore
    Rebuild,
    /// Statistics against plain SQL, and of a day
    Statistics,
    /// The export to Parquet against COPY to nowhere
    Export,
    /// Daily runs of many tenants
    Tenants,
    /// Start to first work
    Start,
    /// The most memory of every command
    Memory,
}

impl Figure {
    /// All, in the order in which they are taken and shown. Memory is last: it knows the others' peaks.
    pub const ALL: &'static [Self] = &[
        Self::Backfill,
        Self::Later,
        Self::Increment,
        Self::Again,
        Self::Rebuild,
        Self::Statistics,
        Self::Export,
        Self::Tenants,
        Self::Start,
        Self::Memory,
    ];

    /// As it is called on the command line.
    pub fn name(self) -> String {
        self.to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// What figures are taken with.
pub struct Bench<'a> {
    pub server: &'a Server,
    pub program: &'a Program,
    pub workload: &'a Workload,
    pub templates: Templates<'a>,
    /// Runs of each side.
    pub runs: usize,
    /// What backfills of an empty tenant cost, statistics included, once they were run.
    pub first_times: RefCell<Vec<Sample>>,
}

/// A side that is run on a fresh copy of a template, whose name it is given.
pub struct Turn<'t> {
    pub name: &'t str,
    pub template: Template,
    pub run: &'t dyn Fn(&str) -> Result<Sample>,
}

impl Bench<'_> {
    /// Takes one figure, which may give several lines.
    pub fn take(&self, figure: Figure) -> Result<Vec<Taken>> {
        match figure {
            Figure::Backfill => loading::backfill(self),
            Figure::Later => loading::later(self),
            Figure::Increment => loading::increment(self),
            Figure::Again => again::take(self),
            Figure::Rebuild => recovery::rebuild(self),
            Figure::Statistics => statistics::take(self),
            Figure::Export => export::take(self),
            Figure::Tenants => tenants::take(self),
            Figure::Start => start::take(self),
            Figure::Memory => memory::take(self).map(|()| Vec::new()),
        }
    }

    /// Runs sides in turn, each on a fresh database, as often as was asked for.
    pub fn alternate<const N: usize>(&self, turns: [Turn<'_>; N]) -> Result<[Side; N]> {
        let database = "bench_run";
        let mut sides = turns.each_ref().map(|turn| Side {
            name: turn.name.to_owned(),
            samples: Vec::new(),
        });
        for run in 1..=self.runs {
            for (turn, side) in turns.iter().zip(&mut sides) {
                self.templates.copy(turn.template, database)?;
                let sample = (turn.run)(database)?;
                eprintln!(
                    "bench: {run}/{} {}: {:.2} s CPU, {:.2} s wall",
                    self.runs,
                    turn.name,
                    sample.cpu_seconds(),
                    sample.wall_seconds
                );
                side.samples.push(sample);
            }
        }
        self.server.drop(database)?;
        Ok(sides)
    }

    /// Runs a side, and beside it the backfill of an empty tenant, unless that was run before.
    pub fn beside_first_time(&self, turn: Turn<'_>) -> Result<[Side; 2]> {
        let name = "catwing backfill, the first time";
        let known = self.first_times.borrow().clone();
        if !known.is_empty() {
            let [ours] = self.alternate([turn])?;
            let first = Side {
                name: name.to_owned(),
                samples: known,
            };
            return Ok([ours, first]);
        }
        let load = |database: &str| {
            let arguments = ["backfill", "--client", TENANT];
            Ok(self.program.run(self.server, database, &arguments)?.sample)
        };
        let first = Turn {
            name,
            template: Template::Empty,
            run: &load,
        };
        let sides = self.alternate([turn, first])?;
        self.first_times.replace(sides[1].samples.clone());
        Ok(sides)
    }
}
