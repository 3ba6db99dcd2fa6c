//! What is counted of one column: empty cells, numbers, different values.

use std::{
    collections::HashSet,
    hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher},
};

use catwing_domain::Cell;

/// Different values of a column that are counted; more are told as so many.
pub const DISTINCT_MAX: usize = 1_000;

/// A set of keys that are hashes already.
pub(crate) type KeySet = HashSet<i64, BuildHasherDefault<KeyHasher>>;

/// Takes a key as it is: keys of rows are hashes, and the others are hashed before.
#[derive(Default)]
pub(crate) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_i64(i64::from(*byte));
        }
    }

    fn write_i64(&mut self, key: i64) {
        // An odd constant: small numbers spread over the bits that a table looks at.
        self.0 = (self.0 ^ key.cast_unsigned()).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// Numbers of a column, each once.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Numbers {
    /// How many.
    pub count: u64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// All together.
    pub sum: f64,
    /// The first: deviations are summed from it, so that great numbers that differ little lose nothing.
    first: f64,
    deviation: f64,
    squares: f64,
}

impl Numbers {
    fn add(&mut self, value: f64) {
        if self.count == 0 {
            (self.min, self.max, self.first) = (value, value, value);
        }
        let from_first = value - self.first;
        self.count += 1;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.sum += value;
        self.deviation += from_first;
        self.squares += from_first * from_first;
    }

    /// The average; none of no numbers.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.first + self.deviation / self.count as f64)
    }

    /// The standard deviation of all of them; none of no numbers.
    #[must_use]
    pub fn stddev(&self) -> Option<f64> {
        let count = self.count as f64;
        let mean = self.deviation / count;
        (self.count > 0).then(|| (self.squares / count - mean * mean).max(0.0).sqrt())
    }
}

/// One column of a delivery's rows.
#[derive(Default)]
pub struct ColumnProfile {
    /// Rows without a value.
    pub nulls: u64,
    /// Its numbers; of no other column.
    pub numbers: Numbers,
    distinct: KeySet,
}

impl ColumnProfile {
    /// Different values, at most [`DISTINCT_MAX`].
    #[must_use]
    pub fn distinct(&self) -> u64 {
        self.distinct.len() as u64
    }

    /// Counts a cell, and gives its number where it is one.
    pub(crate) fn add(&mut self, cell: Cell<'_>) -> Option<f64> {
        let number = number(cell);
        if let Some(number) = number {
            self.numbers.add(number);
        }
        if cell == Cell::Null {
            self.nulls += 1;
        } else if self.distinct.len() < DISTINCT_MAX {
            self.distinct.insert(hash(cell));
        }
        number
    }
}

/// The number in a cell; a key, a date and an instant are none.
fn number(cell: Cell<'_>) -> Option<f64> {
    // Units are integers of at most 63 bits: what a float loses of them no profile shows.
    let scaled = |units: i64, scale: f64| Some(units as f64 / scale);
    match cell {
        Cell::Money(value) => scaled(value.units(), 1e4),
        Cell::Quantity(value) => scaled(value.units(), 1e3),
        Cell::Rate(value) => scaled(value.units(), 1e6),
        Cell::Factor(value) => scaled(value.units(), 1e10),
        Cell::Real(value) => Some(value.number()),
        Cell::Int(value) => Some(value.into()),
        Cell::Small(value) => Some(value.into()),
        _ => None,
    }
}

fn hash(cell: Cell<'_>) -> i64 {
    match cell {
        Cell::Null => 0,
        Cell::Key(key) | Cell::Instant(key) => key,
        Cell::Text(text) => hash_of(text),
        Cell::Int(value) => value.into(),
        Cell::Small(value) => value.into(),
        Cell::Bool(value) => value.into(),
        Cell::Date(days) => days.into(),
        Cell::Money(value) => value.units(),
        Cell::Quantity(value) => value.units(),
        Cell::Rate(value) => value.units(),
        Cell::Factor(value) => value.units(),
        Cell::Real(value) => value.number().to_bits().cast_signed(),
    }
}

/// A hash of text, the same in one process.
pub(crate) fn hash_of(text: &str) -> i64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish().cast_signed()
}

#[cfg(test)]
mod tests {
    use catwing_domain::{Cell, Money};

    use super::{ColumnProfile, DISTINCT_MAX};

    #[test]
    fn a_column_is_counted() {
        let mut column = ColumnProfile::default();
        for units in [20_000, 40_000, 40_000, 60_000] {
            column.add(Cell::Money(Money::from_units(units)));
        }
        column.add(Cell::Null);
        let numbers = column.numbers;
        assert_eq!((column.nulls, column.distinct()), (1, 3));
        assert_eq!((numbers.min, numbers.max, numbers.sum), (2.0, 6.0, 16.0));
        assert_eq!(numbers.mean(), Some(4.0));
        assert!((numbers.stddev().unwrap() - 2.0_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn a_column_without_numbers_has_no_average() {
        let mut column = ColumnProfile::default();
        column.add(Cell::Text("red"));
        assert_eq!(column.numbers.mean(), None);
        assert_eq!(column.numbers.stddev(), None);
    }

    #[test]
    fn memory_does_not_grow_with_values() {
        let mut column = ColumnProfile::default();
        for value in 0..3 * DISTINCT_MAX {
            column.add(Cell::Key(i64::try_from(value).unwrap()));
        }
        assert_eq!(column.distinct(), DISTINCT_MAX as u64);
    }
}
