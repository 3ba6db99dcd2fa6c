//! What people see: results on stdout, remarks and progress on stderr.
#![allow(clippy::print_stdout)]

use std::{
    io::{ErrorKind, IsTerminal, Write},
    sync::Mutex,
    time::{Duration, Instant},
};

use anyhow::Result;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::Global;

/// How often progress is written where no terminal can show a bar.
const PLAIN_PROGRESS_PAUSE: Duration = Duration::from_secs(5);

/// Where a command's results, remarks and progress go.
#[derive(Clone, Debug)]
pub struct Console {
    json: bool,
    quiet: bool,
    colour: bool,
    /// Stands before each remark, where several speak at once.
    speaker: String,
}

impl Console {
    /// The console that the flags ask for; colours only on a terminal that wants them.
    #[must_use]
    pub fn new(flags: &Global) -> Self {
        let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self {
            json: flags.json,
            quiet: flags.quiet,
            colour,
            speaker: String::new(),
        }
    }

    /// The same console for one of several that speak at once: remarks begin with its name.
    #[must_use]
    pub fn of(&self, speaker: impl std::fmt::Display) -> Self {
        Self {
            speaker: format!("{speaker}: "),
            ..self.clone()
        }
    }

    /// Whether one JSON document is wanted.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Writes the result: the value as JSON, or what a person reads.
    ///
    /// # Errors
    /// Where stdout is closed.
    pub fn result<T: Serialize>(&self, value: &T, text: impl FnOnce() -> String) -> Result<()> {
        let mut bytes = Vec::new();
        if self.json {
            serde_json::to_writer_pretty(&mut bytes, value)?;
            bytes.push(b'\n');
        } else {
            let text = text();
            if !text.is_empty() {
                writeln!(bytes, "{}", text.trim_end())?;
            }
        }
        self.bytes(&bytes)?;
        Ok(())
    }

    /// Writes bytes to stdout; false where nobody reads any further, as in `catwing ... | head`.
    ///
    /// # Errors
    /// A stdout that fails otherwise.
    pub fn bytes(&self, bytes: &[u8]) -> Result<bool> {
        let mut out = std::io::stdout().lock();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// A remark on the way.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            eprintln!("{}{text}", self.speaker);
        }
    }

    /// An error, which is never quiet.
    pub fn failed(&self, text: &str) {
        let label = if self.colour {
            "\x1b[31merror:\x1b[0m"
        } else {
            "error:"
        };
        eprintln!("{label} {}{text}", self.speaker);
    }

    /// Text of a result that must not be overlooked: red on a terminal.
    #[must_use]
    pub fn red(&self, text: &str) -> String {
        let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        match colour && !self.json {
            true => format!("\x1b[31m{text}\x1b[0m"),
            false => text.to_owned(),
        }
    }

    /// The same console without remarks and progress.
    #[must_use]
    pub fn silent(&self) -> Self {
        Self {
            quiet: true,
            ..self.clone()
        }
    }

    /// Progress of long work over so many bytes.
    #[must_use]
    pub fn progress(&self, what: &str, total_bytes: u64) -> Progress {
        self.progress_in(Unit::Bytes, what, total_bytes)
    }

    /// Progress of long work over so many days.
    #[must_use]
    pub fn progress_of_days(&self, what: &str, total_days: u64) -> Progress {
        self.progress_in(Unit::Days, what, total_days)
    }

    /// Progress of long work over so many tenants.
    #[must_use]
    pub fn progress_of_tenants(&self, what: &str, total: u64) -> Progress {
        self.progress_in(Unit::Tenants, what, total)
    }

    /// Progress of long work over so many objects.
    #[must_use]
    pub fn progress_of_objects(&self, what: &str, total: u64) -> Progress {
        self.progress_in(Unit::Objects, what, total)
    }

    fn progress_in(&self, unit: Unit, what: &str, total: u64) -> Progress {
        let on_terminal = std::io::stderr().is_terminal();
        let now = Instant::now;
        Progress {
            bar: (!self.quiet && on_terminal).then(|| unit.bar(what, total)),
            plain: (!self.quiet && !on_terminal).then(|| Mutex::new((now(), now()))),
            what: format!("{}{what}", self.speaker),
            unit,
            total,
        }
    }
}

