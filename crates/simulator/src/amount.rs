//! Exact amounts, as decimal text in records.

use std::fmt;

use serde::{Serialize, Serializer};

/// Hundredths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cents(pub i64);

/// Millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Micros(pub i64);

impl Cents {
    /// This many hundredths of it, never less than one cent.
    pub(crate) fn percent(self, percent: i64) -> Self {
        Self((self.0 * percent / 100).max(1))
    }
}

impl Micros {
    /// Money in units of four decimals, times this rate, halves away from zero.
    pub(crate) fn convert(self, units: i64) -> i64 {
        let product = i128::from(units) * i128::from(self.0);
        let half = if product < 0 { -500_000 } else { 500_000 };
        i64::try_from((product + half) / 1_000_000).unwrap_or(i64::MAX)
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100);
        write!(f, "{sign}{whole}.{rest:02}")
    }
}

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 1_000_000, self.0 % 1_000_000);
        write!(f, "{whole}.{rest:06}")
    }
}

impl Serialize for Cents {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Micros {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::{Cents, Micros};

    #[test]
    fn amounts_are_plain_decimals() {
        assert_eq!(Cents(-5).to_string(), "-0.05");
        assert_eq!(Cents(1_999).to_string(), "19.99");
        assert_eq!(Micros(920_001).to_string(), "0.920001");
    }

    #[test]
    fn conversion_rounds_halves_away_from_zero() {
        assert_eq!(Micros(500_000).convert(3), 2);
        assert_eq!(Micros(500_000).convert(-3), -2);
        assert_eq!(Micros(920_000).convert(10_000), 9_200);
    }
}
