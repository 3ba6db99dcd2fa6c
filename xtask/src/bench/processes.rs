//! CPU of processes as Linux counts it in `/proc/PID/stat`.

use std::collections::BTreeMap;
use std::fs;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// Ticks of a second in `/proc`: `USER_HZ`, which is 100 on every Linux that Rust's standard library runs on
/// but Alpha's, whatever the kernel's own clock is.
const TICKS_PER_SECOND: f64 = 100.0;
/// How often a tree is looked at again that changed meanwhile.
const LOOKS_MAX: u32 = 200;

/// What `/proc/PID/stat` says of CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    pub parent: u32,
    /// User and system time.
    pub own_ticks: u64,
    /// That of children that ended and were waited for.
    pub reaped_ticks: u64,
}

/// Ticks as seconds.
pub fn seconds(ticks: u64) -> f64 {
    ticks as f64 / TICKS_PER_SECOND
}

/// Reads one line of `/proc/PID/stat`. The program's name is in brackets and may hold anything.
pub fn parse(line: &str) -> Option<Stat> {
    let (_, rest) = line.rsplit_once(')')?;
    let fields: Vec<_> = rest.split_ascii_whitespace().collect();
    let number = |field: usize| fields.get(field)?.parse::<u64>().ok();
    Some(Stat {
        parent: u32::try_from(number(1)?).ok()?,
        own_ticks: number(11)? + number(12)?,
        reaped_ticks: number(13)? + number(14)?,
    })
}

/// CPU seconds of a process, its living children and all of those that ended.
///
/// A child that ends between two readings would count twice or not at all, so that the tree is read until
/// it is the same before and after.
///
/// # Errors
/// Where the process is gone, or its tree does not come to rest.
pub fn tree_seconds(pid: u32) -> Result<f64> {
    for _ in 0..LOOKS_MAX {
        let before = settled(pid)?;
        let children = children(pid)?;
        let after = settled(pid)?;
        if before.reaped_ticks == after.reaped_ticks {
            let living: u64 = children.values().map(|stat| stat.own_ticks).sum();
            return Ok(seconds(after.own_ticks + after.reaped_ticks + living));
        }
        thread::sleep(Duration::from_millis(2));
    }
    bail!("the processes of PostgreSQL (pid {pid}) do not come to rest: is somebody else using it?")
}

/// How many children a process has.
pub fn count_children(pid: u32) -> Result<usize> {
    Ok(children(pid)?.len())
}

fn settled(pid: u32) -> Result<Stat> {
    let path = format!("/proc/{pid}/stat");
    let line = fs::read_to_string(&path)
        .with_context(|| format!("cannot read {path}: PostgreSQL is gone; see its log"))?;
    parse(&line).with_context(|| format!("{path} is not what Linux writes: {line}"))
}

fn children(pid: u32) -> Result<BTreeMap<u32, Stat>> {
    let entries = fs::read_dir("/proc").context("cannot list /proc: figures need Linux")?;
    let mut children = BTreeMap::new();
    for entry in entries {
        let name = entry?.file_name();
        let Some(number) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        // A process may end between the listing and the reading.
        let Ok(line) = fs::read_to_string(format!("/proc/{number}/stat")) else {
            continue;
        };
        if let Some(stat) = parse(&line).filter(|stat| stat.parent == pid) {
            children.insert(number, stat);
        }
    }
    Ok(children)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_blanks_hides_no_field() {
        let line =
            "4711 (odd) name) S 42 4711 4711 0 -1 4194560 100 200 0 0 7 5 30 20 20 0 1 0 99 1 2";
        assert_eq!(
            parse(line),
            Some(Stat {
                parent: 42,
                own_ticks: 12,
                reaped_ticks: 50
            })
        );
        assert_eq!(parse("4711 (short) S 42"), None);
        assert_eq!(parse(""), None);
    }

    #[test]
    fn our_own_tree_counts_children_that_ended() -> Result<()> {
        let pid = std::process::id();
        let before = tree_seconds(pid)?;
        let status = std::process::Command::new("sh")
            .args(["-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"])
            .status()?;
        assert!(status.success());
        assert!(tree_seconds(pid)? > before);
        Ok(())
    }
}