/// What progress is counted in.
#[derive(Clone, Copy, Debug)]
enum Unit {
    Bytes,
    Days,
    Tenants,
    Objects,
}

impl Unit {
    fn shown(self, amount: u64) -> String {
        match self {
            Self::Bytes => mebibytes(amount),
            Self::Days => format!("{} days", grouped(amount)),
            Self::Tenants => format!("{} tenants", grouped(amount)),
            Self::Objects => format!("{} objects", grouped(amount)),
        }
    }

    fn bar(self, what: &str, total: u64) -> ProgressBar {
        let bar = ProgressBar::new(total);
        let template = match self {
            Self::Bytes => "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta} left",
            Self::Days => "{msg} {wide_bar} {pos}/{len} days {per_sec} {eta} left",
            Self::Tenants => "{msg} {wide_bar} {pos}/{len} tenants {per_sec} {eta} left",
            Self::Objects => "{msg} {wide_bar} {pos}/{len} objects {per_sec} {eta} left",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        bar
    }
}

/// Progress of long work: a bar on a terminal, a line now and then elsewhere.
pub struct Progress {
    bar: Option<ProgressBar>,
    /// When the work began, and when a line was written last.
    plain: Option<Mutex<(Instant, Instant)>>,
    what: String,
    unit: Unit,
    total: u64,
}

impl Progress {
    /// Shows how far the work is.
    pub fn at(&self, done: u64) {
        self.of(done, self.total);
    }

    /// The same where only the work itself finds out how much there is.
    pub fn of(&self, done: u64, total: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(total);
            bar.set_position(done);
            return;
        }
        let Some(plain) = &self.plain else { return };
        let Ok(mut times) = plain.lock() else { return };
        if times.1.elapsed() < PLAIN_PROGRESS_PAUSE {
            return;
        }
        times.1 = Instant::now();
        let seconds = times.0.elapsed().as_secs_f64();
        let left = total.saturating_sub(done) as f64 * seconds / done.max(1) as f64;
        let (done, total) = (self.unit.shown(done), self.unit.shown(total));
        let what = &self.what;
        eprintln!("{what}: {done} of {total} in {seconds:.0} s, {left:.0} s left");
    }

    /// Takes the bar away.
    pub fn done(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// A size as people read it.
#[must_use]
pub fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

/// A number with thousands apart.
#[must_use]
pub fn grouped(number: impl Into<i128>) -> String {
    let number = number.into();
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

/// A table that fits the terminal.
#[must_use]
pub fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    // What another program reads has one line a row, however long.
    if std::io::stdout().is_terminal() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    table.set_header(header.map(str::to_owned));
    for row in rows {
        table.add_row(row);
    }
    let numbers = |index: usize| {
        table.row_iter().all(|row| {
            let text = row
                .cell_iter()
                .nth(index)
                .map(|cell| cell.content())
                .unwrap_or_default();
            !text.is_empty()
                && text
                    .chars()
                    .all(|c| c.is_ascii_digit() || matches!(c, ',' | '.' | '-'))
        })
    };
    let right: Vec<_> = (0..N)
        .filter(|index| table.row_count() > 0 && numbers(*index))
        .collect();
    // Names come first, and a name that is cut can't be copied.
    if let Some(first) = table.column_mut(0) {
        first.set_constraint(ColumnConstraint::ContentWidth);
    }
    for index in right {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(comfy_table::CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_apart() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(77_628), "77,628");
        assert_eq!(grouped(-1_308_957), "-1,308,957");
    }
}
