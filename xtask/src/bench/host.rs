//! What was measured on and with: a figure without it says nothing.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, bail};
use serde::Serialize;

/// The machine.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    pub cores: usize,
    pub processor: String,
    pub memory_mib: u64,
    pub kernel: String,
}

/// What was built and run.
#[derive(Clone, Debug, Serialize)]
pub struct Versions {
    pub postgresql: String,
    pub rustc: String,
    /// The commit of the checkout, with `+` where files differ from it.
    pub commit: String,
    /// Whether the binary was given, and may be of another commit or profile.
    pub is_given: bool,
}

impl Machine {
    /// The machine that this runs on.
    pub fn here() -> Result<Self> {
        let read =
            |path: &str| fs::read_to_string(path).with_context(|| format!("cannot read {path}"));
        Ok(Self {
            cores: thread::available_parallelism()?.get(),
            processor: processor(&read("/proc/cpuinfo")?),
            memory_mib: memory_mib(&read("/proc/meminfo")?),
            kernel: read("/proc/sys/kernel/osrelease")?.trim().to_owned(),
        })
    }
}

impl Versions {
    /// Those of a checkout and of a server.
    pub fn of(root: &Path, postgresql: String, is_given: bool) -> Result<Self> {
        let commit =
            said(
                Command::new("git")
                    .current_dir(root)
                    .args(["rev-parse", "--short", "HEAD"]),
            )?;
        let changed = said(
            Command::new("git")
                .current_dir(root)
                .args(["status", "--porcelain"]),
        )?;
        let mark = if changed.is_empty() { "" } else { "+" };
        Ok(Self {
            postgresql,
            rustc: said(Command::new("rustc").current_dir(root).arg("--version"))?,
            commit: format!("{commit}{mark}"),
            is_given,
        })
    }
}

fn processor(cpuinfo: &str) -> String {
    let model = cpuinfo
        .lines()
        .find(|line| line.starts_with("model name"))
        .and_then(|line| line.split_once(':'));
    model.map_or_else(|| "unknown".to_owned(), |(_, name)| name.trim().to_owned())
}

fn memory_mib(meminfo: &str) -> u64 {
    let kib = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))
        .and_then(|rest| rest.split_ascii_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or_default() / 1_024
}

fn said(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("cannot start {program}: is it on the PATH?"))?;
    if !output.status.success() {
        bail!(
            "{program} failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_says_is_read() {
        let cpuinfo = "processor : 0\nmodel name\t: A CPU @ 2 GHz\nmodel name\t: B\n";
        assert_eq!(processor(cpuinfo), "A CPU @ 2 GHz");
        assert_eq!(processor(""), "unknown");
        assert_eq!(
            memory_mib("MemTotal:       24576000 kB\nMemFree: 1 kB\n"),
            24_000
        );
        assert_eq!(memory_mib(""), 0);
    }

    #[test]
    fn this_machine_has_a_core() -> Result<()> {
        let machine = Machine::here()?;
        assert!(machine.cores > 0 && machine.memory_mib > 0, "{machine:?}");
        Ok(())
    }
}
