//! All that was measured, and how a terminal shows it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};
use serde::Serialize;

use super::host::{Machine, Versions};
use super::meter::Sample;
use super::taken::{Measure, Side, Taken, Unit, Verdict, mebibytes};
use super::workload::Workload;

/// The most memory that a command should have at once, in MiB.
const PEAK_RSS_MIB_MAX: f64 = 128.0;

/// Phases that took less are not shown.
const PHASE_SECONDS_MIN: f64 = 0.005;

/// All that was measured.
#[derive(Debug, Serialize)]
pub struct Report {
    pub machine: Machine,
    pub versions: Versions,
    /// Settings of the server that are not its defaults.
    pub settings: BTreeMap<&'static str, &'static str>,
    /// How to take the same figures.
    pub command_line: String,
    pub workload: Workload,
    /// Runs of each side.
    pub runs: usize,
    pub figures: Vec<Taken>,
    /// The most memory of each command, in bytes.
    pub peak_rss_bytes: BTreeMap<String, u64>,
}

/// Rows of a table, the header first.
pub type Rows<const N: usize> = Vec<[String; N]>;

impl Report {
    /// Whether every figure has what it is made of: a page of a broken benchmark is worse than none.
    ///
    /// # Errors
    /// Names the figure and what it lacks.
    pub fn check(&self) -> Result<()> {
        ensure!(
            !self.figures.is_empty() || !self.peak_rss_bytes.is_empty(),
            "nothing was measured"
        );
        for taken in &self.figures {
            ensure!(
                !taken.verdicts.is_empty(),
                "{}: it has no value",
                taken.what
            );
            for side in [&taken.ours, &taken.yardstick] {
                let is_good = |sample: &Sample| {
                    sample.wall_seconds > 0.0
                        && sample.client_cpu_seconds >= 0.0
                        && sample.server_cpu_seconds >= 0.0
                        && sample.peak_rss_bytes > 0
                };
                ensure!(
                    !side.samples.is_empty() && side.samples.iter().all(is_good),
                    "{}: {} was not measured",
                    taken.what,
                    side.name
                );
            }
            let is_number = |verdict: &Verdict| verdict.value.is_finite() && verdict.value >= 0.0;
            ensure!(
                taken.verdicts.iter().all(is_number),
                "{}: a value is no number",
                taken.what
            );
        }
        Ok(())
    }

    /// Each value with its goal, and the medians that it is made of.
    pub fn values(&self) -> Rows<7> {
        let head = [
            "figure",
            "of",
            "catwing",
            "yardstick",
            "value",
            "goal",
            "met",
        ];
        let mut rows = vec![head.map(str::to_owned)];
        for taken in &self.figures {
            for (at, verdict) in taken.verdicts.iter().enumerate() {
                let measure = match &*verdict.of {
                    "CPU" => Some(Measure::Cpu),
                    "wall" => Some(Measure::Wall),
                    _ => None,
                };
                let median = |side: &Side| {
                    measure.map_or_else(String::new, |measure| {
                        format!("{:.2} s", side.median(measure))
                    })
                };
                let what = if at == 0 {
                    taken.what.clone()
                } else {
                    String::new()
                };
                rows.push(row(
                    verdict,
                    what,
                    [median(&taken.ours), median(&taken.yardstick)],
                ));
            }
        }
        for (command, bytes) in &self.peak_rss_bytes {
            let verdict = Verdict {
                of: "peak RSS".to_owned(),
                value: mebibytes(*bytes),
                unit: Unit::Mebibytes,
                at_most: Some(PEAK_RSS_MIB_MAX),
            };
            rows.push(row(
                &verdict,
                format!("catwing {command}"),
                [String::new(), String::new()],
            ));
        }
        rows
    }

