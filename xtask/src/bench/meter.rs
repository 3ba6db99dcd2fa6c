//! What a command costs: wall time, CPU seconds of itself and of the server, memory, log of the server.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Serialize;
use wait4::Wait4;

use super::processes;
use super::server::Server;
use crate::workspace::show;

/// How often the costs of a running command are noted, to tell its parts apart afterwards.
const NOTE_EVERY: Duration = Duration::from_millis(50);

/// What one run of a command cost.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Sample {
    /// From its start to its end.
    pub wall_seconds: f64,
    /// User and system CPU of the command.
    pub client_cpu_seconds: f64,
    /// User and system CPU of all processes of the server meanwhile.
    pub server_cpu_seconds: f64,
    /// The most memory that the command had at once.
    pub peak_rss_bytes: u64,
    /// What the server wrote to its log of changes.
    pub wal_bytes: u64,
    /// Wall seconds of its phases, as the command tells them with `--json`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub phases: BTreeMap<String, f64>,
}

impl Sample {
    /// Both sides of the connection.
    pub fn cpu_seconds(&self) -> f64 {
        self.client_cpu_seconds + self.server_cpu_seconds
    }
}

/// What a command cost up to a moment of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Note {
    pub wall_seconds: f64,
    pub client_cpu_seconds: f64,
    pub server_cpu_seconds: f64,
}

/// A command that was run to its end.
pub struct Metered {
    pub sample: Sample,
    /// Its costs as they grew.
    pub notes: Vec<Note>,
    pub stdout: Vec<u8>,
}

/// Where a command's standard output goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// To us.
    Kept,
    /// Nowhere.
    Thrown,
}

