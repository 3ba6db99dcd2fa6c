//! How long to wait before a request is sent again.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};

/// The wait before the second attempt, without jitter; it doubles each time.
pub const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest wait that we choose ourselves.
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// How often a wait doubles at the most.
const DOUBLINGS_MAX: u32 = 16;

/// Waits that grow, each between half of its length and all of it: clients that failed together do
/// not come back together. The same seed gives the same waits.
#[derive(Debug)]
pub(super) struct Waits {
    first: Duration,
    state: AtomicU64,
}

impl Waits {
    pub fn new(first: Duration, seed: u64) -> Self {
        Self {
            first,
            state: AtomicU64::new(seed),
        }
    }

    /// The wait after this attempt, from 1.
    pub fn after(&self, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(1).min(DOUBLINGS_MAX);
        let whole = self.first.saturating_mul(1 << doublings).min(PAUSE_MAX);
        whole.mul_f64(0.5 + self.next_part() / 2.0)
    }

    /// The next number from 0 to 1 of the sequence (SplitMix64).
    fn next_part(&self) -> f64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let state = self.state.fetch_add(STEP, Ordering::Relaxed);
        let mut mixed = state.wrapping_add(STEP);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        (mixed >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// What a `Retry-After` header asks for: seconds, or an instant, which the answer's own clock is held
/// against where it tells the time.
pub(super) fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = http_date(text)?;
    let wait = until.duration_since(now);
    Some(Duration::try_from(wait).unwrap_or(Duration::ZERO))
}

/// An instant as HTTP headers write it: `Tue, 24 Feb 2026 05:00:00 GMT`.
pub(super) fn http_date(text: &str) -> Option<Timestamp> {
    const PARSER: DateTimeParser = DateTimeParser::new();
    PARSER.parse_timestamp(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{FIRST_PAUSE, PAUSE_MAX, Waits, http_date, retry_after};

    #[test]
    fn waits_grow_up_to_a_limit_and_follow_from_the_seed() {
        let waits = |seed| {
            let waits = Waits::new(FIRST_PAUSE, seed);
            (1..=40)
                .map(|attempt| waits.after(attempt))
                .collect::<Vec<_>>()
        };
        let some = waits(7);
        assert_eq!(some, waits(7));
        assert_ne!(some, waits(8));
        for (wait, doublings) in some.iter().zip(0_u32..) {
            let whole = FIRST_PAUSE
                .saturating_mul(1 << doublings.min(16))
                .min(PAUSE_MAX);
            assert!(
                *wait >= whole / 2 && *wait <= whole,
                "{doublings}: {wait:?}"
            );
        }
        let parts: Vec<_> = some[10..].iter().map(|wait| wait.as_millis()).collect();
        assert!(parts.iter().max() > parts.iter().min(), "no jitter");
    }

    #[test]
    fn both_forms_of_retry_after_are_read() {
        let now = http_date("Tue, 24 Feb 2026 05:00:00 GMT").unwrap();
        assert_eq!(now.to_string(), "2026-02-24T05:00:00Z");
        let read = |text: &str| retry_after(text, now);
        assert_eq!(read(" 120 "), Some(Duration::from_secs(120)));
        assert_eq!(
            read("Tue, 24 Feb 2026 05:01:30 GMT"),
            Some(Duration::from_secs(90))
        );
        assert_eq!(read("Tue, 24 Feb 2026 04:00:00 GMT"), Some(Duration::ZERO));
        for unreadable in ["", "soon", "-5", "1.5", "99999999999999999999999"] {
            assert_eq!(read(unreadable), None, "{unreadable}");
        }
    }
}