    /// What each side cost and handled.
    pub fn sides(&self) -> Rows<7> {
        let head = [
            "side",
            "client CPU",
            "server CPU",
            "peak RSS",
            "WAL",
            "rows/s",
            "MB/s",
        ];
        let mut rows = vec![head.map(str::to_owned)];
        let mut told: Vec<&Side> = Vec::new();
        for taken in &self.figures {
            let is_ours = |name: &str| name == taken.ours.name;
            for side in [&taken.ours, &taken.yardstick]
                .into_iter()
                .chain(&taken.beside)
            {
                // One side can be the measure of several figures.
                if told.contains(&side) {
                    continue;
                }
                told.push(side);
                let middle = |of: fn(&Sample) -> f64| {
                    super::taken::median(side.samples.iter().map(of).collect())
                };
                let wall = side.median(Measure::Wall).max(0.001);
                let rate = |amount: f64| match amount > 0.0 {
                    true => format!("{:.1}", amount / wall),
                    false => String::new(),
                };
                let raw_megabytes = if is_ours(&side.name) {
                    taken.raw_bytes as f64 / 1e6
                } else {
                    0.0
                };
                rows.push([
                    side.name.clone(),
                    format!("{:.2} s", middle(|sample| sample.client_cpu_seconds)),
                    format!("{:.2} s", middle(|sample| sample.server_cpu_seconds)),
                    format!("{:.0} MiB", side.median(Measure::PeakRss)),
                    format!("{:.0} MiB", side.median(Measure::Wal)),
                    match taken.rows {
                        0 => String::new(),
                        rows => format!("{:.0}", rows as f64 / wall),
                    },
                    rate(raw_megabytes),
                ]);
            }
        }
        rows
    }

    /// Where the time of our sides goes, as they tell it themselves: medians of wall seconds. Phases that take
    /// next to nothing are left out; those of parts that run side by side add up to more than the whole.
    pub fn phases(&self) -> Rows<2> {
        let mut rows = vec![["side", "seconds of its phases"].map(str::to_owned)];
        let mut told: Vec<&Side> = Vec::new();
        for taken in &self.figures {
            for side in [&taken.ours, &taken.yardstick] {
                if told.contains(&side) {
                    continue;
                }
                told.push(side);
                let names: BTreeSet<_> = side
                    .samples
                    .iter()
                    .flat_map(|one| one.phases.keys())
                    .collect();
                let seconds = |name: &String| {
                    let of = |one: &Sample| one.phases.get(name).copied().unwrap_or_default();
                    super::taken::median(side.samples.iter().map(of).collect())
                };
                let seconds: Vec<_> = names
                    .into_iter()
                    .map(|name| (name, seconds(name)))
                    .filter(|(_, seconds)| *seconds >= PHASE_SECONDS_MIN)
                    .map(|(name, seconds)| format!("{name} {seconds:.2}"))
                    .collect();
                if !seconds.is_empty() {
                    rows.push([side.name.clone(), seconds.join(", ")]);
                }
            }
        }
        rows
    }

    /// All tables for a terminal.
    pub fn text(&self) -> String {
        let mut text = aligned(&self.values());
        if !self.figures.is_empty() {
            text.push('\n');
            text.push_str(&aligned(&self.sides()));
        }
        for [side, phases] in self.phases().into_iter().skip(1) {
            text.push_str(&format!("\n{side}, seconds:\n  {phases}\n"));
        }
        text
    }
}

fn row(verdict: &Verdict, what: String, [ours, yardstick]: [String; 2]) -> [String; 7] {
    let shown = |value: f64| verdict.unit.shown(value);
    let met = match verdict.is_met() {
        Some(true) => "yes",
        Some(false) => "NO",
        None => "",
    };
    [
        what,
        verdict.of.clone(),
        ours,
        yardstick,
        shown(verdict.value),
        verdict.at_most.map_or_else(String::new, shown),
        met.to_owned(),
    ]
}

