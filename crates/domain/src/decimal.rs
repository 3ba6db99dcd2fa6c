//! Exact decimals at the scales that columns keep: an integer of the smallest unit.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

use crate::DomainError;

/// The whole units that are nearest to a value.
struct Nearest {
    units: i128,
    /// Whether they are the value itself.
    is_exact: bool,
}

/// The nearest units of `scale` places, halves away from zero; none where 128 bits don't hold them.
fn nearest(value: Decimal, scale: u32) -> Option<Nearest> {
    let (mantissa, places) = (value.mantissa(), value.scale());
    if places <= scale {
        return Some(Nearest {
            units: mantissa.checked_mul(10i128.pow(scale - places))?,
            is_exact: true,
        });
    }
    let one = 10i128.pow(places - scale);
    let (whole, rest) = (mantissa / one, mantissa % one);
    let away = if 2 * rest.abs() >= one {
        rest.signum()
    } else {
        0
    };
    Some(Nearest {
        units: whole + away,
        is_exact: rest == 0,
    })
}

macro_rules! fixed {
    ($(#[$doc:meta])* $name:ident, $scale:literal, $digits:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(i64);

        impl $name {
            /// Decimal places.
            pub const SCALE: u32 = $scale;
            /// Zero.
            pub const ZERO: Self = Self(0);
            const UNITS_MAX: i64 = {
                // As many digits as the column has, or as many as 63 bits hold.
                let column = 10i128.pow($digits) - 1;
                if column < 9_000_000_000_000_000_000 { column as i64 } else { 9_000_000_000_000_000_000 }
            };

            /// The value of this many smallest units.
            #[must_use]
            pub fn from_units(units: i64) -> Self {
                Self(units)
            }

            /// How many of the smallest unit.
            #[must_use]
            pub fn units(self) -> i64 {
                self.0
            }

            /// The value as a decimal.
            #[must_use]
            pub fn decimal(self) -> Decimal {
                Decimal::new(self.0, $scale)
            }

            /// Takes a value that the scale holds exactly.
            ///
            /// # Errors
            /// [`DomainError::Number`] with more decimal places or digits than there are.
            pub fn exact(value: Decimal) -> Result<Self, DomainError> {
                let nearest = nearest(value, $scale).filter(|nearest| nearest.is_exact);
                Self::fitting(nearest, value)
            }

            /// Takes the nearest value, halves away from zero.
            ///
            /// # Errors
            /// [`DomainError::Number`] with more digits than there are.
            pub fn rounded(value: Decimal) -> Result<Self, DomainError> {
                Self::fitting(nearest(value, $scale), value)
            }

            fn fitting(nearest: Option<Nearest>, value: Decimal) -> Result<Self, DomainError> {
                nearest
                    .and_then(|nearest| i64::try_from(nearest.units).ok())
                    .filter(|units| units.unsigned_abs() <= Self::UNITS_MAX as u64)
                    .map(Self)
                    .ok_or_else(|| Self::refused(value))
            }

            fn refused(value: Decimal) -> DomainError {
                DomainError::Number { value: value.to_string(), what: $what }
            }
        }

        impl Serialize for $name {
            /// As text, so that no reader takes it for a float.
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.decimal().fmt(f)
            }
        }
    };
}

fixed!(
    /// Money and line values: `numeric(19,4)`.
    Money, 4, 19, "money: at most four decimals and 14 digits before them"
);
fixed!(
    /// Quantities: `numeric(15,3)`.
    Quantity, 3, 15, "a quantity: at most three decimals and 12 digits before them"
);
fixed!(
    /// Rates such as a discount: `numeric(9,6)`.
    Rate, 6, 9, "a rate: at most six decimals and 3 digits before them"
);

fixed!(
    /// Rates of exchange: `numeric(20,10)`.
    Factor, 10, 20, "a rate of exchange: at most ten decimals and 8 digits before them"
);

/// A number whose last digits don't matter, such as a score: `double precision`. It is made of a
/// decimal, so that it is the same on every machine, and compared by its bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Real(u64);

impl Real {
    /// The nearest number to a decimal.
    #[must_use]
    pub fn nearest(value: Decimal) -> Self {
        // Text to float is exact to the last bit by definition; zero has one sign only.
        let number: f64 = value.to_string().parse().unwrap_or_default();
        Self((number + 0.0).to_bits())
    }

    /// The number.
    #[must_use]
    pub fn number(self) -> f64 {
        f64::from_bits(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Factor, Money, Quantity, Rate, Real};
    use rust_decimal::Decimal;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn exact_or_refused() {
        assert_eq!(Money::exact(decimal("2.55")).unwrap().units(), 25_500);
        assert_eq!(Money::exact(decimal("-0.00010000")).unwrap().units(), -1);
        assert!(Money::exact(decimal("0.00001")).is_err());
        assert_eq!(
            Quantity::exact(decimal("74215")).unwrap().to_string(),
            "74215.000"
        );
        assert!(Quantity::exact(decimal("1000000000000")).is_err());
        assert!(Rate::exact(decimal("1000")).is_err());
        assert!(Money::exact(decimal("79228162514264337593543950335")).is_err());
    }

    #[test]
    fn reals_are_the_nearest_and_zero_has_no_sign() {
        assert_eq!(Real::nearest(decimal("0.1")).number(), 0.1);
        assert_eq!(Real::nearest(decimal("-0.0")), Real::nearest(decimal("0")));
        assert_eq!(
            Factor::exact(decimal("0.0000343001")).unwrap().units(),
            343_001
        );
        assert!(Factor::exact(decimal("1000000000")).is_err());
    }

    #[test]
    fn halves_round_away_from_zero() {
        assert_eq!(Money::rounded(decimal("0.00005")).unwrap().units(), 1);
        assert_eq!(Money::rounded(decimal("-0.00005")).unwrap().units(), -1);
        assert_eq!(Money::rounded(decimal("0.00004999")).unwrap().units(), 0);
    }

    /// The decimal's own rounding says the same, of every sign, scale and size.
    #[test]
    fn units_are_those_of_the_decimal() {
        let mut mantissa = 1i128;
        let mut fitting = 0;
        for step in 0..400u32 {
            mantissa = mantissa * 7 % 79_228_162_514_264_337_593_543_950_336 + i128::from(step % 3);
            for scale in 0..=28 {
                for mantissa in [
                    mantissa,
                    -mantissa,
                    mantissa % 100_000,
                    5 * 10i128.pow(scale % 9),
                ] {
                    let value = Decimal::from_i128_with_scale(mantissa, scale);
                    let strategy = rust_decimal::RoundingStrategy::MidpointAwayFromZero;
                    let mut scaled = value.round_dp_with_strategy(Money::SCALE, strategy);
                    scaled.rescale(Money::SCALE);
                    let units = i64::try_from(scaled.mantissa()).ok();
                    let units =
                        units.filter(|units| units.unsigned_abs() <= 9_000_000_000_000_000_000);
                    let units = units.filter(|_| scaled.scale() == Money::SCALE);
                    assert_eq!(
                        Money::rounded(value).ok().map(Money::units),
                        units,
                        "{value}"
                    );
                    let exact = units.filter(|units| Decimal::new(*units, Money::SCALE) == value);
                    assert_eq!(Money::exact(value).ok().map(Money::units), exact, "{value}");
                    fitting += usize::from(units.is_some());
                }
            }
        }
        assert!(fitting > 10_000, "{fitting} fit");
    }
}
