//! The days of a history and the times of day at which things happen.

use catwing_domain::BusinessDay;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde::{Serialize, Serializer};

/// The days of a history; each is known by its index.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Calendar {
    pub first: BusinessDay,
    pub days: u16,
}

impl Calendar {
    /// The date of the day with this index.
    pub(crate) fn date(self, day: u16) -> BusinessDay {
        BusinessDay::from_number(self.first.number().saturating_add(day))
    }

    /// A date this many days before the first.
    pub(crate) fn before(self, days: u16) -> BusinessDay {
        BusinessDay::from_number(self.first.number().saturating_sub(days))
    }

    /// The day so many days later, where the history has it.
    pub(crate) fn later(self, day: u16, days: u16) -> Option<u16> {
        day.checked_add(days).filter(|later| *later < self.days)
    }

    pub(crate) fn is_last(self, day: u16) -> bool {
        day.saturating_add(1) == self.days
    }

    /// A time of the day: hours grow with what happens later in it.
    pub(crate) fn at(self, rng: &mut ChaCha8Rng, day: u16, hour: u32) -> Moment {
        Moment {
            date: self.date(day),
            second: hour * 3_600 + rng.random_range(0..3_600),
        }
    }
}

/// Whether a date is a Saturday or Sunday: day 0, 1970-01-01, was a Thursday.
pub(crate) fn is_weekend(date: BusinessDay) -> bool {
    matches!((date.number() + 3) % 7, 5 | 6)
}

/// A second of a day, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    pub date: BusinessDay,
    pub second: u32,
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (hour, minute, second) = (self.second / 3_600, self.second / 60 % 60, self.second % 60);
        serializer.collect_str(&format_args!(
            "{}T{hour:02}:{minute:02}:{second:02}Z",
            self.date
        ))
    }
}
