//! The figures, each taken beside its yardstick in the same run.

mod loading;

use anyhow::Result;
use clap::ValueEnum;

use super::meter::Sample;
use super::program::Program;
use super::server::Server;
use super::taken::{Side, Taken};
use super::templates::{Template, Templates};
use super::workload::Workload;

/// What can be taken alone with `--only`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Figure {
    /// Backfill of an empty tenant against psql's upsert
    Backfill,
    /// Backfill of the later half of the days into a tenant that has the earlier
    Later,
    /// The last day's increment
    Increment,
}

impl Figure {
    /// All, in the order in which they are taken and shown.
    pub const ALL: &'static [Self] = &[Self::Backfill, Self::Later, Self::Increment];
}

/// What figures are taken with.
pub struct Bench<'a> {
    pub server: &'a Server,
    pub program: &'a Program,
    pub workload: &'a Workload,
    pub templates: Templates<'a>,
    /// Runs of each side.
    pub runs: usize,
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
        }
    }

    /// Runs sides in turn, each on a fresh database, as often as was asked for.
    pub fn alternate(&self, turns: [Turn<'_>; 2]) -> Result<[Side; 2]> {
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
}