/// Columns as wide as they need to be: words to the left, numbers to the right.
fn aligned<const N: usize>(rows: &Rows<N>) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    };
    let is_words = |column: usize| {
        let mut cells = rows
            .iter()
            .skip(1)
            .filter_map(|row| row.get(column))
            .filter(|cell| !cell.is_empty());
        cells.any(|cell| !cell.starts_with(|first: char| first.is_ascii_digit()))
    };
    let mut text = String::new();
    for row in rows {
        let cells: Vec<_> = row
            .iter()
            .enumerate()
            .map(|(column, cell)| match is_words(column) {
                true => format!("{cell:<width$}", width = width(column)),
                false => format!("{cell:>width$}", width = width(column)),
            })
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::bench::workload::Size;

    /// A report of one figure.
    pub fn report() -> Report {
        let side = |name: &str, wall_seconds: f64| Side {
            name: name.to_owned(),
            samples: vec![Sample {
                wall_seconds,
                client_cpu_seconds: 0.5,
                server_cpu_seconds: 1.0,
                peak_rss_bytes: 64 << 20,
                wal_bytes: 5 << 20,
                phases: BTreeMap::from([("merge".to_owned(), 1.25), ("read".to_owned(), 0.001)]),
            }],
        };
        let sides = [side("catwing backfill", 2.0), side("psql upsert (R)", 4.0)];
        let goals = [(Measure::Cpu, Some(0.55)), (Measure::Wall, Some(0.5))];
        Report {
            machine: Machine {
                cores: 2,
                processor: "A CPU".to_owned(),
                memory_mib: 8_000,
                kernel: "6.1".to_owned(),
            },
            versions: Versions {
                postgresql: "15.1".to_owned(),
                rustc: "rustc 1.95".to_owned(),
                commit: "abc".to_owned(),
                is_given: false,
            },
            settings: BTreeMap::from([("fsync", "on")]),
            command_line: "cargo xtask bench --size small".to_owned(),
            workload: Workload {
                size: Size::Small,
                days: vec!["2026-01-05".to_owned(), "2026-01-06".to_owned()],
                raw_bytes: 4_000_000,
                later_raw_bytes: 2_000_000,
                last_raw_bytes: 2_000_000,
            },
            runs: 1,
            figures: vec![
                Taken::new("backfill", "backfill of an empty tenant", sides, &goals)
                    .of(1_000, 4_000_000),
            ],
            peak_rss_bytes: BTreeMap::from([("backfill".to_owned(), 200 << 20)]),
        }
    }

    #[test]
    fn goals_and_rates_are_shown() {
        let text = report().text();
        assert!(
            text.contains(
                "backfill of an empty tenant  CPU        1.50 s     1.50 s   1.00 x   0.55 x  NO\n"
            ),
            "{text}"
        );
        assert!(text.contains("0.50 x   0.50 x  yes\n"), "{text}");
        assert!(text.contains("200 MiB  128 MiB  NO\n"), "{text}");
        assert!(
            text.lines().all(|line| line.chars().count() <= 110),
            "{text}"
        );
        assert!(
            text.contains("\ncatwing backfill, seconds:\n  merge 1.25\n"),
            "{text}"
        );
        let sides = report().sides();
        assert_eq!(sides[1][5..], ["500".to_owned(), "2.0".to_owned()]);
        assert_eq!(sides[2][5..], ["250".to_owned(), String::new()]);
    }

    #[test]
    fn a_figure_without_one_of_its_sides_is_refused() {
        assert!(report().check().is_ok());
        let mut broken = report();
        broken.figures[0].yardstick.samples.clear();
        let error = broken.check().expect_err("a side is missing").to_string();
        assert!(
            error.contains("psql upsert (R) was not measured"),
            "{error}"
        );
        let mut broken = report();
        broken.figures[0].verdicts[0].value = f64::NAN;
        assert!(broken.check().is_err());
        broken.figures.clear();
        broken.peak_rss_bytes.clear();
        assert!(broken.check().is_err());
    }
}
