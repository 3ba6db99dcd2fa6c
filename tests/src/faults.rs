//! Counts of what a test broke on purpose and what it compared afterwards, for `cargo xtask faults`.
//!
//! It needs nothing of this crate: tests of the command include this file as a module of their own.

use std::{fs::OpenOptions, io::Write, thread};

use anyhow::{Result, ensure};

/// Where `cargo xtask faults` collects one line of JSON a count.
const FILE_VARIABLE: &str = "CATWING_FAULTS_LOG";
/// How many random kills a test makes, where somebody asks for more than usual.
const SEEDS_VARIABLE: &str = "CATWING_FAULT_SEEDS";
/// The first of them, to run one again that failed.
const SEED_VARIABLE: &str = "CATWING_FAULT_SEED";

/// What a test has done to prove one row of the list of faults. It is written down when it is dropped,
/// at the end of the test, where somebody counts.
#[derive(Debug)]
pub struct Counted {
    fault: &'static str,
    kills: usize,
    faults: usize,
    digests: usize,
    differences: usize,
}

/// Begins to count for a fault of the list, `F1`. To be called in the test itself, whose name is that
/// of its thread.
///
/// ```
/// use catwing_tests::faults::fault;
///
/// # fn main() -> anyhow::Result<()> {
/// let mut counted = fault("F3").kills(1);
/// counted.compare("the digest", "the digest")?;
/// # Ok(())
/// # }
/// ```
pub fn fault(fault: &'static str) -> Counted {
    Counted {
        fault,
        kills: 0,
        faults: 0,
        digests: 0,
        differences: 0,
    }
}

/// The seeds of a test that makes so many random kills.
pub fn seeds(usual: u64) -> std::ops::Range<u64> {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let first = number(SEED_VARIABLE).unwrap_or(0);
    first..first + number(SEEDS_VARIABLE).unwrap_or(usual)
}

impl Counted {
    /// Processes or servers that were killed.
    pub fn kills(mut self, kills: usize) -> Self {
        self.kills += kills;
        self
    }

    /// Other faults that struck.
    pub fn faults(mut self, faults: usize) -> Self {
        self.faults += faults;
        self
    }

    /// Digests, or other contents as a whole, that were compared and equal.
    pub fn digests(mut self, digests: usize) -> Self {
        self.digests += digests;
        self
    }

    /// Compares two digests, and counts that.
    ///
    /// # Errors
    /// Where they differ.
    pub fn compare(&mut self, found: &str, expected: &str) -> Result<()> {
        self.digests += 1;
        self.differences += usize::from(found != expected);
        ensure!(found == expected, "another digest: {found}, not {expected}");
        Ok(())
    }

    fn line(&self, test: &str) -> String {
        let Self {
            fault,
            kills,
            faults,
            digests,
            differences,
        } = self;
        format!(
            "{{\"fault\":\"{fault}\",\"test\":\"{test}\",\"kills\":{kills},\"faults\":{faults},\
             \"digests\":{digests},\"differences\":{differences}}}\n"
        )
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let Some(path) = std::env::var_os(FILE_VARIABLE) else {
            return;
        };
        let current = thread::current();
        let line = self.line(current.name().unwrap_or("a test without a name"));
        // One write of one line: tests of several processes append at the same time.
        let file = OpenOptions::new().append(true).create(true).open(&path);
        if let Err(error) = file.and_then(|mut file| file.write_all(line.as_bytes())) {
            eprintln!(
                "cannot say in {} what was broken: {error}",
                path.to_string_lossy()
            );
        }
    }
}
