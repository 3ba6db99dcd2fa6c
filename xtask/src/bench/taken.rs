//! Figures that were taken: samples of both sides, and what follows from their medians.

use serde::Serialize;

use super::meter::Sample;

/// One side of a figure.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Side {
    /// What was run, in a few words.
    pub name: String,
    pub samples: Vec<Sample>,
}

impl Side {
    /// The median of a measure over all runs.
    pub fn median(&self, measure: Measure) -> f64 {
        median(
            self.samples
                .iter()
                .map(|sample| measure.of(sample))
                .collect(),
        )
    }
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// CPU seconds of client and server.
    Cpu,
    /// Wall seconds.
    Wall,
    /// The most memory of the client, in MiB.
    PeakRss,
    /// MiB of the server's log of changes.
    Wal,
}

impl Measure {
    fn name(self) -> &'static str {
        match self {
            Self::Cpu => "CPU",
            Self::Wall => "wall",
            Self::PeakRss => "peak RSS",
            Self::Wal => "WAL",
        }
    }

    fn of(self, sample: &Sample) -> f64 {
        match self {
            Self::Cpu => sample.cpu_seconds(),
            Self::Wall => sample.wall_seconds,
            Self::PeakRss => mebibytes(sample.peak_rss_bytes),
            Self::Wal => mebibytes(sample.wal_bytes),
        }
    }
}

/// A value with its goal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// What the value is of: `CPU`, `wall`.
    pub of: String,
    pub value: f64,
    pub unit: Unit,
    /// The most that it should be; without one it is told only.
    pub at_most: Option<f64>,
}

impl Verdict {
    /// Whether the goal is met.
    pub fn is_met(&self) -> Option<bool> {
        self.at_most.map(|goal| self.value <= goal)
    }
}

/// What a value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Times the yardstick.
    Ratio,
    Mebibytes,
    Milliseconds,
}

impl Unit {
    /// A value as a person reads it.
    pub fn shown(self, value: f64) -> String {
        match self {
            Self::Ratio if value < 0.1 => format!("{value:.4} x"),
            Self::Ratio => format!("{value:.2} x"),
            Self::Mebibytes => format!("{value:.0} MiB"),
            Self::Milliseconds => format!("{value:.0} ms"),
        }
    }
}

/// A figure that was taken.
#[derive(Clone, Debug, Serialize)]
pub struct Taken {
    /// Its name on the command line.
    pub figure: String,
    /// What was done, for a reader.
    pub what: String,
    /// Ours.
    pub ours: Side,
    /// What it is measured by.
    pub yardstick: Side,
    /// Sides that are told and not compared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<Side>,
    /// Rows that both handled, versions of rows where they load.
    pub rows: u64,
    /// Bytes of raw JSON that we read for them; 0 where none is.
    pub raw_bytes: u64,
    pub verdicts: Vec<Verdict>,
}

impl Taken {
    /// A figure whose ratios of medians have goals.
    pub fn new(
        figure: &str,
        what: &str,
        [ours, yardstick]: [Side; 2],
        goals: &[(Measure, Option<f64>)],
    ) -> Self {
        let verdict = |&(measure, at_most): &(Measure, Option<f64>)| Verdict {
            of: measure.name().to_owned(),
            value: ratio(ours.median(measure), yardstick.median(measure)),
            unit: Unit::Ratio,
            at_most,
        };
        Self {
            figure: figure.to_owned(),
            what: what.to_owned(),
            verdicts: goals.iter().map(verdict).collect(),
            ours,
            yardstick,
            beside: Vec::new(),
            rows: 0,
            raw_bytes: 0,
        }
    }

    /// The same with one more value.
    pub fn with(mut self, of: &str, value: f64, unit: Unit, at_most: Option<f64>) -> Self {
        self.verdicts.push(Verdict {
            of: of.to_owned(),
            value,
            unit,
            at_most,
        });
        self
    }

    /// The same with how much was handled.
    pub fn of(mut self, rows: u64, raw_bytes: u64) -> Self {
        self.rows = rows;
        self.raw_bytes = raw_bytes;
        self
    }
}

/// Mebibytes of bytes.
pub fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / 1_048_576.0
}

/// A part of a whole. CPU is counted in hundredths of a second: a whole that took less than one is taken as one.
pub fn ratio(part: f64, whole: f64) -> f64 {
    part / whole.max(0.01)
}

/// The middle one of numbers, or the mean of the two in the middle; 0 without any.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let half = numbers.len() / 2;
    let at = |index: usize| numbers.get(index).copied().unwrap_or_default();
    if numbers.len().is_multiple_of(2) {
        (at(half.saturating_sub(1)) + at(half)) / 2.0
    } else {
        at(half)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(walls: &[f64]) -> Side {
        let sample = |wall: &f64| Sample {
            wall_seconds: *wall,
            client_cpu_seconds: wall / 4.0,
            server_cpu_seconds: wall / 4.0,
            ..Sample::default()
        };
        Side {
            name: "a side".to_owned(),
            samples: walls.iter().map(sample).collect(),
        }
    }

    #[test]
    fn medians_are_of_the_middle() {
        assert_eq!(median(vec![9.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 9.0]), 3.0);
        assert_eq!(median(vec![5.0]), 5.0);
        assert_eq!(median(Vec::new()), 0.0);
    }

    #[test]
    fn ratios_are_of_medians_and_meet_goals_or_do_not() {
        let goals = [
            (Measure::Cpu, Some(0.5)),
            (Measure::Wall, Some(0.4)),
            (Measure::Wal, None),
        ];
        let taken = Taken::new(
            "backfill",
            "x",
            [side(&[1.0, 9.0, 2.0]), side(&[4.0, 4.0, 5.0])],
            &goals,
        );
        let [cpu, wall, wal] = <[Verdict; 3]>::try_from(taken.verdicts).expect("three goals");
        assert_eq!((cpu.value, cpu.is_met()), (0.5, Some(true)));
        assert_eq!((wall.value, wall.is_met()), (0.5, Some(false)));
        assert_eq!(wal.is_met(), None);
    }

    #[test]
    fn nothing_is_divided_by_zero() {
        assert_eq!(ratio(0.02, 0.0), 2.0);
        assert_eq!(Unit::Ratio.shown(0.0123), "0.0123 x");
        assert_eq!(Unit::Ratio.shown(1.234), "1.23 x");
    }
}
