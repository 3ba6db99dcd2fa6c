//! The program that is measured, called as an operator calls it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::meter::{self, Metered, Output, foreign_variables};
use super::server::Server;

/// The variable that tenants' files name for the address of the simulated ERP.
pub const ERP_VARIABLE: &str = "CATWING_BENCH_ERP";

/// A `catwing` with the home that its archive lies in.
pub struct Program {
    path: PathBuf,
    /// Where it stands, so that no settings file of the caller's is read.
    folder: PathBuf,
    home: PathBuf,
    /// The most memory that each of its commands had.
    peaks: RefCell<BTreeMap<String, u64>>,
}

impl Program {
    /// A program whose home is in a folder.
    pub fn new(path: &Path, folder: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
            folder: folder.to_path_buf(),
            home: folder.join("home"),
            peaks: RefCell::default(),
        }
    }

    /// A call that answers with JSON and works on a database.
    pub fn command(&self, server: &Server, database: &str, arguments: &[&str]) -> Command {
        self.command_at(&self.home, server, database, arguments)
    }

    /// The same with another home.
    pub fn command_at(
        &self,
        home: &Path,
        server: &Server,
        database: &str,
        arguments: &[&str],
    ) -> Command {
        let mut command = Command::new(&self.path);
        command.current_dir(&self.folder);
        for name in foreign_variables() {
            if name != ERP_VARIABLE {
                command.env_remove(name);
            }
        }
        command
            .env("DATABASE_URL", server.url(database))
            .arg("--home")
            .arg(home)
            .args(["--json", "--quiet"])
            .args(arguments);
        command
    }

    /// Runs a call and says what it cost and what it answered.
    pub fn run(&self, server: &Server, database: &str, arguments: &[&str]) -> Result<Metered> {
        self.run_at(&self.home, server, database, arguments)
    }

    /// The same with another home.
    pub fn run_at(
        &self,
        home: &Path,
        server: &Server,
        database: &str,
        arguments: &[&str],
    ) -> Result<Metered> {
        let command = self.command_at(home, server, database, arguments);
        self.measure(server, command, arguments)
    }

    /// Runs a call of ours that was added to.
    pub fn measure(
        &self,
        server: &Server,
        mut command: Command,
        arguments: &[&str],
    ) -> Result<Metered> {
        let mut metered = meter::run(server, &mut command, Output::Kept)?;
        metered.sample.phases = phases(&answer(&metered.stdout)?);
        self.note_peak(arguments, metered.sample.peak_rss_bytes);
        Ok(metered)
    }

    /// Remembers the most memory of each command: its words before the first flag.
    pub fn note_peak(&self, arguments: &[&str], bytes: u64) {
        let mut peaks = self.peaks.borrow_mut();
        let peak = peaks.entry(words(arguments)).or_default();
        *peak = bytes.max(*peak);
    }

    /// Whether such a command was measured.
    pub fn has_peak(&self, arguments: &[&str]) -> bool {
        self.peaks.borrow().contains_key(&words(arguments))
    }

    /// The most memory that each command had at once, in bytes.
    pub fn peaks(&self) -> BTreeMap<String, u64> {
        self.peaks.borrow().clone()
    }

    /// The home of the archive.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The folder that commands stand in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// The words of a command before its flags.
fn words(arguments: &[&str]) -> String {
    let words: Vec<_> = arguments
        .iter()
        .take_while(|word| !word.starts_with('-'))
        .copied()
        .collect();
    words.join(" ")
}

/// The seconds of phases, wherever an answer has them: all numbers below fields `seconds`, those of parts
/// of one kind added up. A phase is named after its part where another part has one of that name.
fn phases(answer: &Value) -> BTreeMap<String, f64> {
    let mut found = BTreeMap::new();
    gather(answer, "", &mut found);
    let parts_with = |phase: &str| found.keys().filter(|(_, of)| of == phase).count();
    let name = |(part, phase): &(String, String)| match part.is_empty() || parts_with(phase) == 1 {
        true => phase.clone(),
        false => format!("{part} {phase}"),
    };
    found
        .iter()
        .map(|(key, seconds)| (name(key), *seconds))
        .collect()
}

/// By part and phase.
fn gather(value: &Value, part: &str, found: &mut BTreeMap<(String, String), f64>) {
    if let Value::Array(parts) = value {
        parts.iter().for_each(|one| gather(one, part, found));
    }
    let Value::Object(fields) = value else {
        return;
    };
    for (name, value) in fields {
        match value {
            Value::Object(seconds) if name == "seconds" => {
                for (phase, seconds) in seconds {
                    if let Some(seconds) = seconds.as_f64() {
                        *found.entry((part.to_owned(), phase.clone())).or_default() += seconds;
                    }
                }
            }
            Value::Object(_) | Value::Array(_) => gather(value, name, found),
            _ => {}
        }
    }
}

/// What a command answered; nothing is an answer too.
pub fn answer(stdout: &[u8]) -> Result<Value> {
    if stdout.trim_ascii().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(stdout).with_context(|| {
        format!(
            "catwing did not answer with JSON: {}",
            meter::tail(&String::from_utf8_lossy(stdout))
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_are_kept_by_command_without_its_flags() {
        let program = Program::new(Path::new("catwing"), Path::new("/"));
        program.note_peak(&["stats", "refresh", "--client", "CW-000200"], 7);
        program.note_peak(&["stats", "refresh"], 9);
        program.note_peak(&["status"], 3);
        program.note_peak(&["stats", "refresh"], 5);
        let peaks = program.peaks();
        assert_eq!(peaks.get("stats refresh"), Some(&9));
        assert_eq!(peaks.get("status"), Some(&3));
    }

    #[test]
    fn phases_are_found_in_an_answer() {
        let value = serde_json::json!({
            "seconds": { "read": 1.5, "of": null },
            "report": [
                { "seconds": { "merge": 2, "read": 1 }, "rows": 7 },
                { "seconds": { "merge": 3 } },
            ],
        });
        let expected = [("read", 1.5), ("report read", 1.0), ("merge", 5.0)];
        assert_eq!(
            phases(&value),
            expected.map(|(name, of)| (name.to_owned(), of)).into()
        );
        assert!(phases(&Value::Null).is_empty());
    }

    #[test]
    fn an_answer_that_is_no_json_is_shown() {
        assert_eq!(answer(b" \n").expect("nothing"), Value::Null);
        assert_eq!(answer(b"{\"a\": 1}").expect("JSON")["a"], 1);
        let error = answer(b"oops").expect_err("no JSON");
        assert!(error.to_string().contains("oops"), "{error}");
    }
}
