//! Counts of tests, read from the lines that the test runners close with.

use std::fmt;
use std::ops::AddAssign;

/// Tests by outcome.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Ran and held.
    pub passed: u64,
    /// Ran and did not, or never came to an end.
    pub failed: u64,
    /// Did not run, or said that they could not.
    pub skipped: u64,
}

impl Tally {
    /// What a line of a runner adds: nothing unless it is a closing line, which begins like this.
    /// nextest shows the output of failed tests, and their closing lines are none of its own.
    pub fn of_line(line: &str, closing: &str) -> Self {
        let line = line.trim_start();
        let mut tally = Self::default();
        if !line.starts_with(closing) {
            return tally;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        for pair in words.windows(2) {
            let (Ok(count), what) = (pair[0].parse::<u64>(), pair[1]) else {
                continue;
            };
            match what.trim_end_matches([',', ';', ':']) {
                "passed" => tally.passed += count,
                // nextest counts a test that hung or could not start apart from failed ones.
                "failed" | "timed" | "exec" => tally.failed += count,
                "skipped" | "ignored" => tally.skipped += count,
                _ => {}
            }
        }
        tally
    }

    /// Moves tests that passed only because they found nothing to run on.
    pub fn skip(&mut self, tests: u64) {
        let moved = tests.min(self.passed);
        self.passed -= moved;
        self.skipped += moved;
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(passed: u64, failed: u64, skipped: u64) -> Tally {
        Tally {
            passed,
            failed,
            skipped,
        }
    }

    #[test]
    fn closing_lines_of_both_runners_are_read() {
        for (line, expected) in [
            (
                "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; \
                 finished in 0.01s",
                tally(12, 0, 1),
            ),
            (
                "     Summary [   0.005s] 5 tests run: 5 passed (1 slow), 2 skipped",
                tally(5, 0, 2),
            ),
            (
                "     Summary [   9.1s] 9 tests run: 5 passed, 2 failed, 1 timed out, \
                 1 exec failed, 0 skipped",
                tally(5, 4, 0),
            ),
            ("running 12 tests", tally(0, 0, 0)),
            ("a log line: 7 passed", tally(0, 0, 0)),
        ] {
            let closing = if line.contains("Summary") {
                "Summary ["
            } else {
                "test result:"
            };
            assert_eq!(Tally::of_line(line, closing), expected, "{line}");
        }
        let shown_again = "    test result: FAILED. 0 passed; 1 failed; 0 ignored";
        assert_eq!(Tally::of_line(shown_again, "Summary ["), tally(0, 0, 0));
    }

    #[test]
    fn a_test_that_says_it_skipped_did_not_pass() {
        let mut total = tally(10, 0, 1);
        total.skip(3);
        assert_eq!(total, tally(7, 0, 4));
        assert_eq!(total.to_string(), "7 passed, 0 failed, 4 skipped");
    }
}
