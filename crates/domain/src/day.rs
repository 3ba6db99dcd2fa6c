//! Business days and the instant at which each ends in the tenant's own time zone.

use std::{fmt, str::FromStr};

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Time},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};

use crate::DomainError;

/// A tenant's calendar day. Days are numbered from 1970-01-01 in 16 bits, as raw positions pack them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BusinessDay(u16);

impl BusinessDay {
    /// The day with this number; 0 is 1970-01-01.
    #[must_use]
    pub fn from_number(number: u16) -> Self {
        Self(number)
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub fn number(self) -> u16 {
        self.0
    }

    /// The calendar date.
    #[must_use]
    pub fn date(self) -> Date {
        epoch().saturating_add(i64::from(self.0).days())
    }

    /// The day after; the last day that can be numbered is its own next.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl TryFrom<Date> for BusinessDay {
    type Error = DomainError;

    fn try_from(date: Date) -> Result<Self, Self::Error> {
        let days = (date - epoch()).get_days();
        u16::try_from(days)
            .map(Self)
            .map_err(|_| DomainError::Day(date.to_string()))
    }
}

impl FromStr for BusinessDay {
    type Err = DomainError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let date = parse_date(text).ok_or_else(|| DomainError::Day(text.to_owned()))?;
        Self::try_from(date)
    }
}

impl TryFrom<String> for BusinessDay {
    type Error = DomainError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<BusinessDay> for String {
    fn from(day: BusinessDay) -> Self {
        day.to_string()
    }
}

impl fmt::Display for BusinessDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date())
    }
}

/// The time zone in which a tenant's days begin and end. Its rules are compiled in: they belong to
/// the transform version and never to the machine.
#[derive(Clone, Debug)]
pub struct DayZone(TimeZone);

impl DayZone {
    /// The date and time of day that clocks there show.
    #[must_use]
    pub fn local(&self, at: Timestamp) -> (Date, Time) {
        let local = at.to_zoned(self.0.clone());
        (local.date(), local.time())
    }

    /// Looks an IANA name up in the built-in database.
    ///
    /// # Errors
    /// [`DomainError::TimeZone`] for a name that it does not have.
    pub fn named(name: &str) -> Result<Self, DomainError> {
        jiff::tz::TimeZoneDatabase::bundled()
            .get(name)
            .map(Self)
            .map_err(|_| DomainError::TimeZone(name.to_owned()))
    }

    /// The zone itself, to read local times in.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.0
    }

    /// The last microsecond of the day.
    #[must_use]
    pub fn end_of(&self, day: BusinessDay) -> Timestamp {
        let midnight = day.date().saturating_add(1.day()).at(0, 0, 0, 0);
        let end = self
            .0
            .to_ambiguous_zoned(midnight)
            .compatible()
            .map(|zoned| zoned.timestamp());
        end.and_then(|end| end.checked_sub(1.microsecond()))
            .unwrap_or(Timestamp::MAX)
    }

    /// The business day that an instant falls into.
    ///
    /// # Errors
    /// [`DomainError::Day`] before 1970 or after 2149.
    pub fn day_of(&self, at: Timestamp) -> Result<BusinessDay, DomainError> {
        BusinessDay::try_from(at.to_zoned(self.0.clone()).date())
    }
}

fn epoch() -> Date {
    Date::constant(1970, 1, 1)
}

/// Only `YYYY-MM-DD`: jiff's own parser takes more forms than a raw key may have.
fn parse_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(|(i, b)| {
            if i == 4 || i == 7 {
                *b == b'-'
            } else {
                b.is_ascii_digit()
            }
        });
    if !shaped {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{BusinessDay, DayZone};

    #[test]
    fn days_are_numbered_from_1970() {
        let day: BusinessDay = "2010-12-01".parse().unwrap();
        assert_eq!(day.number(), 14_944);
        assert_eq!(BusinessDay::from_number(14_944), day);
        assert_eq!(day.to_string(), "2010-12-01");
        for text in [
            "1969-12-31",
            "2149-06-07",
            "2010-13-01",
            "20101201",
            "2010-12-01T00:00",
            "2010-1-1",
            "",
        ] {
            assert!(text.parse::<BusinessDay>().is_err(), "{text:?} was taken");
        }
    }

    #[test]
    fn a_day_ends_when_its_own_zone_says() {
        let day = |text: &str| text.parse::<BusinessDay>().unwrap();
        let london = DayZone::named("Europe/London").unwrap();
        assert_eq!(
            london.end_of(day("2011-03-27")).to_string(),
            "2011-03-27T22:59:59.999999Z"
        );
        assert_eq!(
            london.end_of(day("2011-01-31")).to_string(),
            "2011-01-31T23:59:59.999999Z"
        );
        // Midnight does not exist on this day in Cairo: the next day begins at one.
        let cairo = DayZone::named("Africa/Cairo").unwrap();
        assert_eq!(
            cairo.end_of(day("2023-04-27")).to_string(),
            "2023-04-27T21:59:59.999999Z"
        );
        assert!(DayZone::named("Mars/Olympus").is_err());
    }
}
