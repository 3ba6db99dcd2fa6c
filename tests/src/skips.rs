//! Tests that find nothing to run on say so, since runners hide what a passing test prints.

use std::fs::OpenOptions;
use std::io::Write;
use std::thread;

use anyhow::{Context, Result};

/// Where the task runner collects `name<TAB>why`, one line a test.
const FILE_VARIABLE: &str = "CATWING_TEST_SKIPS";

/// Says that the calling test could not run, and why, on standard error and in the file that
/// `CATWING_TEST_SKIPS` names; the task runner then counts the test as skipped, not as passed.
/// The test returns right after, from the thread that the test runner gave it.
///
/// ```
/// # fn a_test() -> anyhow::Result<()> {
/// let Some(weed) = std::env::var_os("CATWING_WEED") else {
///     return catwing_tests::skip("CATWING_WEED names no SeaweedFS binary");
/// };
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// When the file can't be written: a skip that no one hears of must not pass.
pub fn skip(why: &str) -> Result<()> {
    let current = thread::current();
    let test = current.name().unwrap_or("a test without a name");
    eprintln!("skipped: {test}: {why}");
    let Some(path) = std::env::var_os(FILE_VARIABLE) else {
        return Ok(());
    };
    let line = format!("{test}\t{}\n", why.replace('\n', " "));
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(&path)
        // One write of one line: tests of several processes append at the same time.
        .and_then(|mut file| file.write_all(line.as_bytes()))
        .with_context(|| format!("cannot say in {} what was skipped", path.display()))
}