/// Runs a command beside a server, and says what it cost both.
///
/// # Errors
/// Where it can't be started or fails; what it said on standard error is in the error.
pub fn run(server: &Server, command: &mut Command, output: Output) -> Result<Metered> {
    let shown = show(command);
    let log_before = server.log_position()?;
    let before = server.cpu_seconds()?;
    let stdout = match output {
        Output::Kept => Stdio::piped(),
        Output::Thrown => Stdio::null(),
    };
    let begun = Instant::now();
    let child = command
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{shown}`: is it installed and on the PATH?"))?;
    let (ended, stdout, stderr, notes) = follow(child, server, begun, before)?;
    let ended = ended.with_context(|| format!("cannot wait for `{shown}`"))?;
    let (usage, wall_seconds) = ended;
    if !usage.status.success() {
        bail!(
            "`{shown}` failed ({}):\n{}",
            usage.status,
            tail(&String::from_utf8_lossy(&stderr))
        );
    }
    let server_cpu_seconds = server.cpu_seconds()? - before;
    let sample = Sample {
        wall_seconds,
        client_cpu_seconds: (usage.rusage.utime + usage.rusage.stime).as_secs_f64(),
        server_cpu_seconds,
        peak_rss_bytes: usage.rusage.maxrss,
        wal_bytes: server.log_position()?.saturating_sub(log_before),
        phases: BTreeMap::new(),
    };
    Ok(Metered {
        sample,
        notes,
        stdout,
    })
}

type Followed = (
    std::io::Result<(wait4::ResUse, f64)>,
    Vec<u8>,
    Vec<u8>,
    Vec<Note>,
);

/// Waits for a child while others drain its pipes and note its costs.
fn follow(mut child: Child, server: &Server, begun: Instant, before: f64) -> Result<Followed> {
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let pid = child.id();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let out = scope.spawn(|| drained(out));
        let err = scope.spawn(|| drained(err));
        let noting = scope.spawn(|| {
            let mut notes = Vec::new();
            while !over.load(Ordering::Relaxed) {
                // Short commands are not disturbed.
                thread::sleep(NOTE_EVERY);
                notes.extend(note(pid, server, begun, before));
            }
            notes
        });
        let ended = child
            .wait4()
            .map(|usage| (usage, begun.elapsed().as_secs_f64()));
        over.store(true, Ordering::Relaxed);
        let joined = |result: thread::Result<_>| {
            result.map_err(|_| anyhow::anyhow!("a thread that follows a command panicked"))
        };
        let notes = noting
            .join()
            .map_err(|_| anyhow::anyhow!("the thread that notes costs panicked"))?;
        Ok((ended, joined(out.join())?, joined(err.join())?, notes))
    })
}

fn note(pid: u32, server: &Server, begun: Instant, before: f64) -> Option<Note> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let client = processes::parse(&stat)?;
    let server_now = server.cpu_seconds_now().ok()?;
    Some(Note {
        wall_seconds: begun.elapsed().as_secs_f64(),
        client_cpu_seconds: processes::seconds(client.own_ticks),
        server_cpu_seconds: server_now - before,
    })
}

fn drained(pipe: Option<impl std::io::Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        // What was read before a failure is what there is to show.
        let _ = pipe.read_to_end(&mut bytes);
    }
    bytes
}

/// The end of what a command said: progress before it is of no use in an error.
pub fn tail(text: &str) -> String {
    let lines: Vec<_> = text.trim_end().lines().collect();
    let from = lines.len().saturating_sub(12);
    lines.get(from..).unwrap_or_default().join("\n")
}

/// What of a command's cost was spent up to so many seconds before its end: between two notes that were taken
/// on the way, it grew evenly.
pub fn up_to(metered: &Metered, seconds_before_end: f64) -> Sample {
    let end = Note {
        wall_seconds: metered.sample.wall_seconds,
        client_cpu_seconds: metered.sample.client_cpu_seconds,
        server_cpu_seconds: metered.sample.server_cpu_seconds,
    };
    let until = end.wall_seconds - seconds_before_end;
    let (mut earlier, mut later) = (Note::default(), end);
    for note in &metered.notes {
        if note.wall_seconds <= until {
            earlier = *note;
        } else {
            later = *note;
            break;
        }
    }
    let span = (later.wall_seconds - earlier.wall_seconds).max(f64::EPSILON);
    let part = ((until - earlier.wall_seconds) / span).clamp(0.0, 1.0);
    let between = |from: f64, to: f64| from + (to - from) * part;
    Sample {
        wall_seconds: until,
        client_cpu_seconds: between(earlier.client_cpu_seconds, later.client_cpu_seconds),
        server_cpu_seconds: between(earlier.server_cpu_seconds, later.server_cpu_seconds),
        ..metered.sample.clone()
    }
}

/// Variables of ours that would make the commands do something else.
pub fn foreign_variables() -> Vec<OsString> {
    let is_foreign = |name: &OsString| {
        let name = name.to_string_lossy();
        ["CATWING_", "AWS_", "PG"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
            || name == "DATABASE_URL"
    };
    std::env::vars_os()
        .map(|(name, _)| name)
        .filter(is_foreign)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metered() -> Metered {
        let note = |wall_seconds: f64| Note {
            wall_seconds,
            client_cpu_seconds: wall_seconds / 10.0,
            server_cpu_seconds: wall_seconds / 2.0,
        };
        Metered {
            sample: Sample {
                wall_seconds: 10.0,
                client_cpu_seconds: 1.0,
                server_cpu_seconds: 5.0,
                ..Sample::default()
            },
            notes: [0.0, 2.0, 4.0, 6.0, 8.0].map(note).to_vec(),
            stdout: Vec::new(),
        }
    }

    #[test]
    fn the_part_before_a_phase_is_what_was_spent_when_it_began() {
        let close = |found: f64, expected: f64| (found - expected).abs() < 1e-9;
        let part = up_to(&metered(), 3.0);
        assert_eq!(part.wall_seconds, 7.0);
        assert!(close(part.client_cpu_seconds, 0.7), "{part:?}");
        assert!(close(part.server_cpu_seconds, 3.5), "{part:?}");
        let whole = up_to(&metered(), 0.0);
        assert_eq!(
            (whole.client_cpu_seconds, whole.server_cpu_seconds),
            (1.0, 5.0)
        );
        let mut unnoted = metered();
        unnoted.notes.clear();
        assert!(close(up_to(&unnoted, 5.0).server_cpu_seconds, 2.5));
    }

    #[test]
    fn errors_show_the_end_of_what_was_said() {
        let text: String = (1..=20).map(|number| format!("line {number}\n")).collect();
        assert!(tail(&text).starts_with("line 9\n"));
        assert!(tail(&text).ends_with("line 20"));
        assert_eq!(tail(""), "");
    }
}
